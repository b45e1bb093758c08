/* SPDX-License-Identifier: Apache-2.0 */
/* The leases of a rank: from rows that it was given to rows that are on disk. */
#ifndef NEURON_SCORE_RANK_WORK_H
#define NEURON_SCORE_RANK_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_message.h"
#include "score/output_set.h"
#include "score/row_rescue.h"
#include "score/row_source.h"
#include "score/scored_program.h"
#include "score/slowest_block.h"
#include "score/spare_parallels.h"

/* What a rank works with. All of it is borrowed, and outlives the work. */
struct neuron_rank_tools {
    const struct neuron_score_options *options;
    const struct neuron_scored_program *program;
    struct neuron_row_source *source;
    struct neuron_output_set *outputs;
    struct neuron_data_parallel *parallel;
    struct neuron_spare_parallels *spares;
    struct neuron_slowest_block *slowest; /* hears of each block; NULL for nobody */
    uint64_t block_rows;                  /* at a time */
};

/*
 * Leases go through it in the order in which they were given. A few blocks are under way at a time,
 * so that the cores have the next one while the results of one are written. One thread at a time.
 */
struct neuron_rank_work;

/* Makes one without leases, which the caller destroys. `breath` is copied; NULL for none. Returns
 * NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_work_create(const struct neuron_rank_tools *tools, const struct neuron_breath *breath,
                        struct neuron_rank_work **work, struct neuron_error *error);

/* Takes a lease. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_work_add(struct neuron_rank_work *work, const struct neuron_lease *lease,
                     struct neuron_error *error);

/* Gives a lease up that another rank has done; if it is not there, nothing happens. */
void
neuron_rank_work_drop(struct neuron_rank_work *work, uint64_t id);

/* How many leases still have rows that are not written. */
uint32_t
neuron_rank_work_open_count(const struct neuron_rank_work *work);

/* The rows of those, and how long a block took lately, in nanoseconds; 0 before the first. */
uint64_t
neuron_rank_work_open_rows(const struct neuron_rank_work *work);
uint64_t
neuron_rank_work_block_ns(const struct neuron_rank_work *work);

/* Begins blocks as long as there is room and rows. Returns what is no matter of rows. */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_work_fill(struct neuron_rank_work *work, struct neuron_error *error);

/* Says whether a block is under way, and whether the oldest is done. */
bool
neuron_rank_work_is_running(const struct neuron_rank_work *work);
bool
neuron_rank_work_is_ready(struct neuron_rank_work *work);

/* Waits for the oldest block, and writes its results. Returns what is no matter of rows. */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_work_finish(struct neuron_rank_work *work, struct neuron_error *error);

/*
 * Takes the oldest lease whose rows are all written, as a message of kind DONE but for its rank and
 * counters; false when there is none.
 *
 * message  destroyed by the caller.
 */
bool
neuron_rank_work_take_done(struct neuron_rank_work *work, struct neuron_lease_message *message);

/* Adds what it has come to: rows, run_ns, write_ns, read_bytes, written_bytes, warm_ns. */
void
neuron_rank_work_count(const struct neuron_rank_work *work, struct neuron_rank_counters *counters);

/* Gives all leases up; waits for what has begun. Destroys it. Accepts NULL. */
void
neuron_rank_work_destroy(struct neuron_rank_work *work);

#endif

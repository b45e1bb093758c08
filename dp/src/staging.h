/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of one program over the rows of a chunk: in place, or through buffers of its own. */
#ifndef NEURON_DP_STAGING_H
#define NEURON_DP_STAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "batch_plan.h"
#include "batch_split.h"
#include "chunk_program.h"
#include "neuron/status.h"

/*
 * A chunk is run in as many runs as it takes. A run reads and writes the tensors where they are, if
 * dimension 0 is cut, the run is full, and the program can. Otherwise it goes through buffers: the
 * rows are packed, the missing ones of a run that must be full filled up with the last of them, and
 * of the outputs the rows that count are unpacked. Inputs that all rows share go whole into each.
 *
 * The thread of the program's executor makes all of it, so that the memory is near its core, and
 * alone uses it: there are no locks.
 */
struct neuron_staging {
    struct neuron_chunk_program *program;
    uint32_t input_count;
    uint32_t tensor_count; /* inputs and outputs together */
    void **addresses;      /* of the run under way, inputs first */
    void **buffers;        /* of compiled size, made for the first run that needs them, or the
                              program's; NULL for an input that is shared and read in place */
    size_t *buffer_bytes;
    bool owns_buffers;
    /* The chunk under way. */
    const struct neuron_batch_plan *plan;
    struct neuron_row_range rest; /* rows that no run has taken */
    struct neuron_row_range run;  /* of the run under way */
    bool is_in_place;
    struct neuron_chunk_run order; /* what the program is given */
    uint64_t copied_bytes;         /* of tensors, by the chunk so far */
};

/*
 * Prepares the runs of a program.
 *
 * program       outlives the staging.
 * buffer_bytes  how large each tensor of a run is, inputs first; 0 for one that is never packed.
 *               Copied.
 *
 * Returns NEURON_OUT_OF_MEMORY; what was made is destroyed as if all were.
 * The executor's thread.
 */
enum neuron_status
neuron_staging_init(struct neuron_staging *staging, struct neuron_chunk_program *program,
                    const size_t *buffer_bytes, uint32_t input_count, uint32_t tensor_count,
                    struct neuron_error *error);

/* Makes the buffers, if there are none yet. Returns NEURON_OUT_OF_MEMORY. Executor's thread. */
enum neuron_status
neuron_staging_reserve(struct neuron_staging *staging, struct neuron_error *error);

/* Begins a chunk of at least one row. The executor's thread. */
void
neuron_staging_begin(struct neuron_staging *staging, const struct neuron_batch_plan *plan,
                     struct neuron_row_range rows, uint64_t deadline_ns);

/*
 * Prepares the next run of the chunk: `staging->order` is what the program is to be given. Returns
 * NEURON_OUT_OF_MEMORY where the first buffers cannot be had. There is a row left.
 */
enum neuron_status
neuron_staging_prepare(struct neuron_staging *staging, struct neuron_error *error);

/* Takes the outputs of a run that succeeded. */
void
neuron_staging_finish(struct neuron_staging *staging);

/* Frees what the staging has. Accepts a zeroed one. Any thread, once no chunk is under way. */
void
neuron_staging_clear(struct neuron_staging *staging);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a desk of the lease server holds, for those of its files that take messages and report. */
#ifndef NEURON_SCORE_LEASE_DESK_BODY_H
#define NEURON_SCORE_LEASE_DESK_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/lease_desk.h"
#include "score/rank_roll.h"

struct neuron_lease_desk {
    const struct neuron_lease_desk_plan *plan;
    struct neuron_lease_table *table;
    struct neuron_rank_roll roll;
    struct neuron_desk_books books;
    struct neuron_lease_desk_state state;
    uint64_t rows_before; /* done by earlier runs */
    uint64_t start_ns;    /* the first look; CLOCK_MONOTONIC */
    bool wants_disk;      /* the journal has records that must be on disk */
    bool wants_kernel;
    struct neuron_lease_answer *answers;
    size_t answer_count;
    size_t answer_limit;
    size_t handed_count; /* of the answers, that were handed over and go with the next call */
    int64_t first_lease_ns;
    int64_t first_done_ns;
    int64_t tail_ns;
    int64_t last_done_ns;
    uint64_t lost_leases;
    uint64_t copies;
    uint64_t audits;
    uint64_t audit_differences;
};

#endif

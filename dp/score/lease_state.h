/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a lease table, for its own sources. */
#ifndef NEURON_SCORE_LEASE_STATE_H
#define NEURON_SCORE_LEASE_STATE_H

#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_audit.h"
#include "score/lease_book.h"
#include "score/lease_pool.h"
#include "score/lease_table.h"

/*
 * Every row is in one of four states: in the pool, in a lease, in two leases of different ranks
 * (twins), or done. A lease whose rows its twin has done is needless, and has no rows any more.
 */
struct neuron_lease_table {
    struct neuron_lease_rules rules;
    struct neuron_lease_pool pool;
    struct neuron_lease_book book;
    struct neuron_audit_queue audits;
    uint64_t running_audits;
    uint64_t done_rows;
    uint32_t live_count;     /* ranks that have joined */
    uint32_t measured_count; /* of them */
    double rate_sum;         /* of those */
};

/* Returns NEURON_INVALID_ARGUMENT for a rank that the job does not have. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_table_check_rank(const struct neuron_lease_table *table, uint32_t rank,
                              struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows a lease gets. */
#ifndef NEURON_SCORE_LEASE_SIZE_H
#define NEURON_SCORE_LEASE_SIZE_H

#include <stdint.h>

#include "score/lease_table.h"

/* Who asks, and what is left. */
struct neuron_lease_need {
    uint64_t free_rows;  /* that are left for all */
    double share;        /* what the rank does of the work of all: 0 to 1 */
    double rows_per_ns;  /* as measured; 0 for a rank that was not */
    uint64_t round_rows; /* that keep its cores busy once; at least 1 */
};

/*
 * Says how many rows the rank gets: whole rounds, one for a rank that was not measured, and never
 * more than most_rows. Guided, it is a part of the rank's share of what is left, so that leases
 * shrink toward the end; static, as many as take most_ns. Where a round is above most_rows, it is
 * most_rows. May be more than are left.
 */
uint64_t
neuron_lease_size(const struct neuron_lease_rules *rules, const struct neuron_lease_need *need);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A cluster that scores rows in a simulated time, and asks a lease table what to do. */
#ifndef NEURON_TESTS_LEASE_CLUSTER_H
#define NEURON_TESTS_LEASE_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "score/lease_table.h"

enum { LEASE_CLUSTER_RANKS = 64, LEASE_CLUSTER_PREFETCH = 2 };

/* What goes wrong: chances in a million, at each step of a rank but rank 0. */
struct lease_cluster_trouble {
    uint32_t death;   /* it comes back later, or never */
    uint32_t silence; /* it counts as lost, and says later that it is done */
    uint32_t leaving;
};

struct lease_cluster_plan {
    struct neuron_lease_rules rules;
    double rows_per_ns[LEASE_CLUSTER_RANKS];
    uint32_t slow_rank; /* goes on at a fifth of its speed after slow_ns; UINT32_MAX for none */
    uint64_t slow_ns;
    uint64_t round_rows;
    bool refuses_copies; /* nobody asks once all rows are leased */
    struct lease_cluster_trouble trouble;
    uint64_t seed;
};

/* What came of it. */
struct lease_cluster_result {
    uint64_t end_ns;
    uint32_t lease_count;
    uint32_t copy_count;
    uint32_t audit_count;
    uint32_t suspect_count;
    uint32_t late_count; /* leases that were lost before they were done */
    uint32_t idle_ranks; /* that joined and never had a lease */
};

/*
 * Runs until the table is complete. Fails the test when a row is not done exactly once, a lease is
 * larger than it may be, or it takes too many steps.
 */
void
lease_cluster_run(const struct lease_cluster_plan *plan, struct lease_cluster_result *result);

#endif

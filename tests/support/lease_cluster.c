/* SPDX-License-Identifier: Apache-2.0 */
#include "lease_cluster.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "random_numbers.h"

enum { STEP_LIMIT = 20000000, IDLE_NS = 1000000, AWAY_NS = 30000000 };

struct member {
    bool is_away;   /* dead, silent or left, until next_ns */
    bool is_silent; /* and thinks that it has its leases */
    bool had_lease;
    uint64_t next_ns;
    uint64_t begin_ns; /* of the work on the first lease */
    uint32_t held;
    struct neuron_lease leases[LEASE_CLUSTER_PREFETCH];
};

struct cluster {
    const struct lease_cluster_plan *plan;
    struct lease_cluster_result *result;
    struct neuron_lease_table *table;
    struct member members[LEASE_CLUSTER_RANKS];
    unsigned char *done;
    uint64_t leased_rows; /* not counting copies */
    uint64_t now_ns;
    uint64_t random;
};

static bool
happens(struct cluster *cluster, uint32_t ppm)
{
    return ppm > 0 && random_below(&cluster->random, 1000000) < ppm;
}

/* When the first lease of a rank will be done. */
static uint64_t
work_end(const struct cluster *cluster, uint32_t rank)
{
    const struct member *member = &cluster->members[rank];
    double rate = cluster->plan->rows_per_ns[rank];

    if (rank == cluster->plan->slow_rank && member->begin_ns >= cluster->plan->slow_ns) {
        rate /= 5.0;
    }
    return member->begin_ns + 1 + (uint64_t)((double)member->leases[0].rows.count / rate);
}

static void
drop_lease(struct cluster *cluster, uint32_t rank, uint32_t at)
{
    struct member *member = &cluster->members[rank];

    member->held -= 1;
    memmove(member->leases + at, member->leases + at + 1,
            (member->held - at) * sizeof(*member->leases));
    if (at == 0) {
        member->begin_ns = cluster->now_ns;
        member->next_ns = member->held > 0 ? work_end(cluster, rank) : cluster->now_ns;
    }
}

static void
mark_done(struct cluster *cluster, struct neuron_row_range rows)
{
    for (uint64_t row = rows.first; row < rows.first + rows.count; row += 1) {
        assert_int_equal(cluster->done[row], 0);
        cluster->done[row] = 1;
    }
}

/* Has a rank drop what another one has done. */
static void
drop_needless(struct cluster *cluster, uint32_t rank)
{
    struct neuron_lease needless = {0};

    if (!neuron_lease_table_find_needless(cluster->table, rank, &needless)) {
        return;
    }
    for (uint32_t i = 0; i < cluster->members[rank].held; i += 1) {
        if (cluster->members[rank].leases[i].id == needless.id) {
            drop_lease(cluster, rank, i);
        }
    }
}

/* Says that the first lease is done; others that have the same rows drop them. */
static void
finish_lease(struct cluster *cluster, uint32_t rank)
{
    struct member *member = &cluster->members[rank];
    struct neuron_lease lease = {0};
    bool counts = false;
    const struct neuron_lease_end end = {.id = member->leases[0].id,
                                         .busy_ns = cluster->now_ns - member->begin_ns};

    assert_ok(neuron_lease_table_end(cluster->table, &end, cluster->now_ns, &counts, &lease, NULL),
              NULL);
    assert_true(!counts || lease.kind != NEURON_LEASE_AUDIT);
    if (counts) {
        mark_done(cluster, lease.rows);
    }
    cluster->result->late_count += lease.id == 0 ? 1 : 0;
    drop_lease(cluster, rank, 0);
    for (uint32_t i = 0; lease.is_copy && i < cluster->plan->rules.rank_count; i += 1) {
        drop_needless(cluster, i);
    }
}

static void
count_lease(struct cluster *cluster, const struct neuron_lease *lease)
{
    struct lease_cluster_result *result = cluster->result;
    bool is_audit = lease->kind == NEURON_LEASE_AUDIT;

    assert_true(lease->rows.count > 0 && lease->rows.count <= cluster->plan->rules.most_rows);
    assert_true(lease->rows.first + lease->rows.count <= cluster->plan->rules.rows);
    result->lease_count += 1;
    result->copy_count += lease->is_copy ? 1 : 0;
    result->audit_count += is_audit ? 1 : 0;
    result->suspect_count += lease->kind == NEURON_LEASE_SUSPECT ? 1 : 0;
    cluster->leased_rows += lease->is_copy || is_audit ? 0 : lease->rows.count;
}

static void
ask(struct cluster *cluster, uint32_t rank)
{
    struct member *member = &cluster->members[rank];
    uint32_t before = member->held;

    while (member->held < LEASE_CLUSTER_PREFETCH &&
           !(cluster->plan->refuses_copies && cluster->leased_rows == cluster->plan->rules.rows)) {
        struct neuron_lease lease = {0};

        assert_ok(neuron_lease_table_give(cluster->table, rank, cluster->now_ns, &lease, NULL),
                  NULL);
        if (lease.id == 0) {
            break;
        }
        count_lease(cluster, &lease);
        member->leases[member->held] = lease;
        member->held += 1;
        member->had_lease = true;
    }
    if (before == 0) {
        member->begin_ns = cluster->now_ns;
    }
    member->next_ns = member->held > 0 ? work_end(cluster, rank) : cluster->now_ns + IDLE_NS;
}

static void
join(struct cluster *cluster, uint32_t rank)
{
    struct member *member = &cluster->members[rank];

    while (member->is_silent && member->held > 0) {
        finish_lease(cluster, rank);
    }
    member->is_away = false;
    member->is_silent = false;
    assert_ok(neuron_lease_table_join(cluster->table, rank, cluster->plan->round_rows,
                                      cluster->now_ns, NULL),
              NULL);
    ask(cluster, rank);
}

/* Whether the rank goes away at this step; rank 0 stays, so that the job has an end. */
static bool
goes_away(struct cluster *cluster, uint32_t rank)
{
    const struct lease_cluster_trouble *trouble = &cluster->plan->trouble;
    struct member *member = &cluster->members[rank];
    bool is_leaving = rank > 0 && happens(cluster, trouble->leaving);
    bool is_silent = rank > 0 && happens(cluster, trouble->silence);

    if (!is_leaving && !is_silent && !(rank > 0 && happens(cluster, trouble->death))) {
        return false;
    }
    assert_ok(neuron_lease_table_lose(cluster->table, rank,
                                      is_leaving ? NEURON_RANK_LEFT : NEURON_RANK_DIED,
                                      cluster->now_ns, NULL),
              NULL);
    member->is_away = true;
    member->is_silent = is_silent;
    member->held = is_silent ? member->held : 0;
    member->next_ns = random_below(&cluster->random, 4) == 0
                          ? UINT64_MAX
                          : cluster->now_ns + random_below(&cluster->random, AWAY_NS);
    return true;
}

static void
step(struct cluster *cluster, uint32_t rank)
{
    struct member *member = &cluster->members[rank];

    if (member->is_away) {
        join(cluster, rank);
        return;
    }
    if (goes_away(cluster, rank)) {
        return;
    }
    if (member->held > 0) {
        finish_lease(cluster, rank);
    }
    ask(cluster, rank);
}

static uint32_t
next_rank(const struct cluster *cluster)
{
    uint32_t next = 0;

    for (uint32_t i = 1; i < cluster->plan->rules.rank_count; i += 1) {
        next = cluster->members[i].next_ns < cluster->members[next].next_ns ? i : next;
    }
    return next;
}

void
lease_cluster_run(const struct lease_cluster_plan *plan, struct lease_cluster_result *result)
{
    static struct cluster cluster;

    memset(result, 0, sizeof(*result));
    cluster = (struct cluster){.plan = plan, .result = result, .random = plan->seed};
    cluster.done = calloc(plan->rules.rows + 1, 1);
    assert_non_null(cluster.done);
    assert_ok(neuron_lease_table_create(&plan->rules, &cluster.table, NULL), NULL);
    for (uint32_t i = 0; i < plan->rules.rank_count; i += 1) {
        cluster.members[i].is_away = true;
    }
    for (uint32_t steps = 0; !neuron_lease_table_is_complete(cluster.table); steps += 1) {
        uint32_t rank = next_rank(&cluster);

        assert_true(steps < STEP_LIMIT);
        cluster.now_ns = cluster.members[rank].next_ns;
        step(&cluster, rank);
    }
    assert_int_equal(neuron_lease_table_done_rows(cluster.table), plan->rules.rows);
    for (uint64_t row = 0; row < plan->rules.rows; row += 1) {
        assert_int_equal(cluster.done[row], 1);
    }
    for (uint32_t i = 0; i < plan->rules.rank_count; i += 1) {
        result->idle_ranks += cluster.members[i].had_lease ? 0 : 1;
    }
    result->end_ns = cluster.now_ns;
    neuron_lease_table_destroy(cluster.table);
    free(cluster.done);
}

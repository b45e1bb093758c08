/* SPDX-License-Identifier: Apache-2.0 */
/* Whole jobs in a simulated time. */
#include "check.h"

#include <stdio.h>

#include "lease_cluster.h"
#include "random_numbers.h"

enum { ROW_NS = 1000 };
static const uint64_t millisecond = 1000000;

static struct lease_cluster_plan
make_plan(uint32_t rank_count, uint64_t rows)
{
    struct lease_cluster_plan plan = {.rules = {.rows = rows,
                                                .rank_count = rank_count,
                                                .most_rows = 100000,
                                                .least_ns = 10 * millisecond,
                                                .most_ns = 500 * millisecond},
                                      .slow_rank = UINT32_MAX,
                                      .round_rows = 16,
                                      .seed = 1};

    for (uint32_t i = 0; i < LEASE_CLUSTER_RANKS; i += 1) {
        plan.rows_per_ns[i] = 1.0 / ROW_NS;
    }
    return plan;
}

static void
check_makespan(uint32_t rank_count, uint64_t rows)
{
    struct lease_cluster_plan plan = make_plan(rank_count, rows);
    struct lease_cluster_result result;
    double ideal_ns = (double)rows * ROW_NS / rank_count;

    lease_cluster_run(&plan, &result);
    if ((double)result.end_ns > 1.05 * ideal_ns + (double)plan.rules.least_ns) {
        print_message("%u ranks, %llu rows\n", rank_count, (unsigned long long)rows);
        assert_int_equal(result.end_ns, (uint64_t)ideal_ns);
    }
}

static void
ranks_of_one_speed_end_close_to_the_ideal(void **state)
{
    static const uint32_t rank_counts[] = {1, 2, 3, 8, 16, 64};

    (void)state;
    for (size_t i = 0; i < sizeof(rank_counts) / sizeof(rank_counts[0]); i += 1) {
        for (uint64_t rows = 20000; rows <= 2000000; rows *= 10) {
            check_makespan(rank_counts[i], rows);
        }
    }
}

static void
speeds_that_differ_are_evened_out(void **state)
{
    struct lease_cluster_plan plan = make_plan(8, 2000000);
    struct lease_cluster_result result;
    double rate = 0.0;

    (void)state;
    for (uint32_t i = 0; i < 8; i += 1) {
        plan.rows_per_ns[i] *= 1.0 / (1.0 + i);
        rate += plan.rows_per_ns[i];
    }
    lease_cluster_run(&plan, &result);
    assert_true((double)result.end_ns <=
                1.05 * (double)plan.rules.rows / rate + (double)plan.rules.least_ns);
}

static void
copies_end_the_tail_of_a_slow_rank_sooner(void **state)
{
    struct lease_cluster_plan plan = make_plan(4, 400000);
    struct lease_cluster_result with;
    struct lease_cluster_result without;

    (void)state;
    plan.slow_rank = 3;
    plan.slow_ns = 40 * millisecond;
    lease_cluster_run(&plan, &with);
    plan.refuses_copies = true;
    lease_cluster_run(&plan, &without);
    assert_true(with.copy_count > 0);
    assert_int_equal(without.copy_count, 0);
    assert_true(with.end_ns < without.end_ns);
}

static void
the_static_schedule_waits_for_the_slowest_rank(void **state)
{
    struct lease_cluster_plan plan = make_plan(4, 400000);
    struct lease_cluster_result result;

    (void)state;
    plan.rules.schedule = NEURON_SCHEDULE_STATIC;
    plan.slow_rank = 3;
    lease_cluster_run(&plan, &result);
    assert_int_equal(result.copy_count, 0);
    assert_true(result.end_ns > 450 * millisecond);
}

static void
audits_are_run_to_the_end(void **state)
{
    struct lease_cluster_plan plan = make_plan(3, 500000);
    struct lease_cluster_result result;

    (void)state;
    plan.rules.audit_ppm = 1000000;
    plan.rules.audit_rows = 100;
    lease_cluster_run(&plan, &result);
    uint32_t audited = result.lease_count - result.copy_count - result.audit_count;
    assert_true(result.audit_count >= audited);
    plan.rules.audit_ppm = 200000;
    plan.rules.most_ns = 10 * millisecond;
    plan.rules.schedule = NEURON_SCHEDULE_STATIC;
    lease_cluster_run(&plan, &result);
    assert_true(result.audit_count > 1 && result.audit_count < result.lease_count / 2);
}

/* A job of random size, speeds and troubles. */
static struct lease_cluster_plan
random_plan(uint64_t *seed, enum neuron_score_schedule schedule)
{
    uint32_t rank_count = 1 + random_below(seed, LEASE_CLUSTER_RANKS);
    struct lease_cluster_plan plan = make_plan(rank_count, 1 + random_below(seed, 60000));

    plan.rules.schedule = schedule;
    plan.rules.most_rows = 1 + random_below(seed, 4000);
    plan.rules.least_ns = random_below(seed, 10000000);
    plan.rules.most_ns = random_below(seed, 500000000);
    plan.rules.audit_ppm = random_below(seed, 2) * random_below(seed, 1000000);
    plan.rules.audit_rows = random_below(seed, 100);
    plan.rules.seed = *seed;
    plan.round_rows = 1 + random_below(seed, 64);
    plan.trouble.death = random_below(seed, 2) * random_below(seed, 200000);
    plan.trouble.silence = random_below(seed, 2) * random_below(seed, 200000);
    plan.trouble.leaving = random_below(seed, 2) * random_below(seed, 100000);
    plan.seed = *seed;
    for (uint32_t i = 0; i < rank_count; i += 1) {
        plan.rows_per_ns[i] *= 0.05 + (double)random_below(seed, 100) / 50.0;
    }
    return plan;
}

static void
every_row_is_done_once_whatever_happens(void **state)
{
    uint64_t seed = 20;
    struct lease_cluster_result all = {0};

    (void)state;
    for (uint32_t i = 0; i < 400; i += 1) {
        struct lease_cluster_result result;
        struct lease_cluster_plan plan =
            random_plan(&seed, i % 3 == 0 ? NEURON_SCHEDULE_STATIC : NEURON_SCHEDULE_GUIDED);

        lease_cluster_run(&plan, &result);
        all.copy_count += result.copy_count;
        all.audit_count += result.audit_count;
        all.suspect_count += result.suspect_count;
        all.late_count += result.late_count;
    }
    assert_true(all.copy_count > 100);
    assert_true(all.audit_count > 100);
    assert_true(all.suspect_count > 100);
    assert_true(all.late_count > 100);
}

static void
nobody_starves(void **state)
{
    struct lease_cluster_plan plan = make_plan(LEASE_CLUSTER_RANKS, 200000);
    struct lease_cluster_result result;

    (void)state;
    for (uint32_t i = 0; i < 2; i += 1) {
        plan.rules.schedule = i == 0 ? NEURON_SCHEDULE_GUIDED : NEURON_SCHEDULE_STATIC;
        lease_cluster_run(&plan, &result);
        assert_int_equal(result.idle_ranks, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_of_one_speed_end_close_to_the_ideal),
        cmocka_unit_test(speeds_that_differ_are_evened_out),
        cmocka_unit_test(copies_end_the_tail_of_a_slow_rank_sooner),
        cmocka_unit_test(the_static_schedule_waits_for_the_slowest_rank),
        cmocka_unit_test(audits_are_run_to_the_end),
        cmocka_unit_test(every_row_is_done_once_whatever_happens),
        cmocka_unit_test(nobody_starves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

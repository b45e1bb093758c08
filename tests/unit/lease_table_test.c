/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions one by one; lease_cluster_test runs whole jobs. */
#include "check.h"

#include <stdbool.h>

#include "score/lease_table.h"

static struct neuron_lease_table *
make_table(uint64_t rows, uint32_t rank_count, enum neuron_score_schedule schedule)
{
    const struct neuron_lease_rules rules = {.rows = rows,
                                             .rank_count = rank_count,
                                             .schedule = schedule,
                                             .most_rows = 100,
                                             .least_ns = 10,
                                             .most_ns = 1000};
    struct neuron_lease_table *table = NULL;

    assert_ok(neuron_lease_table_create(&rules, &table, NULL), NULL);
    for (uint32_t i = 0; i < rank_count; i += 1) {
        assert_ok(neuron_lease_table_join(table, i, 10, 0, NULL), NULL);
    }
    return table;
}

static struct neuron_lease
give(struct neuron_lease_table *table, uint32_t rank, uint64_t now_ns)
{
    struct neuron_lease lease = {0};

    assert_ok(neuron_lease_table_give(table, rank, now_ns, &lease, NULL), NULL);
    return lease;
}

static bool
end_lease(struct neuron_lease_table *table, uint64_t id, uint64_t busy_ns, uint64_t now_ns)
{
    const struct neuron_lease_end end = {.id = id, .busy_ns = busy_ns, .nc = 5};
    bool counts = false;

    assert_ok(neuron_lease_table_end(table, &end, now_ns, &counts, NULL, NULL), NULL);
    return counts;
}

static void
lose(struct neuron_lease_table *table, uint32_t rank, enum neuron_rank_loss loss)
{
    assert_ok(neuron_lease_table_lose(table, rank, loss, 0, NULL), NULL);
}

static void
assert_lease(struct neuron_lease lease, enum neuron_lease_kind kind, uint64_t first, uint64_t count)
{
    assert_true(lease.id != 0);
    assert_int_equal(lease.kind, kind);
    assert_int_equal(lease.rows.first, first);
    assert_int_equal(lease.rows.count, count);
}

static void
leases_grow_once_a_rank_was_measured(void **state)
{
    struct neuron_lease_table *table = make_table(1000, 2, NEURON_SCHEDULE_GUIDED);
    struct neuron_lease first = give(table, 0, 0);

    (void)state;
    assert_lease(first, NEURON_LEASE_NORMAL, 0, 10);
    assert_lease(give(table, 1, 0), NEURON_LEASE_NORMAL, 10, 10);
    assert_true(end_lease(table, first.id, 100, 100));
    assert_lease(give(table, 0, 100), NEURON_LEASE_NORMAL, 20, 100);
    assert_int_equal(neuron_lease_table_done_rows(table), 10);
    assert_false(neuron_lease_table_is_complete(table));
    neuron_lease_table_destroy(table);
    neuron_lease_table_destroy(NULL);
}

static void
a_rank_that_has_not_joined_gets_nothing(void **state)
{
    struct neuron_lease_table *table = make_table(1000, 2, NEURON_SCHEDULE_GUIDED);
    struct neuron_lease lease = {0};
    struct neuron_error error = {0};

    (void)state;
    lose(table, 1, NEURON_RANK_LEFT);
    assert_int_equal(give(table, 1, 0).id, 0);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_lease_table_give(table, 2, 0, &lease, &error),
                  &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_lease_table_join(table, 2, 1, 0, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_lease_table_lose(table, 2, NEURON_RANK_DIED, 0, &error), &error);
    assert_false(neuron_lease_table_find_needless(table, 2, &lease));
    assert_contains(error.text, "rank 2 is none of the job's 2");
    neuron_lease_table_destroy(table);
}

static void
a_lease_that_was_lost_is_given_again_and_does_not_count(void **state)
{
    struct neuron_lease_table *table = make_table(1000, 2, NEURON_SCHEDULE_GUIDED);
    struct neuron_lease lost = give(table, 0, 0);
    struct neuron_lease found = {0};

    (void)state;
    assert_true(neuron_lease_table_find(table, lost.id, &found));
    lose(table, 0, NEURON_RANK_DIED);
    assert_false(neuron_lease_table_find(table, lost.id, &found));
    struct neuron_lease again = give(table, 1, 0);
    assert_lease(again, NEURON_LEASE_NORMAL, 0, 10);
    assert_true(again.id != lost.id);
    assert_false(end_lease(table, lost.id, 1, 1));
    assert_true(end_lease(table, again.id, 1, 1));
    assert_false(end_lease(table, again.id, 1, 1));
    assert_false(end_lease(table, 0, 1, 1));
    assert_false(end_lease(table, UINT64_MAX, 1, 1));
    assert_int_equal(neuron_lease_table_done_rows(table), 10);
    neuron_lease_table_destroy(table);
}

static void
rows_that_were_lost_twice_are_suspect_and_alone(void **state)
{
    struct neuron_lease_table *table = make_table(1000, 2, NEURON_SCHEDULE_GUIDED);

    (void)state;
    assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 0, 10);
    lose(table, 0, NEURON_RANK_DIED);
    assert_lease(give(table, 1, 0), NEURON_LEASE_NORMAL, 0, 10);
    assert_ok(neuron_lease_table_join(table, 0, 20, 0, NULL), NULL);
    lose(table, 1, NEURON_RANK_DIED);
    assert_lease(give(table, 0, 0), NEURON_LEASE_SUSPECT, 0, 10);
    assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 10, 20);
    lose(table, 0, NEURON_RANK_LEFT);
    assert_ok(neuron_lease_table_join(table, 1, 20, 0, NULL), NULL);
    assert_lease(give(table, 1, 0), NEURON_LEASE_SUSPECT, 0, 10);
    neuron_lease_table_destroy(table);
}

static void
a_rank_that_joins_again_has_lost_its_leases(void **state)
{
    struct neuron_lease_table *table = make_table(1000, 1, NEURON_SCHEDULE_GUIDED);

    (void)state;
    for (uint32_t i = 0; i < 2; i += 1) {
        assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 0, 10);
        assert_ok(neuron_lease_table_join(table, 0, 10, 0, NULL), NULL);
    }
    assert_lease(give(table, 0, 0), NEURON_LEASE_SUSPECT, 0, 10);
    neuron_lease_table_destroy(table);
}

static void
leases_of_a_rank_that_left_are_not_held_against_them(void **state)
{
    struct neuron_lease_table *table = make_table(1000, 1, NEURON_SCHEDULE_GUIDED);

    (void)state;
    for (uint32_t i = 0; i < 5; i += 1) {
        assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 0, 10);
        lose(table, 0, NEURON_RANK_LEFT);
        assert_ok(neuron_lease_table_join(table, 0, 10, 0, NULL), NULL);
    }
    neuron_lease_table_destroy(table);
}

static void
an_earlier_job_is_gone_on_with(void **state)
{
    struct neuron_lease_table *table = make_table(60, 1, NEURON_SCHEDULE_GUIDED);

    (void)state;
    assert_ok(neuron_lease_table_set_lost(table, (struct neuron_row_range){30, 10}, 3, NULL), NULL);
    assert_ok(neuron_lease_table_set_lost(table, (struct neuron_row_range){40, 10}, 2, NULL), NULL);
    assert_ok(neuron_lease_table_set_lost(table, (struct neuron_row_range){50, 5}, 1, NULL), NULL);
    assert_ok(neuron_lease_table_set_lost(table, (struct neuron_row_range){55, 5}, 0, NULL), NULL);
    assert_ok(neuron_lease_table_set_done(table, (struct neuron_row_range){0, 34}, NULL), NULL);
    assert_ok(neuron_lease_table_set_done(table, (struct neuron_row_range){36, 2}, NULL), NULL);
    assert_ok(neuron_lease_table_set_done(table, (struct neuron_row_range){36, 2}, NULL), NULL);
    assert_int_equal(neuron_lease_table_done_rows(table), 36);
    assert_lease(give(table, 0, 0), NEURON_LEASE_SUSPECT, 38, 2);
    assert_lease(give(table, 0, 0), NEURON_LEASE_SUSPECT, 34, 2);
    assert_lease(give(table, 0, 0), NEURON_LEASE_SUSPECT, 40, 10);
    assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 50, 10);
    lose(table, 0, NEURON_RANK_DIED);
    assert_ok(neuron_lease_table_join(table, 0, 10, 0, NULL), NULL);
    for (uint32_t i = 0; i < 4; i += 1) {
        assert_int_equal(give(table, 0, 0).kind, NEURON_LEASE_SUSPECT);
    }
    assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 55, 5);
    neuron_lease_table_destroy(table);
}

/* Rank 1 has the last rows and stands still; rank 0 has done all others at 1 row a nanosecond. */
static struct neuron_lease_table *
make_tail(struct neuron_lease *slow)
{
    struct neuron_lease_table *table = make_table(20, 2, NEURON_SCHEDULE_GUIDED);

    struct neuron_lease quick = give(table, 0, 0);
    *slow = give(table, 1, 0);
    assert_true(end_lease(table, quick.id, 10, 10));
    return table;
}

static void
a_lease_that_is_late_is_copied_and_the_first_end_counts(void **state)
{
    struct neuron_lease slow = {0};
    struct neuron_lease needless = {0};
    struct neuron_lease_table *table = make_tail(&slow);

    (void)state;
    assert_int_equal(give(table, 0, 15).id, 0);
    struct neuron_lease copy = give(table, 0, 100);
    assert_lease(copy, NEURON_LEASE_NORMAL, 10, 10);
    assert_true(copy.is_copy);
    assert_int_equal(give(table, 0, 1000).id, 0);
    assert_false(neuron_lease_table_find_needless(table, 1, &needless));
    assert_true(end_lease(table, copy.id, 10, 110));
    assert_true(neuron_lease_table_is_complete(table));
    assert_true(neuron_lease_table_find_needless(table, 1, &needless));
    assert_true(needless.id == slow.id);
    assert_false(neuron_lease_table_find_needless(table, 1, &needless));
    assert_false(end_lease(table, slow.id, 10, 120));
    assert_int_equal(neuron_lease_table_done_rows(table), 20);
    neuron_lease_table_destroy(table);
}

static void
a_copy_that_comes_second_does_not_count(void **state)
{
    struct neuron_lease slow = {0};
    struct neuron_lease_table *table = make_tail(&slow);
    struct neuron_lease copy = give(table, 0, 100);

    (void)state;
    assert_true(end_lease(table, slow.id, 105, 105));
    assert_false(end_lease(table, copy.id, 10, 110));
    assert_int_equal(neuron_lease_table_done_rows(table), 20);
    neuron_lease_table_destroy(table);
}

static void
rows_of_a_copy_are_free_when_both_ranks_are_lost(void **state)
{
    struct neuron_lease slow = {0};
    struct neuron_lease_table *table = make_tail(&slow);

    (void)state;
    assert_true(give(table, 0, 100).is_copy);
    lose(table, 1, NEURON_RANK_DIED);
    assert_ok(neuron_lease_table_join(table, 1, 10, 0, NULL), NULL);
    assert_int_equal(give(table, 1, 100).id, 0);
    lose(table, 0, NEURON_RANK_DIED);
    assert_lease(give(table, 1, 100), NEURON_LEASE_SUSPECT, 10, 10);
    neuron_lease_table_destroy(table);
}

static void
a_static_part_is_for_its_rank_until_that_is_lost(void **state)
{
    struct neuron_lease_table *table = make_table(60, 3, NEURON_SCHEDULE_STATIC);

    (void)state;
    assert_lease(give(table, 1, 0), NEURON_LEASE_NORMAL, 20, 10);
    assert_lease(give(table, 1, 0), NEURON_LEASE_NORMAL, 30, 10);
    assert_int_equal(give(table, 1, 0).id, 0);
    lose(table, 2, NEURON_RANK_DIED);
    assert_lease(give(table, 1, 0), NEURON_LEASE_NORMAL, 40, 10);
    assert_ok(neuron_lease_table_join(table, 2, 10, 0, NULL), NULL);
    assert_int_equal(give(table, 1, 0).id, 0);
    assert_lease(give(table, 2, 0), NEURON_LEASE_NORMAL, 50, 10);
    assert_lease(give(table, 0, 0), NEURON_LEASE_NORMAL, 0, 10);
    neuron_lease_table_destroy(table);
}

static struct neuron_lease_table *
make_audited(uint32_t rank_count)
{
    const struct neuron_lease_rules rules = {.rows = 10,
                                             .rank_count = rank_count,
                                             .most_rows = 10,
                                             .audit_ppm = 1000000,
                                             .audit_rows = 3};
    struct neuron_lease_table *table = NULL;

    assert_ok(neuron_lease_table_create(&rules, &table, NULL), NULL);
    for (uint32_t i = 0; i < rank_count; i += 1) {
        assert_ok(neuron_lease_table_join(table, i, 10, 0, NULL), NULL);
    }
    assert_true(end_lease(table, give(table, 0, 0).id, 10, 10));
    assert_int_equal(neuron_lease_table_done_rows(table), 10);
    assert_false(neuron_lease_table_is_complete(table));
    return table;
}

static void
an_audit_waits_for_another_rank(void **state)
{
    struct neuron_lease_table *table = make_audited(2);

    (void)state;
    assert_int_equal(give(table, 0, 10).id, 0);
    struct neuron_lease audit = give(table, 1, 10);
    assert_lease(audit, NEURON_LEASE_AUDIT, 0, 3);
    assert_int_equal(audit.avoid_nc, UINT32_MAX);
    assert_false(neuron_lease_table_is_complete(table));
    assert_false(end_lease(table, audit.id, 10, 20));
    assert_true(neuron_lease_table_is_complete(table));
    neuron_lease_table_destroy(table);
}

static void
a_rank_alone_audits_itself_on_another_core(void **state)
{
    struct neuron_lease_table *table = make_audited(1);
    struct neuron_lease audit = give(table, 0, 10);

    (void)state;
    assert_lease(audit, NEURON_LEASE_AUDIT, 0, 3);
    assert_int_equal(audit.avoid_nc, 5);
    neuron_lease_table_destroy(table);
}

static void
an_audit_that_loses_two_ranks_is_given_up(void **state)
{
    struct neuron_lease_table *table = make_audited(2);

    (void)state;
    for (uint32_t i = 0; i < 2; i += 1) {
        assert_lease(give(table, 1, 10), NEURON_LEASE_AUDIT, 0, 3);
        assert_false(neuron_lease_table_is_complete(table));
        assert_ok(neuron_lease_table_join(table, 1, 10, 0, NULL), NULL);
    }
    assert_true(neuron_lease_table_is_complete(table));
    neuron_lease_table_destroy(table);
}

static void
a_job_without_rows_is_complete(void **state)
{
    struct neuron_lease_table *table = make_table(0, 2, NEURON_SCHEDULE_STATIC);

    (void)state;
    assert_true(neuron_lease_table_is_complete(table));
    assert_int_equal(give(table, 0, 0).id, 0);
    neuron_lease_table_destroy(table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leases_grow_once_a_rank_was_measured),
        cmocka_unit_test(a_rank_that_has_not_joined_gets_nothing),
        cmocka_unit_test(a_lease_that_was_lost_is_given_again_and_does_not_count),
        cmocka_unit_test(rows_that_were_lost_twice_are_suspect_and_alone),
        cmocka_unit_test(a_rank_that_joins_again_has_lost_its_leases),
        cmocka_unit_test(leases_of_a_rank_that_left_are_not_held_against_them),
        cmocka_unit_test(an_earlier_job_is_gone_on_with),
        cmocka_unit_test(a_lease_that_is_late_is_copied_and_the_first_end_counts),
        cmocka_unit_test(a_copy_that_comes_second_does_not_count),
        cmocka_unit_test(rows_of_a_copy_are_free_when_both_ranks_are_lost),
        cmocka_unit_test(a_static_part_is_for_its_rank_until_that_is_lost),
        cmocka_unit_test(an_audit_waits_for_another_rank),
        cmocka_unit_test(a_rank_alone_audits_itself_on_another_core),
        cmocka_unit_test(an_audit_that_loses_two_ranks_is_given_up),
        cmocka_unit_test(a_job_without_rows_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

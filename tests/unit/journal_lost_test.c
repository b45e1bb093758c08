/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "random_numbers.h"
#include "score/journal_lost.h"

static struct neuron_lease_line
lease(uint64_t first, uint64_t count)
{
    return (struct neuron_lease_line){.rows = {.first = first, .count = count}};
}

static struct neuron_lease_line
back(uint64_t first, uint64_t count)
{
    struct neuron_lease_line line = lease(first, count);

    line.is_given_back = true;
    return line;
}

/* What is expected of one range. */
struct expected {
    uint64_t first;
    uint64_t count;
    uint32_t times;
};

static void
check_lost(const struct neuron_lease_line *leases, size_t lease_count,
           const struct neuron_row_set *done, const struct expected *expected, size_t count)
{
    struct neuron_lost_rows lost = {0};

    assert_ok(neuron_lost_rows_find(leases, lease_count, done, &lost, NULL), NULL);
    assert_int_equal(lost.count, count);
    for (size_t i = 0; i < count; i += 1) {
        assert_int_equal(lost.ranges[i].first, expected[i].first);
        assert_int_equal(lost.ranges[i].count, expected[i].count);
        assert_int_equal(lost.counts[i], expected[i].times);
    }
    neuron_lost_rows_destroy(&lost);
}

static void
nothing_is_lost_without_leases(void **state)
{
    const struct neuron_row_set done = {0};

    (void)state;
    check_lost(NULL, 0, &done, NULL, 0);
}

static void
leases_side_by_side_stay_apart(void **state)
{
    const struct neuron_row_set done = {0};
    const struct neuron_lease_line leases[] = {lease(10, 10), lease(0, 10)};

    (void)state;
    check_lost(leases, 2, &done, (struct expected[]){{0, 10, 1}, {10, 10, 1}}, 2);
}

static void
the_same_rows_again_count_once_more(void **state)
{
    const struct neuron_row_set done = {0};
    const struct neuron_lease_line leases[] = {lease(0, 100), lease(0, 50), lease(0, 50)};

    (void)state;
    check_lost(leases, 3, &done, (struct expected[]){{0, 50, 3}, {50, 50, 1}}, 2);
}

static void
rows_that_are_done_are_left_out(void **state)
{
    struct neuron_row_set done = {0};
    const struct neuron_lease_line leases[] = {lease(0, 100), lease(200, 10), lease(0, 40)};

    (void)state;
    assert_ok(neuron_row_set_add(&done, (struct neuron_row_range){20, 20}, NULL, NULL), NULL);
    assert_ok(neuron_row_set_add(&done, (struct neuron_row_range){200, 10}, NULL, NULL), NULL);
    check_lost(leases, 3, &done, (struct expected[]){{0, 20, 2}, {40, 60, 1}}, 2);
    neuron_row_set_destroy(&done);
}

static void
a_lease_that_was_given_back_does_not_count(void **state)
{
    const struct neuron_row_set done = {0};
    const struct neuron_lease_line leases[] = {lease(0, 10),  back(0, 10),  lease(10, 10),
                                               lease(10, 10), back(10, 10), back(50, 10)};

    (void)state;
    check_lost(leases, 6, &done, (struct expected[]){{10, 10, 1}}, 1);
}

enum { FIELD_ROWS = 40, FIELD_LEASES = 6 };

/* Makes a lease of random rows, and counts it at each of them. */
static struct neuron_lease_line
random_lease(uint64_t *seed, uint32_t *counts)
{
    uint64_t first = random_below(seed, FIELD_ROWS);
    uint64_t count = 1 + random_below(seed, (uint32_t)(FIELD_ROWS - first));

    for (uint64_t row = first; row < first + count; row += 1) {
        counts[row] += 1;
    }
    return lease(first, count);
}

/* Fails unless exactly the rows with a count are lost, as often; clears the counts. */
static void
check_counts(const struct neuron_lost_rows *lost, uint32_t *counts)
{
    for (size_t i = 0; i < lost->count; i += 1) {
        for (uint64_t row = 0; row < lost->ranges[i].count; row += 1) {
            assert_int_equal(counts[lost->ranges[i].first + row], lost->counts[i]);
            counts[lost->ranges[i].first + row] = 0;
        }
    }
    for (size_t row = 0; row < FIELD_ROWS; row += 1) {
        assert_int_equal(counts[row], 0);
    }
}

static void
random_leases_agree_with_a_count_for_each_row(void **state)
{
    uint64_t seed = 3;
    uint32_t counts[FIELD_ROWS] = {0};

    (void)state;
    for (uint32_t i = 0; i < 2000; i += 1) {
        struct neuron_lease_line leases[FIELD_LEASES];
        struct neuron_row_set done = {0};
        struct neuron_lost_rows lost = {0};

        for (size_t j = 0; j < FIELD_LEASES; j += 1) {
            leases[j] = random_lease(&seed, counts);
        }
        for (size_t j = 0; j < 10; j += 1) {
            struct neuron_row_range row = {.first = random_below(&seed, FIELD_ROWS), .count = 1};
            assert_ok(neuron_row_set_add(&done, row, NULL, NULL), NULL);
            counts[row.first] = 0;
        }
        assert_ok(neuron_lost_rows_find(leases, FIELD_LEASES, &done, &lost, NULL), NULL);
        check_counts(&lost, counts);
        neuron_lost_rows_destroy(&lost);
        neuron_row_set_destroy(&done);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_without_leases),
        cmocka_unit_test(leases_side_by_side_stay_apart),
        cmocka_unit_test(the_same_rows_again_count_once_more),
        cmocka_unit_test(rows_that_are_done_are_left_out),
        cmocka_unit_test(a_lease_that_was_given_back_does_not_count),
        cmocka_unit_test(random_leases_agree_with_a_count_for_each_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "random_numbers.h"
#include "score/row_set.h"

static struct neuron_row_range
range(uint64_t first, uint64_t count)
{
    return (struct neuron_row_range){.first = first, .count = count};
}

static void
assert_range(struct neuron_row_range found, uint64_t first, uint64_t count)
{
    assert_int_equal(found.first, first);
    assert_int_equal(found.count, count);
}

static void
adjacent_rows_are_one_range(void **state)
{
    struct neuron_row_set set = {0};
    uint64_t added = 0;

    (void)state;
    assert_ok(neuron_row_set_add(&set, range(10, 5), &added, NULL), NULL);
    assert_int_equal(added, 5);
    assert_ok(neuron_row_set_add(&set, range(20, 5), NULL, NULL), NULL);
    assert_int_equal(set.range_count, 2);
    assert_ok(neuron_row_set_add(&set, range(15, 5), &added, NULL), NULL);
    assert_int_equal(set.range_count, 1);
    assert_range(set.ranges[0], 10, 15);
    neuron_row_set_destroy(&set);
}

static void
rows_that_are_there_are_not_added_again(void **state)
{
    struct neuron_row_set set = {0};
    uint64_t added = 7;

    (void)state;
    assert_ok(neuron_row_set_add(&set, range(10, 5), NULL, NULL), NULL);
    assert_ok(neuron_row_set_add(&set, range(11, 2), &added, NULL), NULL);
    assert_int_equal(added, 0);
    assert_ok(neuron_row_set_add(&set, range(12, 10), &added, NULL), NULL);
    assert_int_equal(added, 7);
    assert_int_equal(set.row_count, 12);
    neuron_row_set_destroy(&set);
}

static void
no_rows_change_nothing(void **state)
{
    struct neuron_row_set set = {0};
    struct neuron_row_range found = {0};
    uint64_t added = 7;

    (void)state;
    assert_ok(neuron_row_set_add(&set, range(10, 0), &added, NULL), NULL);
    assert_int_equal(added, 0);
    assert_ok(neuron_row_set_remove(&set, range(0, 100), NULL), NULL);
    assert_int_equal(set.range_count, 0);
    assert_int_equal(neuron_row_set_count_in(&set, range(0, UINT64_MAX)), 0);
    assert_false(neuron_row_set_next(&set, 0, &found));
    assert_false(neuron_row_set_next_gap(&set, 5, 5, &found));
    assert_true(neuron_row_set_next_gap(&set, 4, 5, &found));
    assert_range(found, 4, 1);
    neuron_row_set_destroy(&set);
    neuron_row_set_destroy(&set);
}

static void
rows_taken_from_the_middle_leave_two_ranges(void **state)
{
    struct neuron_row_set set = {0};

    (void)state;
    assert_ok(neuron_row_set_add(&set, range(0, 100), NULL, NULL), NULL);
    assert_ok(neuron_row_set_remove(&set, range(40, 20), NULL), NULL);
    assert_int_equal(set.range_count, 2);
    assert_range(set.ranges[0], 0, 40);
    assert_range(set.ranges[1], 60, 40);
    assert_int_equal(set.row_count, 80);
    assert_ok(neuron_row_set_remove(&set, range(0, 100), NULL), NULL);
    assert_int_equal(set.row_count, 0);
    neuron_row_set_destroy(&set);
}

static void
the_end_of_all_numbers_is_no_trap(void **state)
{
    struct neuron_row_set set = {0};
    struct neuron_row_range found = {0};

    (void)state;
    assert_ok(neuron_row_set_add(&set, range(UINT64_MAX - 2, 100), NULL, NULL), NULL);
    assert_range(set.ranges[0], UINT64_MAX - 2, 2);
    assert_int_equal(neuron_row_set_count_in(&set, range(UINT64_MAX - 1, UINT64_MAX)), 1);
    assert_true(neuron_row_set_next_gap(&set, 5, UINT64_MAX, &found));
    assert_range(found, 5, UINT64_MAX - 7);
    assert_ok(neuron_row_set_remove(&set, range(UINT64_MAX - 1, UINT64_MAX), NULL), NULL);
    assert_range(set.ranges[0], UINT64_MAX - 2, 1);
    neuron_row_set_destroy(&set);
}

static void
ranges_and_gaps_are_found_from_a_row_on(void **state)
{
    struct neuron_row_set set = {0};
    struct neuron_row_range found = {0};

    (void)state;
    assert_ok(neuron_row_set_add(&set, range(10, 5), NULL, NULL), NULL);
    assert_ok(neuron_row_set_add(&set, range(20, 5), NULL, NULL), NULL);
    assert_true(neuron_row_set_next(&set, 12, &found));
    assert_range(found, 12, 3);
    assert_true(neuron_row_set_next(&set, 15, &found));
    assert_range(found, 20, 5);
    assert_false(neuron_row_set_next(&set, 25, &found));
    assert_true(neuron_row_set_next_gap(&set, 10, 30, &found));
    assert_range(found, 15, 5);
    assert_true(neuron_row_set_next_gap(&set, 24, 30, &found));
    assert_range(found, 25, 5);
    assert_false(neuron_row_set_next_gap(&set, 20, 25, &found));
    neuron_row_set_destroy(&set);
}

enum { FIELD_ROWS = 64 };

/* Compares a set with one flag a row. */
static void
check_against_field(const struct neuron_row_set *set, const unsigned char *field, uint64_t from,
                    uint64_t count)
{
    uint64_t all = 0;
    uint64_t inside = 0;
    struct neuron_row_range found = {0};

    for (uint64_t row = 0; row < FIELD_ROWS; row += 1) {
        all += field[row];
        inside += row >= from && row - from < count ? field[row] : 0;
        bool is_in = neuron_row_set_next(set, row, &found) && found.first == row;
        bool is_out = neuron_row_set_next_gap(set, row, FIELD_ROWS, &found) && found.first == row;
        assert_int_equal(is_in, field[row] == 1);
        assert_int_equal(is_out, field[row] == 0);
    }
    assert_int_equal(set->row_count, all);
    assert_int_equal(neuron_row_set_count_in(set, range(from, count)), inside);
    for (size_t i = 1; i < set->range_count; i += 1) {
        assert_true(set->ranges[i - 1].first + set->ranges[i - 1].count < set->ranges[i].first);
    }
}

static void
random_changes_agree_with_a_flag_for_each_row(void **state)
{
    struct neuron_row_set set = {0};
    unsigned char field[FIELD_ROWS] = {0};
    uint64_t seed = 11;

    (void)state;
    for (uint32_t i = 0; i < 20000; i += 1) {
        uint64_t first = random_below(&seed, FIELD_ROWS);
        uint64_t count = random_below(&seed, (uint32_t)(FIELD_ROWS - first) + 1) %
                         (1 + random_below(&seed, FIELD_ROWS));
        bool is_added = random_below(&seed, 2) == 0;

        if (is_added) {
            uint64_t expected = count - neuron_row_set_count_in(&set, range(first, count));
            uint64_t added = 0;
            assert_ok(neuron_row_set_add(&set, range(first, count), &added, NULL), NULL);
            assert_int_equal(added, expected);
        } else {
            assert_ok(neuron_row_set_remove(&set, range(first, count), NULL), NULL);
        }
        memset(field + first, is_added ? 1 : 0, count);
        check_against_field(&set, field, random_below(&seed, FIELD_ROWS), count);
    }
    neuron_row_set_destroy(&set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjacent_rows_are_one_range),
        cmocka_unit_test(rows_that_are_there_are_not_added_again),
        cmocka_unit_test(no_rows_change_nothing),
        cmocka_unit_test(rows_taken_from_the_middle_leave_two_ranges),
        cmocka_unit_test(the_end_of_all_numbers_is_no_trap),
        cmocka_unit_test(ranges_and_gaps_are_found_from_a_row_on),
        cmocka_unit_test(random_changes_agree_with_a_flag_for_each_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

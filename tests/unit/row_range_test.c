/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/row_range.h"

static void
assert_cut_is_whole(uint64_t rows, uint32_t world_size)
{
    uint64_t next = 0;
    uint64_t least = rows;
    uint64_t most = 0;

    for (uint32_t rank = 0; rank < world_size; rank += 1) {
        struct neuron_row_range range = neuron_row_range_of_rank(rows, rank, world_size);

        assert_int_equal(range.first, next);
        next = range.first + range.count;
        least = range.count < least ? range.count : least;
        most = range.count > most ? range.count : most;
    }
    assert_int_equal(next, rows);
    assert_true(most - least <= 1);
}

static void
parts_are_contiguous_and_make_up_all_rows(void **state)
{
    (void)state;
    for (uint32_t world_size = 1; world_size <= 9; world_size += 1) {
        for (uint64_t rows = 0; rows <= 40; rows += 1) {
            assert_cut_is_whole(rows, world_size);
        }
    }
    assert_cut_is_whole(1000000007, 1000);
    assert_cut_is_whole(UINT64_MAX, 1000);
}

static void
a_rank_gets_the_rows_that_the_formula_says(void **state)
{
    (void)state;
    assert_int_equal(neuron_row_range_of_rank(20000, 1, 2).first, 10000);
    assert_int_equal(neuron_row_range_of_rank(7, 1, 3).first, 7 * 1 / 3);
    assert_int_equal(neuron_row_range_of_rank(7, 2, 3).first, 7 * 2 / 3);
}

static void
more_ranks_than_rows_leaves_some_without(void **state)
{
    uint64_t ranks_with_rows = 0;

    (void)state;
    for (uint32_t rank = 0; rank < 5; rank += 1) {
        ranks_with_rows += neuron_row_range_of_rank(3, rank, 5).count;
    }
    assert_int_equal(ranks_with_rows, 3);
    assert_cut_is_whole(3, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_contiguous_and_make_up_all_rows),
        cmocka_unit_test(a_rank_gets_the_rows_that_the_formula_says),
        cmocka_unit_test(more_ranks_than_rows_leaves_some_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

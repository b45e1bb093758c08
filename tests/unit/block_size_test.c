/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/block_size.h"

static uint64_t
rows_of(uint64_t chunk_rows, uint64_t core_count, uint64_t row_bytes, uint64_t wanted,
        uint64_t most)
{
    const struct neuron_block_bounds bounds = {.chunk_rows = chunk_rows,
                                               .core_count = core_count,
                                               .row_size_bytes = row_bytes,
                                               .wanted_bytes = wanted,
                                               .most_bytes = most};

    return neuron_block_size_rows(&bounds);
}

static void
a_block_is_whole_rounds_that_stay_in_the_caches(void **state)
{
    (void)state;
    /* 1,024 rows of 1 KiB are wanted; a round has 24. */
    assert_int_equal(rows_of(8, 3, 1024, 1048576, 1 << 30), 1008);
    assert_int_equal(rows_of(1, 1, 4096, 1048576, 1 << 30), 256);
}

static void
large_rows_make_one_round(void **state)
{
    (void)state;
    assert_int_equal(rows_of(8, 2, 614400, 2097152, 50331648), 16);
}

static void
memory_cuts_a_round_to_whole_chunks(void **state)
{
    (void)state;
    assert_int_equal(rows_of(8, 64, 1024, 1, 102400), 96);
}

static void
memory_cuts_a_chunk_to_rows_but_not_to_none(void **state)
{
    (void)state;
    assert_int_equal(rows_of(8, 2, 1024, 1024, 5120), 5);
    assert_int_equal(rows_of(8, 2, 1024, 1024, 10), 1);
}

static void
memory_also_bounds_what_the_caches_would_hold(void **state)
{
    (void)state;
    assert_int_equal(rows_of(4, 2, 1024, 1 << 30, 20480), 16);
}

static void
rows_without_bytes_and_rounds_without_bound_are_no_trouble(void **state)
{
    (void)state;
    assert_int_equal(rows_of(4, 1, 0, 1024, 1 << 20), 1024);
    assert_true(rows_of(UINT64_MAX / 2, 3, 8, 1024, 4096) >= 1);
    assert_int_equal(rows_of(UINT64_MAX, UINT64_MAX, 1, 1, UINT64_MAX), UINT64_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_whole_rounds_that_stay_in_the_caches),
        cmocka_unit_test(large_rows_make_one_round),
        cmocka_unit_test(memory_cuts_a_round_to_whole_chunks),
        cmocka_unit_test(memory_cuts_a_chunk_to_rows_but_not_to_none),
        cmocka_unit_test(memory_also_bounds_what_the_caches_would_hold),
        cmocka_unit_test(rows_without_bytes_and_rounds_without_bound_are_no_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

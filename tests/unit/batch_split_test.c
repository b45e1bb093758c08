/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "batch_split.h"

enum { SMALL_ROWS = 70, SMALL_BATCH = 9, SMALL_SPLIT = 12 };

static int64_t
ceil_of(int64_t dividend, int64_t divisor)
{
    return dividend / divisor + (dividend % divisor == 0 ? 0 : 1);
}

/* Fails unless the chunks are all rows, each once, in order, none of them empty. */
static void
assert_covers_all_rows(const struct neuron_batch_split *split, int64_t rows)
{
    int64_t next = 0;

    for (int64_t i = 0; i < split->chunk_count; i += 1) {
        struct neuron_row_range chunk = neuron_batch_split_chunk(split, i);

        assert_int_equal(chunk.first, next);
        assert_true(chunk.count >= 1 && chunk.count <= split->chunk_rows);
        assert_true(chunk.count == split->chunk_rows || i == split->chunk_count - 1);
        next += chunk.count;
    }
    assert_int_equal(next, rows);
}

/* The runs that the core with most of them makes, when whoever is free takes the next chunk. */
static int64_t
runs_on_busiest_core(int64_t rows, int64_t chunk_rows, int64_t batch, uint32_t cores)
{
    struct neuron_batch_split split = neuron_batch_split_of(rows, batch, (uint32_t)chunk_rows);
    int64_t runs[8] = {0};
    int64_t most = 0;

    for (int64_t i = 0; i < split.chunk_count; i += 1) {
        uint32_t free_core = 0;

        for (uint32_t core = 1; core < cores; core += 1) {
            free_core = runs[core] < runs[free_core] ? core : free_core;
        }
        runs[free_core] += ceil_of(neuron_batch_split_chunk(&split, i).count, batch);
    }
    for (uint32_t core = 0; core < cores; core += 1) {
        most = runs[core] > most ? runs[core] : most;
    }
    return most;
}

/* All cuts of a number of rows. */
static void
assert_every_cut_covers(int64_t rows)
{
    for (int64_t batch = 1; batch <= SMALL_BATCH; batch += 1) {
        for (uint32_t split_rows = 0; split_rows <= SMALL_SPLIT; split_rows += 1) {
            struct neuron_batch_split split = neuron_batch_split_of(rows, batch, split_rows);

            assert_covers_all_rows(&split, rows);
        }
    }
}

static void
every_row_is_in_one_chunk_and_in_order(void **state)
{
    (void)state;
    for (int64_t rows = 0; rows <= SMALL_ROWS; rows += 1) {
        assert_every_cut_covers(rows);
    }
}

static void
the_automatic_cut_makes_as_few_runs_as_can_be(void **state)
{
    (void)state;
    for (int64_t rows = 0; rows <= SMALL_ROWS; rows += 1) {
        for (int64_t batch = 1; batch <= SMALL_BATCH; batch += 1) {
            struct neuron_batch_split split = neuron_batch_split_of(rows, batch, 0);

            assert_int_equal(split.chunk_rows, batch);
            assert_int_equal(split.chunk_count, ceil_of(rows, batch));
        }
    }
}

/* For all compiled batches: the automatic cut beside that of max(1, rows / cores). */
static void
assert_automatic_cut_is_best(int64_t rows, uint32_t cores)
{
    int64_t share = rows / cores > 0 ? rows / cores : 1;

    for (int64_t batch = 1; batch <= SMALL_BATCH; batch += 1) {
        int64_t automatic = runs_on_busiest_core(rows, batch, batch, cores);

        assert_true(automatic <= runs_on_busiest_core(rows, share, batch, cores));
        assert_int_equal(automatic, ceil_of(ceil_of(rows, batch), cores));
    }
}

static void
the_automatic_cut_ends_no_later_than_rows_over_cores(void **state)
{
    (void)state;
    for (int64_t rows = 1; rows <= SMALL_ROWS; rows += 1) {
        for (uint32_t cores = 1; cores <= 8; cores += 1) {
            assert_automatic_cut_is_best(rows, cores);
        }
    }
}

static void
a_split_size_sets_the_rows_of_a_chunk(void **state)
{
    struct neuron_batch_split split = neuron_batch_split_of(37, 8, 10);

    (void)state;
    assert_int_equal(split.chunk_rows, 10);
    assert_int_equal(split.chunk_count, 4);
    assert_int_equal(neuron_batch_split_chunk(&split, 3).first, 30);
    assert_int_equal(neuron_batch_split_chunk(&split, 3).count, 7);
}

static void
a_split_size_above_the_rows_gives_one_chunk(void **state)
{
    struct neuron_batch_split split = neuron_batch_split_of(5, 8, UINT32_MAX);

    (void)state;
    assert_int_equal(split.chunk_count, 1);
    assert_int_equal(neuron_batch_split_chunk(&split, 0).count, 5);
}

static void
no_rows_give_no_chunks(void **state)
{
    (void)state;
    assert_int_equal(neuron_batch_split_of(0, 8, 0).chunk_count, 0);
    assert_int_equal(neuron_batch_split_of(0, INT64_MAX, 3).chunk_count, 0);
}

/* The rows of the last chunks, looked at without walking through all of them. */
static void
assert_ends_at(int64_t rows, int64_t batch, uint32_t split_rows)
{
    struct neuron_batch_split split = neuron_batch_split_of(rows, batch, split_rows);
    struct neuron_row_range last = neuron_batch_split_chunk(&split, split.chunk_count - 1);

    assert_true(split.chunk_count >= 1);
    assert_true(last.count >= 1 && last.count <= split.chunk_rows);
    assert_int_equal(last.first, rows - last.count);
    assert_int_equal(last.first % split.chunk_rows, 0);
    assert_int_equal(last.first / split.chunk_rows, split.chunk_count - 1);
}

static void
the_largest_numbers_do_not_overflow(void **state)
{
    static const int64_t numbers[] = {
        1,        2, 3, 7, 1000, INT32_MAX, UINT32_MAX, INT64_MAX / 3, INT64_MAX / 2, INT64_MAX - 1,
        INT64_MAX};
    static const uint32_t splits[] = {0, 1, 2, 3, 1000, INT32_MAX, UINT32_MAX};
    size_t count = sizeof(numbers) / sizeof(numbers[0]);

    (void)state;
    for (size_t i = 0; i < count * count; i += 1) {
        for (size_t k = 0; k < sizeof(splits) / sizeof(splits[0]); k += 1) {
            assert_ends_at(numbers[i / count], numbers[i % count], splits[k]);
        }
    }
}

static void
taking_from_a_range_leaves_the_rest(void **state)
{
    struct neuron_row_range range = {.first = 30, .count = 10};
    struct neuron_row_range taken = neuron_row_range_take(&range, 8);

    (void)state;
    assert_int_equal(taken.first, 30);
    assert_int_equal(taken.count, 8);
    assert_int_equal(range.first, 38);
    assert_int_equal(range.count, 2);
}

static void
taking_more_than_there_is_empties_the_range(void **state)
{
    struct neuron_row_range range = {.first = INT64_MAX - 3, .count = 3};
    struct neuron_row_range taken = neuron_row_range_take(&range, INT64_MAX);

    (void)state;
    assert_int_equal(taken.first, INT64_MAX - 3);
    assert_int_equal(taken.count, 3);
    assert_int_equal(range.count, 0);
    assert_int_equal(neuron_row_range_take(&range, 8).count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_in_one_chunk_and_in_order),
        cmocka_unit_test(the_automatic_cut_makes_as_few_runs_as_can_be),
        cmocka_unit_test(the_automatic_cut_ends_no_later_than_rows_over_cores),
        cmocka_unit_test(a_split_size_sets_the_rows_of_a_chunk),
        cmocka_unit_test(a_split_size_above_the_rows_gives_one_chunk),
        cmocka_unit_test(no_rows_give_no_chunks),
        cmocka_unit_test(the_largest_numbers_do_not_overflow),
        cmocka_unit_test(taking_from_a_range_leaves_the_rest),
        cmocka_unit_test(taking_more_than_there_is_empties_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

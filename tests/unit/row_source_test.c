/* SPDX-License-Identifier: Apache-2.0 */
/* The same rows from files of every kind, in any order. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_numbers.h"
#include "row_files.h"

enum { ROWS = 1500, COLUMNS = 6, TAKES = 60, BLOCK_ROWS = 200 };

/* Random rows of 2 times 3 float32, of every size of number. */
static struct neuron_tensor_view
make_rows(float *values)
{
    const struct neuron_tensor_shape shape = {
        .type = NEURON_FLOAT32, .rank = 3, .dims = {ROWS, 2, 3}};
    uint64_t seed = 11;

    for (size_t i = 0; i < (size_t)ROWS * COLUMNS; i += 1) {
        float number = (float)random_below(&seed, 2000003) - 1000001.0F;

        values[i] = ldexpf(number, (int)random_below(&seed, 60) - 40);
    }
    return neuron_tensor_view_of(&shape, values);
}

static void
use_rows(struct row_bench *bench)
{
    row_bench_add_input(
        bench, "x",
        (struct neuron_tensor_shape){.type = NEURON_FLOAT32, .rank = 3, .dims = {8, 2, 3}}, false);
}

/* Checks a block against the rows that the files were made of. */
static void
check_block(const struct neuron_row_block *block, const float *values)
{
    assert_int_equal(block->bad_count, 0);
    assert_int_equal(block->views[0].shape[0], block->count);
    assert_int_equal((uintptr_t)block->views[0].data % sizeof(float), 0);
    assert_memory_equal(block->views[0].data, values + block->first * COLUMNS,
                        block->count * COLUMNS * sizeof(float));
}

/* Takes random blocks, two in flight, and checks each when it is released. */
static void
check_random_takes(struct row_bench *bench, const float *values)
{
    struct neuron_row_source *source = row_bench_open(bench);
    struct neuron_row_block blocks[2] = {{0}, {0}};
    struct neuron_error error = {0};
    uint64_t seed = 5;

    assert_int_equal(neuron_row_source_rows(source), ROWS);
    assert_int_equal(neuron_row_source_row_bytes(source), COLUMNS * sizeof(float));
    for (int i = 0; i < TAKES; i += 1) {
        struct neuron_row_block *block = &blocks[i % 2];
        uint64_t first = random_below(&seed, ROWS);
        uint64_t count = 1 + random_below(&seed, BLOCK_ROWS);

        if (block->count > 0) {
            check_block(block, values);
            neuron_row_block_release(source, block);
        }
        count = count < ROWS - first ? count : ROWS - first;
        assert_ok(neuron_row_source_take(source, first, count, block, &error), &error);
        assert_true(block->first == first && block->count > 0 && block->count <= count);
    }
    check_block(&blocks[0], values);
    check_block(&blocks[1], values);
    assert_ok(neuron_row_source_check(source, &error), &error);
    neuron_row_block_destroy(&blocks[0]);
    neuron_row_block_destroy(&blocks[1]);
    neuron_row_source_destroy(source);
}

static float *
allocate_rows(void)
{
    float *values = calloc((size_t)ROWS * COLUMNS, sizeof(*values));

    assert_non_null(values);
    return values;
}

static void
arrays_give_the_rows_in_any_order(void **state)
{
    struct row_bench *bench = *state;
    float *values = allocate_rows();
    struct neuron_tensor_view rows = make_rows(values);
    const struct neuron_npz_entry entries[] = {{"other", rows}, {"x", rows}};

    use_rows(bench);
    row_files_put_npy(bench, "x.npy", &rows);
    row_files_put_npz(bench, "x.npz", entries, 2);
    row_files_put_deflated(bench, "d.npz", "anything", &rows);
    static const char *const files[] = {"x.npy", "x.npz", "x.npz:other", "d.npz"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i += 1) {
        row_bench_clear_files(bench);
        row_bench_add_file(bench, NULL, files[i]);
        check_random_takes(bench, values);
    }
    free(values);
}

static void
texts_give_the_rows_in_any_order(void **state)
{
    struct row_bench *bench = *state;
    float *values = allocate_rows();
    struct neuron_tensor_view rows = make_rows(values);

    use_rows(bench);
    row_files_put_csv(bench, "named.csv", "a,b,c,d,e,f", &rows);
    row_files_put_csv(bench, "bare.csv", NULL, &rows);
    row_files_put_jsonl(bench, "named.jsonl", "x", &rows);
    row_files_put_jsonl(bench, "bare.ndjson", NULL, &rows);
    static const char *const files[] = {"named.csv", "bare.csv", "named.jsonl", "bare.ndjson"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i += 1) {
        row_bench_clear_files(bench);
        row_bench_add_file(bench, NULL, files[i]);
        check_random_takes(bench, values);
    }
    free(values);
}

/* Cuts the rows into files of this kind, some of them without rows. */
static void
put_shards(const struct row_bench *bench, const struct neuron_tensor_view *rows, const char *ending)
{
    uint64_t seed = 3;
    int64_t first = 0;

    for (int i = 0; i < 12; i += 1) {
        int64_t left = ROWS - first;
        int64_t count = i == 11 ? left : (int64_t)random_below(&seed, 4) * 40;
        struct neuron_tensor_view part = *rows;
        char name[64] = "";

        part.shape[0] = count < left ? count : left;
        part.data = (float *)rows->data + first * COLUMNS;
        first += part.shape[0];
        (void)snprintf(name, sizeof(name), "part-%02d%s", i, ending);
        if (strcmp(ending, ".npy") == 0) {
            row_files_put_npy(bench, name, &part);
        } else if (strcmp(ending, ".npz") == 0) {
            row_files_put_deflated(bench, name, "x", &part);
        } else if (strcmp(ending, ".csv") == 0) {
            row_files_put_csv(bench, name, "a,b,c,d,e,f", &part);
        } else {
            row_files_put_jsonl(bench, name, "x", &part);
        }
    }
}

static void
shards_give_the_rows_in_any_order(void **state)
{
    static const char *const endings[] = {".npy", ".npz", ".csv", ".jsonl"};
    struct row_bench *bench = *state;
    float *values = allocate_rows();
    struct neuron_tensor_view rows = make_rows(values);

    use_rows(bench);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i += 1) {
        char pattern[64] = "";

        put_shards(bench, &rows, endings[i]);
        (void)snprintf(pattern, sizeof(pattern), "part-*%s", endings[i]);
        row_bench_clear_files(bench);
        row_bench_add_file(bench, NULL, pattern);
        check_random_takes(bench, values);
    }
    free(values);
}

static void
a_block_ends_where_a_file_ends(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};

    row_bench_add_vectors(bench, "x", 1);
    row_bench_put(bench, "a.csv", "1\n2\n3\n");
    row_bench_put(bench, "b.csv", "4\n5\n");
    row_bench_add_file(bench, NULL, "*.csv");
    struct neuron_row_source *source = row_bench_open(bench);
    assert_int_equal(neuron_row_source_rows(source), 5);
    assert_int_equal(neuron_row_source_file_count(source), 2);
    assert_contains(neuron_row_source_file_path(source, 1), "b.csv");
    assert_int_equal(neuron_row_source_file_stat(source, 1)->st_size, 4);
    assert_ok(neuron_row_source_take(source, 1, 4, &block, &error), &error);
    assert_int_equal(block.count, 2);
    neuron_row_block_release(source, &block);
    assert_ok(neuron_row_source_take(source, 3, 2, &block, &error), &error);
    assert_int_equal(block.count, 2);
    assert_true(((const float *)block.views[0].data)[1] == 5.0F);
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
}

static void
rows_of_the_options_count_from_their_first(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};

    row_bench_add_vectors(bench, "x", 1);
    row_bench_put(bench, "a.csv", "0\n1\nnone\n3\n4\n");
    row_bench_add_file(bench, NULL, "a.csv");
    bench->options.first_row = 1;
    bench->options.end_row = 4;
    struct neuron_row_source *source = row_bench_open(bench);
    assert_int_equal(neuron_row_source_rows(source), 3);
    assert_ok(neuron_row_source_take(source, 0, 3, &block, &error), &error);
    assert_true(((const float *)block.views[0].data)[2] == 3.0F);
    assert_int_equal(block.bad_count, 1);
    assert_int_equal(block.bad[0].row, 1);
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
    bench->options.end_row = 6;
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "there are 5 rows");
    bench->options.first_row = 5;
    bench->options.end_row = 4;
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "5:4");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_give_the_rows_in_any_order, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(texts_give_the_rows_in_any_order, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(shards_give_the_rows_in_any_order, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(a_block_ends_where_a_file_ends, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(rows_of_the_options_count_from_their_first, row_bench_setup,
                                        row_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

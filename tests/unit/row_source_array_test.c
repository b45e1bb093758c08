/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays of any size, shared ones, those that change, and those that do not fit. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "random_numbers.h"
#include "resident_memory.h"
#include "row_files.h"

/* Writes an npy file of this many rows that are all zero and take no place on disk. */
static const char *
put_sparse(struct row_bench *bench, int64_t rows, int64_t columns, char *path)
{
    struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {rows, columns}};
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t size = 0;
    struct neuron_error error = {0};

    (void)test_folder_path(&bench->folder, "sparse.npy", path);
    assert_ok(neuron_npy_format(&shape, header, &size, &error), &error);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, header, size), size);
    assert_int_equal(ftruncate(file, (off_t)size + rows * columns * 4), 0);
    assert_int_equal(close(file), 0);
    return path;
}

enum { WIDE_COLUMNS = 1024, BLOCK_ROWS = 64, PLACES = 1000 };

/* Looks at each page of a block, all of which is zero. */
static void
look_at(const struct neuron_row_block *block)
{
    const float *values = block->views[0].data;
    float sum = 0;

    for (size_t i = 0; i < (size_t)BLOCK_ROWS * WIDE_COLUMNS; i += 512) {
        sum += values[i];
    }
    assert_true(sum == 0);
}

static void
memory_stays_bounded_at_any_size(void **state)
{
    const int64_t rows = INT64_C(100000000000) / 4 / WIDE_COLUMNS;
    struct row_bench *bench = *state;
    struct neuron_row_block blocks[2] = {{0}, {0}};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    uint64_t seed = 9;

    row_bench_add_vectors(bench, "x", WIDE_COLUMNS);
    (void)put_sparse(bench, rows, WIDE_COLUMNS, path);
    row_bench_add_file(bench, NULL, "sparse.npy");
    struct neuron_row_source *source = row_bench_open(bench);
    assert_int_equal(neuron_row_source_rows(source), rows);
    for (int i = 0; i < PLACES; i += 1) {
        struct neuron_row_block *block = &blocks[i % 2];
        uint64_t first = random_below(&seed, (uint32_t)rows - BLOCK_ROWS);

        neuron_row_block_release(source, block);
        assert_ok(neuron_row_source_take(source, first, BLOCK_ROWS, block, &error), &error);
        look_at(block);
        /* In the end 250 MiB were looked at. */
        assert_true(i % 100 != 99 || resident_bytes_of_file(path) < (size_t)4 << 20);
    }
    neuron_row_block_destroy(&blocks[0]);
    neuron_row_block_destroy(&blocks[1]);
    neuron_row_source_destroy(source);
}

/* A tensor of two rows of three numbers. */
static struct neuron_tensor_view
six_numbers(void)
{
    static float numbers[] = {1, 2, 3, 4, 5, 6};
    static const struct neuron_tensor_shape shape = {
        .type = NEURON_FLOAT32, .rank = 2, .dims = {2, 3}};

    return neuron_tensor_view_of(&shape, numbers);
}

static void
rows_at_an_odd_place_are_copied(void **state)
{
    static const char head[] =
        "\x93NUMPY\x01\x00\x38\x00{'descr':'<f4','fortran_order':False,'shape':(2,3)}     \n";
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};
    struct neuron_tensor_view rows = six_numbers();
    char file[128];

    memcpy(file, head, sizeof(head) - 1);
    file[8] = sizeof(head) - 1 - 10;
    assert_int_not_equal((sizeof(head) - 1) % sizeof(float), 0);
    memcpy(file + sizeof(head) - 1, rows.data, 24);
    row_bench_add_vectors(bench, "x", 3);
    test_file_put(row_bench_add_file(bench, NULL, "odd.npy"), file, sizeof(head) - 1 + 24);
    struct neuron_row_source *source = row_bench_open(bench);
    assert_ok(neuron_row_source_take(source, 1, 1, &block, &error), &error);
    assert_int_equal((uintptr_t)block.views[0].data % sizeof(float), 0);
    assert_memory_equal(block.views[0].data, (const float *)rows.data + 3, 12);
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
}

static void
members_are_found_by_the_names_of_inputs(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};
    struct neuron_tensor_view rows = six_numbers();
    float halves[] = {0.5F, 1.5F, 2.5F, 3.5F, 4.5F, 5.5F};
    struct neuron_tensor_view other = rows;

    other.data = halves;
    const struct neuron_npz_entry entries[] = {{"y", other}, {"x", rows}, {"z", rows}};
    row_bench_add_vectors(bench, "x", 3);
    row_bench_add_vectors(bench, "y", 3);
    row_files_put_npz(bench, "both.npz", entries, 3);
    row_bench_add_file(bench, NULL, "both.npz");
    struct neuron_row_source *source = row_bench_open(bench);
    assert_int_equal(neuron_row_source_file_count(source), 1);
    assert_ok(neuron_row_source_take(source, 0, 2, &block, &error), &error);
    assert_memory_equal(block.views[0].data, rows.data, 24);
    assert_memory_equal(block.views[1].data, halves, 24);
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
    row_bench_clear_files(bench);
    row_files_put_npz(bench, "both.npz", entries + 1, 2);
    row_bench_add_file(bench, NULL, "both.npz");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "has no array 'y', but x, z");
}

static void
shared_inputs_are_whole(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};
    struct neuron_tensor_view rows = six_numbers();
    const struct neuron_npz_entry entry = {"table", rows};

    row_bench_add_vectors(bench, "x", 3);
    row_bench_add_input(bench, "table", neuron_tensor_view_shape(&rows), true);
    row_files_put_npy(bench, "x.npy", &rows);
    row_files_put_npz(bench, "t.npz", &entry, 1);
    row_bench_add_file(bench, "x", "x.npy");
    row_bench_add_file(bench, "table", "t.npz");
    struct neuron_row_source *source = row_bench_open(bench);
    assert_int_equal(neuron_row_source_row_bytes(source), 12);
    assert_int_equal(neuron_row_source_file_count(source), 2);
    assert_ok(neuron_row_source_take(source, 1, 1, &block, &error), &error);
    assert_int_equal(block.views[1].shape[0], 2);
    assert_memory_equal(block.views[1].data, rows.data, 24);
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
    bench->specs[1].shape.dims[0] = 3;
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "float32[2,3], but input table");
    row_bench_clear_files(bench);
    row_bench_put(bench, "t.csv", "1,2,3\n");
    row_bench_add_file(bench, "x", "x.npy");
    row_bench_add_file(bench, "table", "t.csv");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "shared by all rows; give one npy or npz");
}

static void
arrays_that_do_not_fit_are_refused_with_both_shapes(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_tensor_view rows = six_numbers();
    struct neuron_tensor_view one = rows;

    row_bench_add_vectors(bench, "x", 4);
    row_files_put_npy(bench, "x.npy", &rows);
    row_bench_add_file(bench, NULL, "x.npy");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT,
                      "x.npy is float32[2,3], but input x of m.neff takes float32[8,4]");
    bench->specs[0].shape.dims[1] = 3;
    bench->specs[0].shape.type = NEURON_INT32;
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "takes int32[8,3]");
    bench->specs[0].shape.type = NEURON_FLOAT32;
    row_bench_add_columns(bench, NULL, "1-2");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "--columns chooses from csv");
    bench->options.columns.count = 0;
    one.shape[0] = 1;
    row_files_put_npy(bench, "y.npy", &one);
    row_bench_add_vectors(bench, "y", 3);
    row_bench_clear_files(bench);
    row_bench_add_file(bench, "x", "x.npy");
    row_bench_add_file(bench, "y", "y.npy");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "y.npy has 1 rows, but");
    row_bench_clear_files(bench);
    row_bench_add_file(bench, NULL, "x.npy");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "holds one array, but is for 2 inputs");
}

/* Checks that a file whose end is cut off while it is read is noticed. */
static void
check_change(struct row_bench *bench, const char *file)
{
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    row_bench_clear_files(bench);
    row_bench_add_file(bench, NULL, file);
    struct neuron_row_source *source = row_bench_open(bench);
    assert_ok(neuron_row_source_take(source, 0, 1, &block, &error), &error);
    assert_ok(neuron_row_source_check(source, &error), &error);
    neuron_row_block_release(source, &block);
    assert_int_equal(truncate(test_folder_path(&bench->folder, file, path), 5), 0);
    assert_status(NEURON_SYSTEM, neuron_row_source_check(source, &error), &error);
    assert_status(NEURON_SYSTEM, neuron_row_source_take(source, 1, 1, &block, &error), &error);
    assert_contains(error.text, "was changed while it was read");
    assert_contains(error.text, file);
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
}

static void
files_that_change_are_noticed(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_tensor_view rows = six_numbers();

    row_bench_add_vectors(bench, "x", 3);
    row_files_put_npy(bench, "x.npy", &rows);
    row_files_put_deflated(bench, "x.npz", "x", &rows);
    row_files_put_csv(bench, "x.csv", NULL, &rows);
    row_files_put_jsonl(bench, "x.jsonl", "x", &rows);
    check_change(bench, "x.npy");
    check_change(bench, "x.npz");
    check_change(bench, "x.csv");
    check_change(bench, "x.jsonl");
}

/* Changes the byte so far from the end of a file. */
static void
spoil(const char *path, off_t from_end)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    char byte = 0;

    assert_true(file >= 0);
    off_t place = lseek(file, 0, SEEK_END) - from_end;
    assert_int_equal(pread(file, &byte, 1, place), 1);
    byte = (char)(byte ^ 0x55);
    assert_int_equal(pwrite(file, &byte, 1, place), 1);
    assert_int_equal(close(file), 0);
}

static void
damage_of_deflated_arrays_is_found_at_their_end(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};
    struct neuron_error error = {0};
    struct neuron_tensor_view rows = six_numbers();

    row_bench_add_vectors(bench, "x", 3);
    row_files_put_deflated(bench, "x.npz", "x", &rows);
    /* The last number: before it stand the entry of 51 bytes and the end of 22. */
    spoil(row_bench_add_file(bench, NULL, "x.npz"), 22 + 51 + 2);
    struct neuron_row_source *source = row_bench_open(bench);
    assert_ok(neuron_row_source_take(source, 0, 1, &block, &error), &error);
    neuron_row_block_release(source, &block);
    assert_status(NEURON_INVALID_SYNTAX, neuron_row_source_take(source, 1, 1, &block, &error),
                  &error);
    assert_contains(error.text, "checksum of an array does not match");
    neuron_row_block_destroy(&block);
    neuron_row_source_destroy(source);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_stays_bounded_at_any_size, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(rows_at_an_odd_place_are_copied, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(members_are_found_by_the_names_of_inputs, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(shared_inputs_are_whole, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(arrays_that_do_not_fit_are_refused_with_both_shapes,
                                        row_bench_setup, row_bench_teardown),
        cmocka_unit_test_setup_teardown(files_that_change_are_noticed, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(damage_of_deflated_arrays_is_found_at_their_end,
                                        row_bench_setup, row_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

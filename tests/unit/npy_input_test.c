/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/npy.h"
#include "score/npy_input.h"
#include "test_folder.h"

static int
set_up(void **state)
{
    char *path = strdup("/tmp/npy_input_test.XXXXXX");

    *state = path;
    int file = path == NULL ? -1 : mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int
tear_down(void **state)
{
    int failed = unlink(*state);

    free(*state);
    return failed;
}

/* Writes rows of `columns` int32 numbers that count up from 0. */
static void
put_rows(const char *path, int64_t rows, int64_t columns)
{
    struct neuron_tensor_shape shape = {.type = NEURON_INT32, .rank = 2, .dims = {rows, columns}};
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t size = 0;
    struct neuron_error error = {0};
    FILE *file = fopen(path, "wbe");

    assert_non_null(file);
    assert_ok(neuron_npy_format(&shape, header, &size, &error), &error);
    assert_int_equal(fwrite(header, size, 1, file), 1);
    for (int32_t i = 0; i < rows * columns; i += 1) {
        assert_int_equal(fwrite(&i, sizeof(i), 1, file), 1);
    }
    assert_int_equal(fclose(file), 0);
}

static void
rows_are_handed_out_in_blocks(void **state)
{
    struct neuron_npy_input *input = NULL;
    struct neuron_tensor_view rows = {0};
    struct neuron_error error = {0};

    put_rows(*state, 100000, 3);
    assert_ok(neuron_npy_input_open(*state, &input, &error), &error);
    assert_int_equal(neuron_npy_input_shape(input)->dims[0], 100000);
    for (uint64_t first = 0; first < 100000; first += 7000) {
        uint64_t count = first + 7000 < 100000 ? 7000 : 100000 - first;

        assert_ok(neuron_npy_input_take(input, first, count, &rows, &error), &error);
        assert_int_equal(rows.shape[0], count);
        assert_int_equal(rows.shape[1], 3);
        assert_int_equal(((const int32_t *)rows.data)[0], first * 3);
        assert_int_equal(((const int32_t *)rows.data)[count * 3 - 1], (first + count) * 3 - 1);
    }
    neuron_npy_input_destroy(input);
}

/* How many bytes of this process stem from files. */
static long
resident_file_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";
    char *rest = line;

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    (void)fclose(file);
    (void)strtol(rest, &rest, 10); /* all pages, then the resident ones, then those of files */
    (void)strtol(rest, &rest, 10);
    return strtol(rest, NULL, 10) * sysconf(_SC_PAGESIZE);
}

static void
rows_of_the_past_are_let_go_of(void **state)
{
    enum { ROWS = 4096, COLUMNS = 2048, BLOCK = 64 };
    struct neuron_npy_input *input = NULL;
    struct neuron_tensor_view rows = {0};
    struct neuron_error error = {0};
    int64_t sum = 0;

    put_rows(*state, ROWS, COLUMNS);
    assert_ok(neuron_npy_input_open(*state, &input, &error), &error);
    long before = resident_file_bytes();
    for (uint64_t first = 0; first < ROWS; first += BLOCK) {
        assert_ok(neuron_npy_input_take(input, first, BLOCK, &rows, &error), &error);
        for (size_t i = 0; i < (size_t)BLOCK * COLUMNS; i += 1) {
            sum += ((const int32_t *)rows.data)[i];
        }
    }
    assert_true(sum > 0);
    /* 32 MiB were read. */
    assert_true(resident_file_bytes() - before < 8L * 1024 * 1024);
    neuron_npy_input_destroy(input);
}

static void
an_array_without_rows_is_read(void **state)
{
    struct neuron_npy_input *input = NULL;
    struct neuron_tensor_view rows = {0};
    struct neuron_error error = {0};

    put_rows(*state, 0, 5);
    assert_ok(neuron_npy_input_open(*state, &input, &error), &error);
    assert_ok(neuron_npy_input_take(input, 0, 0, &rows, &error), &error);
    assert_int_equal(rows.shape[0], 0);
    neuron_npy_input_destroy(input);
}

static void
a_payload_at_an_odd_place_is_copied(void **state)
{
    static const char head[] =
        "\x93NUMPY\x01\x00\x39\x00{'descr':'<f8','fortran_order':False,'shape':(2,2)}      \n";
    struct neuron_npy_input *input = NULL;
    struct neuron_tensor_view rows = {0};
    struct neuron_error error = {0};
    const double numbers[] = {1.5, 2.5, 3.5, 4.5};
    char file[256];

    assert_int_not_equal((sizeof(head) - 1) % sizeof(double), 0);
    memcpy(file, head, sizeof(head) - 1);
    file[8] = sizeof(head) - 1 - 10;
    memcpy(file + sizeof(head) - 1, numbers, sizeof(numbers));
    test_file_put(*state, file, sizeof(head) - 1 + sizeof(numbers));
    assert_ok(neuron_npy_input_open(*state, &input, &error), &error);
    assert_ok(neuron_npy_input_take(input, 1, 1, &rows, &error), &error);
    assert_int_equal((uintptr_t)rows.data % sizeof(double), 0);
    assert_memory_equal(rows.data, numbers + 2, 2 * sizeof(double));
    neuron_npy_input_destroy(input);
}

static void
a_file_that_changes_its_size_is_noticed(void **state)
{
    struct neuron_npy_input *input = NULL;
    struct neuron_tensor_view rows = {0};
    struct neuron_error error = {0};

    put_rows(*state, 1000, 3);
    assert_ok(neuron_npy_input_open(*state, &input, &error), &error);
    assert_ok(neuron_npy_input_check(input, &error), &error);
    assert_int_equal(truncate(*state, 5000), 0);
    assert_status(NEURON_SYSTEM, neuron_npy_input_take(input, 0, 10, &rows, &error), &error);
    assert_contains(error.text, "changed its size");
    assert_contains(error.text, *state);
    assert_status(NEURON_SYSTEM, neuron_npy_input_check(input, &error), &error);
    neuron_npy_input_destroy(input);
}

static void
errors_start_with_the_path(void **state)
{
    struct neuron_npy_input *input = NULL;
    struct neuron_error error = {0};

    test_file_put(*state, "", 0);
    assert_status(NEURON_INVALID_SYNTAX, neuron_npy_input_open(*state, &input, &error), &error);
    assert_contains(error.text, *state);
    assert_contains(error.text, "empty");
    test_file_put(*state, "1,2,3\n", 6);
    assert_status(NEURON_INVALID_SYNTAX, neuron_npy_input_open(*state, &input, &error), &error);
    assert_contains(error.text, "not an npy file");
    assert_null(input);
}

static void
what_is_no_file_is_refused(void **state)
{
    struct neuron_npy_input *input = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_SYSTEM, neuron_npy_input_open("/no/such.npy", &input, &error), &error);
    assert_contains(error.text, "No such file");
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npy_input_open("/tmp", &input, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npy_input_open("/dev/null", &input, &error),
                  &error);
    assert_contains(error.text, "no regular file");
}

static void
a_single_number_has_no_rows(void **state)
{
    char file[] = "\x93NUMPY\x01\x00\x2e\x00{'descr':'|u1','fortran_order':False,'shape':()}x";
    struct neuron_npy_input *input = NULL;
    struct neuron_error error = {0};

    file[8] = sizeof(file) - 2 - 10;
    test_file_put(*state, file, sizeof(file) - 1);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npy_input_open(*state, &input, &error), &error);
    assert_contains(error.text, "single number");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_handed_out_in_blocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_of_the_past_are_let_go_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_array_without_rows_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_payload_at_an_odd_place_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_changes_its_size_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_start_with_the_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_single_number_has_no_rows, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "row_files.h"
#include "score/input_match.h"

static struct neuron_input_choice choices[ROW_INPUT_LIMIT];

/* A model of "x", "y" and a shared "t". */
static int
set_up(void **state)
{
    if (row_bench_setup(state) != 0) {
        return -1;
    }
    row_bench_add_vectors(*state, "x", 2);
    row_bench_add_vectors(*state, "y", 2);
    row_bench_add_input(*state, "t", (struct neuron_tensor_shape){.type = NEURON_INT8, .rank = 0},
                        true);
    return 0;
}

static void
refuses(const struct row_bench *bench, const char *part)
{
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, neuron_input_match(&bench->plan, choices, &error),
                  &error);
    assert_contains(error.text, part);
}

static void
one_without_a_name_serves_all_that_are_left(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_error error = {0};

    row_bench_add_file(bench, "t", "t.npy");
    row_bench_add_file(bench, NULL, "all.npz");
    row_bench_add_columns(bench, "y", "1-2");
    assert_ok(neuron_input_match(&bench->plan, choices, &error), &error);
    assert_contains(choices[0].value, "all.npz");
    assert_ptr_equal(choices[0].value, choices[1].value);
    assert_int_equal(choices[1].value_uses, 2);
    assert_contains(choices[2].value, "t.npy");
    assert_true(choices[2].is_named);
    assert_null(choices[0].columns);
    assert_string_equal(choices[1].columns, "1-2");
}

static void
files_without_a_place_are_refused(void **state)
{
    struct row_bench *bench = *state;

    row_bench_add_file(bench, "z", "z.npy");
    refuses(bench, "--input z=...: m.neff has no input of that name; it takes x, y, t");
    row_bench_clear_files(bench);
    row_bench_add_file(bench, "x", "x.npy");
    row_bench_add_file(bench, "x", "x.npy");
    refuses(bench, "--input x is given twice");
    row_bench_clear_files(bench);
    row_bench_add_file(bench, "x", "x.npy");
    row_bench_add_file(bench, "y", "x.npy");
    refuses(bench, "the input t of m.neff has no file");
    row_bench_add_file(bench, "t", "t.npy");
    row_bench_add_file(bench, NULL, "more.npy");
    refuses(bench, "all inputs have files by name");
    row_bench_clear_files(bench);
    row_bench_add_file(bench, NULL, "x.npy");
    row_bench_add_file(bench, NULL, "y.npy");
    refuses(bench, "have no names");
    row_bench_clear_files(bench);
    refuses(bench, "the input x of m.neff has no file; give --input x=FILE");
}

static void
columns_without_a_place_are_refused(void **state)
{
    struct row_bench *bench = *state;

    row_bench_add_file(bench, NULL, "x.csv");
    row_bench_add_columns(bench, NULL, "1-2");
    refuses(bench, "--columns 1-2: say for which input");
    bench->columns[0].name = "z";
    refuses(bench, "--columns z=...: m.neff has no input of that name");
    bench->columns[0].name = "t";
    refuses(bench, "shared by all rows and has no columns");
    bench->columns[0].name = "x";
    row_bench_add_columns(bench, "x", "3");
    refuses(bench, "given twice for the input x");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_without_a_name_serves_all_that_are_left, set_up,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(files_without_a_place_are_refused, set_up,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(columns_without_a_place_are_refused, set_up,
                                        row_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

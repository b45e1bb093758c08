/* SPDX-License-Identifier: Apache-2.0 */
/* csv and jsonl files: columns, fields, what is no row, and what is no file of rows. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row_files.h"

/* Takes all rows of a source of text as one block, whose memory outlives the source. */
static void
take_all(struct row_bench *bench, struct neuron_row_block *block)
{
    struct neuron_row_source *source = row_bench_open(bench);
    struct neuron_error error = {0};

    assert_ok(neuron_row_source_take(source, 0, neuron_row_source_rows(source), block, &error),
              &error);
    assert_int_equal(block->count, neuron_row_source_rows(source));
    neuron_row_source_destroy(source);
}

/* Checks the rows of a file for a model of one input "x" of two numbers. */
static void
check_pairs(struct row_bench *bench, const char *file, const char *text, const float *expected,
            uint64_t rows)
{
    struct neuron_row_block block = {0};

    row_bench_clear_files(bench);
    row_bench_put(bench, file, text);
    row_bench_add_file(bench, NULL, file);
    take_all(bench, &block);
    assert_int_equal(block.count, rows);
    assert_int_equal(block.bad_count, 0);
    assert_memory_equal(block.views[0].data, expected, rows * 2 * sizeof(float));
    neuron_row_block_destroy(&block);
}

static void
forms_of_csv_give_the_same_rows(void **state)
{
    static const float pairs[] = {1.5F, 2, -3, 4e9F};
    struct row_bench *bench = *state;

    row_bench_add_vectors(bench, "x", 2);
    check_pairs(bench, "a.csv", "a,b\n1.5,2\n-3,4e9\n", pairs, 2);
    check_pairs(bench, "a.csv", "1.5,2\n-3,4e9", pairs, 2);
    check_pairs(bench, "a.csv", "\xEF\xBB\xBF\"a,1\",b\r\n1.5,2\r\n-3,4e9\r\n\r\n\n", pairs, 2);
    check_pairs(bench, "a.csv", "\"1.5\", 2 \n\"-3\",4e9\n", pairs, 2);
    check_pairs(bench, "a.csv", "\n\n1.5,2\n-3,4e9\n", pairs, 2);
}

static void
forms_of_jsonl_give_the_same_rows(void **state)
{
    static const float pairs[] = {1.5F, 2, -3, 4e9F};
    struct row_bench *bench = *state;

    row_bench_add_vectors(bench, "x", 2);
    check_pairs(bench, "a.jsonl", "[1.5, 2]\n[-3,4e9]\n", pairs, 2);
    check_pairs(
        bench, "a.jsonl",
        "\xEF\xBB\xBF{\"id\": {\"x\": [9]}, \"x\": [1.5, 2]}\r\n{\"\\u0078\":[-3,4e9]}\n \n", pairs,
        2);
    check_pairs(bench, "a.ndjson", "{\"x\":[1.5,2]}\n[-3,4e9]", pairs, 2);
}

static void
columns_are_chosen_by_name_and_position(void **state)
{
    static const float expected[] = {4, 2, 3, 8, 6, 7};
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};

    row_bench_add_vectors(bench, "x", 3);
    row_bench_put(bench, "a.csv", "id,b,c,d\none,2,3,4\n\"t,w\",6,7,8\n");
    row_bench_add_file(bench, NULL, "a.csv");
    row_bench_add_columns(bench, NULL, "d,1-2");
    take_all(bench, &block);
    assert_memory_equal(block.views[0].data, expected, sizeof(expected));
    neuron_row_block_destroy(&block);
    bench->columns[0].value = "d,1-4";
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "no column '1-4'; there are id, b, c, d");
    bench->columns[0].value = "d,e,b";
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "no column 'e'");
    bench->columns[0].value = "d,b";
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "2 columns (d,b), but input x");
    bench->options.columns.count = 0;
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "4 columns (id, b, c, d)");
}

/* A model of two inputs: "x" of two float32 and "n" of one int32. */
static void
use_two_inputs(struct row_bench *bench)
{
    row_bench_add_vectors(bench, "x", 2);
    row_bench_add_input(bench, "n",
                        (struct neuron_tensor_shape){.type = NEURON_INT32, .rank = 1, .dims = {8}},
                        false);
}

static void
check_two_inputs(struct row_bench *bench)
{
    static const float pairs[] = {1, 2, 3, 4};
    static const int32_t numbers[] = {7, 8};
    struct neuron_row_block block = {0};

    take_all(bench, &block);
    assert_int_equal(block.bad_count, 0);
    assert_memory_equal(block.views[0].data, pairs, sizeof(pairs));
    assert_memory_equal(block.views[1].data, numbers, sizeof(numbers));
    neuron_row_block_destroy(&block);
    row_bench_clear_files(bench);
}

static void
one_text_file_serves_several_inputs(void **state)
{
    struct row_bench *bench = *state;

    use_two_inputs(bench);
    row_bench_put(bench, "a.csv", "n,x_0,x_1\n7,1,2\n8,3,4\n");
    row_bench_add_file(bench, NULL, "a.csv");
    check_two_inputs(bench);
    row_bench_put(bench, "b.csv", "1,2,7\n3,4,8\n");
    row_bench_add_file(bench, NULL, "b.csv");
    row_bench_add_columns(bench, "x", "0-1");
    row_bench_add_columns(bench, "n", "2");
    check_two_inputs(bench);
}

static void
fields_are_chosen_by_name(void **state)
{
    struct row_bench *bench = *state;

    use_two_inputs(bench);
    row_bench_put(bench, "a.jsonl", "{\"x\":[1,2],\"n\":7}\n{\"n\":8,\"x\":[3,4]}\n");
    row_bench_add_file(bench, NULL, "a.jsonl");
    check_two_inputs(bench);
    row_bench_put(bench, "b.jsonl", "{\"p\":1,\"q\":2,\"r\":7}\n{\"r\":8,\"q\":4,\"p\":3}\n");
    row_bench_add_file(bench, NULL, "b.jsonl");
    row_bench_add_columns(bench, "x", "p,q");
    row_bench_add_columns(bench, "n", "r");
    check_two_inputs(bench);
    row_bench_add_file(bench, NULL, "b.jsonl");
    row_bench_add_columns(bench, "x", "p,q,r");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "3 fields, but input x is float32[8,2]");
}

/* Checks that the second of three rows is bad, for this reason, and its values are 0. */
static void
check_bad(struct row_bench *bench, const char *file, const char *text, const char *reason)
{
    struct neuron_row_block block = {0};

    row_bench_clear_files(bench);
    row_bench_put(bench, file, text);
    row_bench_add_file(bench, NULL, file);
    take_all(bench, &block);
    assert_int_equal(block.count, 3);
    assert_int_equal(block.bad_count, 1);
    assert_int_equal(block.bad[0].row, 1);
    assert_int_equal(block.bad[0].input, 0);
    assert_contains(block.bad[0].reason, reason);
    const float *values = block.views[0].data;
    assert_true(values[1] == 2 && values[2] == 0 && values[3] == 0 && values[5] == 6);
    neuron_row_block_destroy(&block);
}

static void
bad_rows_of_csv_are_told(void **state)
{
    struct row_bench *bench = *state;

    row_bench_add_vectors(bench, "x", 2);
    check_bad(bench, "a.csv", "age,b\n1,2\nn/a,4\n5,6\n", "column age: 'n/a' is no number");
    check_bad(bench, "a.csv", "1,2\n3,\n5,6\n", "column 1 is empty");
    check_bad(bench, "a.csv", "1,2\n3,4,5\n5,6\n", "3 columns, not 2");
    check_bad(bench, "a.csv", "1,2\n3\n5,6\n", "1 columns, not 2");
    check_bad(bench, "a.csv", "1,2\n\n5,6\n", "empty");
    check_bad(bench, "a.csv", "1,2\n3,1e39\n5,6\n", "'1e39' does not fit float32");
    check_bad(bench, "a.csv", "1,2\n\"3\"x,4\n5,6\n", "behind a closing quote");
}

static void
bad_rows_of_jsonl_are_told(void **state)
{
    struct row_bench *bench = *state;

    row_bench_add_vectors(bench, "x", 2);
    check_bad(bench, "a.jsonl", "[1,2]\n[3]\n[5,6]\n", "field x is no float32[2]");
    check_bad(bench, "a.jsonl", "[1,2]\n[3,4,5]\n[5,6]\n", "field x is no float32[2]");
    check_bad(bench, "a.jsonl", "[1,2]\n[[3],4]\n[5,6]\n", "is no float32[2]");
    check_bad(bench, "a.jsonl", "[1,2]\n[3,null]\n[5,6]\n", "something that is no number");
    check_bad(bench, "a.jsonl", "[1,2]\n{\"y\":[3,4]}\n[5,6]\n", "field x is missing");
    check_bad(bench, "a.jsonl", "[1,2]\n{\"x\":[3,4],\"x\":[3,4]}\n[5,6]\n", "twice");
    check_bad(bench, "a.jsonl", "[1,2]\n{\"x\":[3,4]\n[5,6]\n", "no valid JSON");
    check_bad(bench, "a.jsonl", "[1,2]\n{\"x\":[3,4]} x\n[5,6]\n", "no valid JSON");
    check_bad(bench, "a.jsonl", "[1,2]\n[3,1e39]\n[5,6]\n", "1e39 does not fit float32");
    check_bad(bench, "a.jsonl", "[1,2]\nnothing\n[5,6]\n", "is no float32[2]");
    check_bad(bench, "a.jsonl", "[1,2]\n{\"y\":tru,\"x\":[3,4]}\n[5,6]\n", "not used");
    check_bad(bench, "a.jsonl", "[1,2]\n \n[5,6]\n", "empty");
}

static void
damaged_csv_is_refused(void **state)
{
    struct row_bench *bench = *state;

    row_bench_add_vectors(bench, "x", 2);
    row_bench_put(bench, "a.csv", "1,2\n\"3,4\n5,6\n");
    row_bench_add_file(bench, NULL, "a.csv");
    row_bench_refuses(bench, NEURON_INVALID_SYNTAX, "a quote is opened in the row at byte 4");
    row_bench_put(bench, "a.csv", "a,b\n1,2\n");
    row_bench_put(bench, "b.csv", "b,a\n1,2\n");
    row_bench_clear_files(bench);
    row_bench_add_file(bench, NULL, "*.csv");
    row_bench_refuses(bench, NEURON_INVALID_ARGUMENT, "b.csv has another header line");
}

static void
a_long_pass_can_be_stopped(void **state)
{
    static const volatile sig_atomic_t stop = 1;
    struct row_bench *bench = *state;

    row_bench_add_vectors(bench, "x", 1);
    row_bench_put(bench, "a.csv", "1\n2\n");
    row_bench_add_file(bench, NULL, "a.csv");
    bench->plan.stop_signal = &stop;
    row_bench_refuses(bench, NEURON_CANCELLED, "stopped");
}

static void
a_row_that_is_bad_for_two_inputs_is_told_once(void **state)
{
    struct row_bench *bench = *state;
    struct neuron_row_block block = {0};

    use_two_inputs(bench);
    row_bench_put(bench, "a.jsonl", "[1,2]\n[bad]\n[bad]\n");
    row_bench_put(bench, "b.csv", "n\n1.5\n?\n3\n");
    row_bench_add_file(bench, "x", "a.jsonl");
    row_bench_add_file(bench, "n", "b.csv");
    take_all(bench, &block);
    assert_int_equal(block.bad_count, 3);
    assert_int_equal(block.bad[0].input, 1);
    assert_contains(block.bad[0].reason, "'1.5' is no whole number");
    assert_int_equal(block.bad[1].row, 1);
    assert_int_equal(block.bad[1].input, 0);
    assert_int_equal(block.bad[2].row, 2);
    assert_int_equal(((const int32_t *)block.views[1].data)[2], 3);
    neuron_row_block_destroy(&block);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms_of_csv_give_the_same_rows, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(forms_of_jsonl_give_the_same_rows, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(columns_are_chosen_by_name_and_position, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(one_text_file_serves_several_inputs, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(fields_are_chosen_by_name, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(bad_rows_of_csv_are_told, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(bad_rows_of_jsonl_are_told, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(damaged_csv_is_refused, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(a_long_pass_can_be_stopped, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(a_row_that_is_bad_for_two_inputs_is_told_once,
                                        row_bench_setup, row_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

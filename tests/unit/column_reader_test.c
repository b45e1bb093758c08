/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "row_files.h"
#include "score/column_reader.h"
#include "score/job_fingerprint.h"

static void
check_text(const struct neuron_column_text *text, const char *expected, bool is_json)
{
    assert_int_equal(text->size_bytes, strlen(expected));
    assert_memory_equal(text->text, expected, text->size_bytes);
    assert_int_equal(text->is_json, is_json);
}

static void
columns_of_csv_are_read_across_files(void **state)
{
    static const char *const names[] = {"id", "2"};
    struct row_bench *bench = *state;
    struct neuron_column_reader *reader = NULL;
    struct neuron_column_text texts[2] = {{0}};
    struct neuron_error error = {0};

    row_bench_add_vectors(bench, "x", 1);
    row_bench_put(bench, "a.csv",
                  "id,x,note\r\na1,1,\" as is \"\r\na2,2,\"say \"\"hi\"\", twice\"\r\n");
    row_bench_put(bench, "b.csv", "id,x,note\r\na3,3\r\n");
    row_bench_add_file(bench, NULL, "*.csv");
    row_bench_add_columns(bench, NULL, "x");
    bench->options.first_row = 1;
    struct neuron_row_source *source = row_bench_open(bench);
    assert_ok(neuron_column_reader_open(source, names, 2, 0, &reader, &error), &error);
    assert_ok(neuron_column_reader_next(reader, texts, &error), &error);
    check_text(&texts[0], "a2", false);
    check_text(&texts[1], "say \"hi\", twice", false);
    assert_ok(neuron_column_reader_next(reader, texts, &error), &error);
    check_text(&texts[0], "a3", false);
    check_text(&texts[1], "", false);
    neuron_column_reader_destroy(reader);
    neuron_row_source_destroy(source);
}

static void
fields_of_jsonl_are_read_as_they_stand(void **state)
{
    static const char *const names[] = {"id", "tags"};
    struct row_bench *bench = *state;
    struct neuron_column_reader *reader = NULL;
    struct neuron_column_text texts[2] = {{0}};
    struct neuron_error error = {0};

    row_bench_add_vectors(bench, "x", 1);
    row_bench_put(
        bench, "a.jsonl",
        "[0]\n{\"tags\": [\"a\", {\"b\": 0.10}], \"x\": [1], \"\\u0069d\": \"q\\\"\"}\nbad\n");
    row_bench_add_file(bench, NULL, "a.jsonl");
    struct neuron_row_source *source = row_bench_open(bench);
    assert_ok(neuron_column_reader_open(source, names, 2, 1, &reader, &error), &error);
    assert_ok(neuron_column_reader_next(reader, texts, &error), &error);
    check_text(&texts[0], "\"q\\\"\"", true);
    check_text(&texts[1], "[\"a\", {\"b\": 0.10}]", true);
    assert_ok(neuron_column_reader_next(reader, texts, &error), &error);
    check_text(&texts[0], "", true);
    neuron_column_reader_destroy(reader);
    neuron_row_source_destroy(source);
}

static void
columns_that_are_not_there_are_refused(void **state)
{
    static const char *const names[] = {"id"};
    struct row_bench *bench = *state;
    struct neuron_column_reader *reader = NULL;
    struct neuron_error error = {0};
    float number = 1;
    const struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {1, 1}};
    struct neuron_tensor_view rows = neuron_tensor_view_of(&shape, &number);

    row_bench_add_vectors(bench, "x", 1);
    row_bench_put(bench, "a.csv", "x\n1\n");
    row_files_put_npy(bench, "a.npy", &rows);
    row_bench_add_file(bench, NULL, "a.csv");
    struct neuron_row_source *source = row_bench_open(bench);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_column_reader_open(source, names, 1, 0, &reader, &error), &error);
    assert_contains(error.text, "no input has a column 'id'");
    neuron_row_source_destroy(source);
    row_bench_clear_files(bench);
    row_bench_add_file(bench, NULL, "a.npy");
    source = row_bench_open(bench);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_column_reader_open(source, names, 1, 0, &reader, &error), &error);
    assert_contains(error.text, "no input is a csv or jsonl file");
    neuron_row_source_destroy(source);
}

/* Writes the lines of a source's fingerprint. */
static void
identify(struct row_bench *bench, char *text, size_t size_bytes)
{
    struct neuron_row_source *source = row_bench_open(bench);
    struct neuron_job_fingerprint *fingerprint = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_job_fingerprint_create(&fingerprint, &error), &error);
    assert_ok(neuron_row_source_identify(source, fingerprint, &error), &error);
    (void)snprintf(text, size_bytes, "%s", neuron_job_fingerprint_text(fingerprint));
    neuron_job_fingerprint_destroy(fingerprint);
    neuron_row_source_destroy(source);
}

static void
inputs_have_a_fingerprint(void **state)
{
    struct row_bench *bench = *state;
    char first[1024] = "";
    char second[1024] = "";

    row_bench_add_vectors(bench, "x:0", 1);
    row_bench_put(bench, "a.csv", "1\n2\n");
    row_bench_put(bench, "b.csv", "3\n");
    row_bench_add_file(bench, NULL, "*.csv");
    row_bench_add_columns(bench, NULL, "0");
    identify(bench, first, sizeof(first));
    assert_contains(first, "input 0 x_0 file 0: a.csv 4 bytes of ");
    assert_contains(first, "input 0 x_0 file 1: b.csv 2 bytes of ");
    assert_contains(first, "columns 0 ");
    assert_contains(first, "input rows: 3 from 0 of 3\n");
    identify(bench, second, sizeof(second));
    assert_string_equal(first, second);
    row_bench_put(bench, "a.csv", "1\n3\n");
    identify(bench, second, sizeof(second));
    assert_string_not_equal(first, second);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_of_csv_are_read_across_files, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(fields_of_jsonl_are_read_as_they_stand, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(columns_that_are_not_there_are_refused, row_bench_setup,
                                        row_bench_teardown),
        cmocka_unit_test_setup_teardown(inputs_have_a_fingerprint, row_bench_setup,
                                        row_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

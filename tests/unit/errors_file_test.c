/* SPDX-License-Identifier: Apache-2.0 */
#include "score/errors_file.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "test_folder.h"

static const struct neuron_tensor_spec inputs[] = {{"ids", {NEURON_INT32, 1, {4}}},
                                                   {"ag\"e", {NEURON_FLOAT32, 1, {4}}}};

static const struct neuron_row_failure failures[] = {
    {3, NEURON_BAD_READ, 1, 1, "column age: 'n/a\n' is no \"number\""},
    {4, NEURON_BAD_NAN, 2, 1, "NaN in scores"},
    {70, NEURON_BAD_CRASH, 3, 0, "killed by signal 11"},
    {71, NEURON_BAD_READ, 1, 9, ""}};

static const char four_lines[] =
    "{\"row\":1003,\"input\":\"ag\\\"e\",\"stage\":\"read\",\"reason\":\"column age: "
    "'n/a\\n' is no \\\"number\\\"\",\"attempts\":1}\n"
    "{\"row\":1004,\"input\":null,\"stage\":\"nan\",\"reason\":\"NaN in scores\","
    "\"attempts\":2}\n"
    "{\"row\":1070,\"input\":null,\"stage\":\"crash\",\"reason\":\"killed by signal "
    "11\",\"attempts\":3}\n"
    "{\"row\":1071,\"input\":null,\"stage\":\"read\",\"reason\":\"\",\"attempts\":1}\n";

static void
every_failure_is_an_object(void **state)
{
    struct neuron_errors_file errors = {.failures = failures,
                                        .failure_count = 4,
                                        .first_row = 1000,
                                        .inputs = inputs,
                                        .input_count = 2};
    struct neuron_error error = {0};
    char output[TEST_PATH_BYTES];
    char text[1000] = "";

    char *path = neuron_errors_file_name(test_folder_path(*state, "y.npy", output));
    assert_contains(path, "/y.npy.errors.jsonl");
    errors.path = path;
    assert_ok(neuron_errors_file_write(&errors, &error), &error);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, four_lines);
    free(path);
}

static void
without_failures_an_earlier_file_goes(void **state)
{
    struct neuron_errors_file errors = {.failure_count = 0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    errors.path = test_folder_path(*state, "y.npy.errors.jsonl", path);
    assert_ok(neuron_errors_file_write(&errors, &error), &error);
    test_file_put(path, "x", 1);
    assert_ok(neuron_errors_file_write(&errors, &error), &error);
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
a_place_that_cannot_be_written_is_told(void **state)
{
    static const struct neuron_row_failure failure = {.row = 1};
    struct neuron_errors_file errors = {.failures = &failure, .failure_count = 1};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    errors.path = test_folder_path(*state, "none/y.errors.jsonl", path);
    assert_status(NEURON_SYSTEM, neuron_errors_file_write(&errors, &error), &error);
    assert_contains(error.text, "y.errors.jsonl cannot be written: No such file");
    test_folder_path(*state, "folder", path);
    assert_int_equal(mkdir(path, 0700), 0);
    errors.failure_count = 0;
    assert_status(NEURON_SYSTEM, neuron_errors_file_write(&errors, &error), &error);
    assert_contains(error.text, "folder cannot be removed");
}

static void
every_stage_has_a_word(void **state)
{
    (void)state;
    assert_string_equal(neuron_bad_stage_name(NEURON_BAD_RUN), "run");
    assert_string_equal(neuron_bad_stage_name(NEURON_BAD_TIME), "time");
    assert_null(neuron_bad_stage_name((enum neuron_bad_stage)17));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_failure_is_an_object, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(without_failures_an_earlier_file_goes, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_is_told, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(every_stage_has_a_word, test_folder_setup,
                                        test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

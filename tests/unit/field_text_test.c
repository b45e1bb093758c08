/* SPDX-License-Identifier: Apache-2.0 */
#include "score/field_text.h"

#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test_folder.h"

/* What a put makes of a text. */
typedef void
put_fn(struct neuron_new_file *file, const char *text, size_t size_bytes);

static void
put_json_column_to_csv(struct neuron_new_file *file, const char *text, size_t size_bytes)
{
    const struct neuron_column_text column = {text, size_bytes, true};

    neuron_column_put_csv(file, &column);
}

static void
put_json_column_to_json(struct neuron_new_file *file, const char *text, size_t size_bytes)
{
    const struct neuron_column_text column = {text, size_bytes, true};

    neuron_column_put_json(file, &column);
}

static void
expect_bytes(const struct test_folder *folder, put_fn *put, const char *text, const char *expected)
{
    struct neuron_new_file file = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    char part[TEST_PATH_BYTES];
    char found[200] = "";

    test_folder_path(folder, "text", path);
    test_folder_path(folder, "text.part", part);
    assert_ok(neuron_new_file_open(&file, path, part, &error), &error);
    put(&file, text, strlen(text));
    assert_ok(neuron_new_file_settle(&file, &error), &error);
    assert_ok(neuron_new_file_publish(&file, &error), &error);
    neuron_new_file_close(&file);
    FILE *made = fopen(path, "re");
    assert_non_null(made);
    assert_int_equal(fread(found, 1, sizeof(found), made), strlen(expected));
    assert_int_equal(fclose(made), 0);
    assert_string_equal(found, expected);
}

static void
csv_fields_are_quoted_where_needed(void **state)
{
    expect_bytes(*state, neuron_field_put_csv, "plain text", "plain text");
    expect_bytes(*state, neuron_field_put_csv, "", "");
    expect_bytes(*state, neuron_field_put_csv, "a,b", "\"a,b\"");
    expect_bytes(*state, neuron_field_put_csv, "say \"a\"", "\"say \"\"a\"\"\"");
    expect_bytes(*state, neuron_field_put_csv, "two\nlines", "\"two\nlines\"");
    expect_bytes(*state, neuron_field_put_csv, " blank", "\" blank\"");
    expect_bytes(*state, neuron_field_put_csv, "cr\r", "\"cr\r\"");
}

static void
json_strings_are_escaped(void **state)
{
    expect_bytes(*state, neuron_field_put_json, "plain", "\"plain\"");
    expect_bytes(*state, neuron_field_put_json, "a\"b\\c", "\"a\\\"b\\\\c\"");
    expect_bytes(*state, neuron_field_put_json, "\b\t\n\f\r\x01\x1f",
                 "\"\\b\\t\\n\\f\\r\\u0001\\u001f\"");
    expect_bytes(*state, neuron_field_put_json, "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
                 "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

static void
what_is_no_utf8_becomes_the_sign_for_that(void **state)
{
    expect_bytes(*state, neuron_field_put_json, "\xFF", "\"\xEF\xBF\xBD\"");
    expect_bytes(*state, neuron_field_put_json, "\xC3", "\"\xEF\xBF\xBD\"");
    expect_bytes(*state, neuron_field_put_json, "\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    expect_bytes(*state, neuron_field_put_json, "\xE2\x82z", "\"\xEF\xBF\xBD\xEF\xBF\xBDz\"");
    expect_bytes(*state, neuron_field_put_json, "\xED\xA0\x80",
                 "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void
json_values_become_fields(void **state)
{
    expect_bytes(*state, put_json_column_to_csv, "\"plain\"", "plain");
    expect_bytes(*state, put_json_column_to_csv, "12.5", "12.5");
    expect_bytes(*state, put_json_column_to_csv, "null", "");
    expect_bytes(*state, put_json_column_to_csv, "[1,2]", "\"[1,2]\"");
    expect_bytes(*state, put_json_column_to_csv, "\"a\\\"b\\\\\\/\\t\"", "\"a\"\"b\\/\t\"");
    expect_bytes(*state, put_json_column_to_csv, "\"\\u0041\\u00e9\\u20AC\"",
                 "\"A\xC3\xA9\xE2\x82\xAC\"");
    expect_bytes(*state, put_json_column_to_csv, "\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"");
    expect_bytes(*state, put_json_column_to_json, "{\"a\": 1}", "{\"a\": 1}");
    expect_bytes(*state, put_json_column_to_json, "", "null");
}

static void
damaged_escapes_do_no_harm(void **state)
{
    expect_bytes(*state, put_json_column_to_csv, "\"\\ud83d!\"", "\"\xEF\xBF\xBD!\"");
    expect_bytes(*state, put_json_column_to_csv, "\"\\ud83d\\u0041\"",
                 "\"\xEF\xBF\xBD"
                 "A\"");
    expect_bytes(*state, put_json_column_to_csv, "\"\\u12\"",
                 "\"\xEF\xBF\xBD"
                 "12\"");
    expect_bytes(*state, put_json_column_to_csv, "\"end\\\"", "\"end\\\"");
    expect_bytes(*state, put_json_column_to_csv, "\"", "\"\"\"\"");
}

static void
long_texts_pass_through_whole(void **state)
{
    enum { LENGTH = 1000000 };
    struct neuron_new_file file = {0};
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    char part[TEST_PATH_BYTES];
    char *text = malloc(LENGTH);

    assert_non_null(text);
    memset(text, 'x', LENGTH);
    test_folder_path(*state, "text", path);
    test_folder_path(*state, "text.part", part);
    assert_ok(neuron_new_file_open(&file, path, part, &error), &error);
    neuron_field_put_csv(&file, text, LENGTH);
    neuron_field_put_json(&file, text, LENGTH);
    assert_ok(neuron_new_file_settle(&file, &error), &error);
    neuron_new_file_close(&file);
    assert_int_equal(truncate(part, 2 * LENGTH + 2), 0);
    assert_int_equal(test_folder_file_count(*state), 1);
    free(text);
}

static void
a_full_disk_is_told_when_it_is_settled(void **state)
{
    struct neuron_new_file file = {0};
    struct neuron_error error = {0};
    char part[TEST_PATH_BYTES];
    char blocks[4096] = "";

    test_folder_path(*state, "text.part", part);
    assert_ok(neuron_new_file_open(&file, "text", part, &error), &error);
    assert_int_equal(close(file.descriptor), 0);
    file.descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < 200; i += 1) {
        neuron_new_file_put(&file, blocks, sizeof(blocks));
    }
    assert_status(NEURON_SYSTEM, neuron_new_file_settle(&file, &error), &error);
    assert_contains(error.text, "text cannot be written: No space left on device");
    neuron_new_file_close(&file);
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
a_place_that_cannot_be_written_is_refused(void **state)
{
    struct neuron_new_file file = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_SYSTEM,
                  neuron_new_file_open(&file, "/nowhere/x", "/nowhere/x.part", &error), &error);
    assert_contains(error.text, "/nowhere/x cannot be written: No such file");
    neuron_new_file_close(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv_fields_are_quoted_where_needed, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(json_strings_are_escaped, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_utf8_becomes_the_sign_for_that,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(json_values_become_fields, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(damaged_escapes_do_no_harm, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(long_texts_pass_through_whole, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told_when_it_is_settled, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_is_refused,
                                        test_folder_setup, test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

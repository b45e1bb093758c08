/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc_trace_file.h"

static void
expect_json(const char *text, const char *expected)
{
    char *written = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&written, &size_bytes);

    assert_non_null(stream);
    neuron_cc_print_json_text(stream, text);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(written, expected);
    free(written);
}

static void
texts_are_quoted(void **state)
{
    (void)state;
    expect_json("", "\"\"");
    expect_json("jit:avx2 [2,3]", "\"jit:avx2 [2,3]\"");
}

static void
what_json_has_no_place_for_is_escaped(void **state)
{
    (void)state;
    expect_json("a\"b", "\"a\\\"b\"");
    expect_json("a\\b", "\"a\\\\b\"");
    expect_json("a\nb\x01\x7f", "\"a\\u000ab\\u0001\\u007f\"");
    expect_json("\xff\xc3\xa4", "\"???\"");
}

static void
a_profile_without_steps_is_a_trace_without_events(void **state)
{
    char path[] = "/tmp/cc_trace_file_test.XXXXXX";
    char text[512] = "";
    struct neuron_cc_profile profile = {0};
    struct neuron_error error = {0};
    int made = mkstemp(path);

    (void)state;
    assert_true(made >= 0);
    assert_ok(neuron_cc_trace_file_write(&profile, "m\"x", path, &error), &error);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(remove(path), 0);
    assert_contains(text, "\"name\":\"m\\\"x\"}}\n]}\n");
    assert_int_equal(text[length - 1], '\n');
}

static void
a_place_that_cannot_be_written_is_named(void **state)
{
    struct neuron_cc_profile profile = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_SYSTEM,
                  neuron_cc_trace_file_write(&profile, "m", "/no/such/folder/t.json", &error),
                  &error);
    assert_contains(error.text, "/no/such/folder/t.json");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_quoted),
        cmocka_unit_test(what_json_has_no_place_for_is_escaped),
        cmocka_unit_test(a_profile_without_steps_is_a_trace_without_events),
        cmocka_unit_test(a_place_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "score/json_scan.h"

/* Says whether a text is one value and nothing else. */
static bool
is_value(const char *text)
{
    struct neuron_json_scan scan = {text, text + strlen(text)};
    struct neuron_json_part part = {0};

    return neuron_json_read_value(&scan, &part) && neuron_json_is_at_end(&scan);
}

static void
values_are_read(void **state)
{
    static const char *const texts[] = {"1",
                                        "-0.5e+10",
                                        "0",
                                        " [ ] ",
                                        "{}",
                                        "null",
                                        "true",
                                        "false",
                                        "\"\"",
                                        "NaN",
                                        "-Infinity",
                                        "[1, [2, {\"a\": [3]}], \"x\"]",
                                        "{\"a\" : 1 , \"b\":{\"c\":[]}}",
                                        "\"\\u00e9\\n\\\"\"",
                                        "[[[[]]],{}]"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_true(is_value(texts[i]));
    }
}

static void
what_is_no_value_is_refused(void **state)
{
    static const char *const texts[] = {
        "",      "01",      "1.",          ".5",       "+1",  "1e",  "-",   "[1,]",
        "[1 2]", "{\"a\"}", "{\"a\":}",    "{a:1}",    "[",   "]",   "{",   "{\"a\":1,}",
        "\"",    "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "nul", "tru", "[1}", "{\"a\":1]",
        "1 2",   "'a'",     "[,1]",        "{,}",      "\"\\"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_false(is_value(texts[i]));
    }
}

static void
nesting_has_a_limit(void **state)
{
    char text[2 * NEURON_JSON_DEPTH_LIMIT + 3] = "";

    (void)state;
    memset(text, '[', NEURON_JSON_DEPTH_LIMIT);
    memset(text + NEURON_JSON_DEPTH_LIMIT, ']', NEURON_JSON_DEPTH_LIMIT);
    assert_true(is_value(text));
    memset(text, '[', NEURON_JSON_DEPTH_LIMIT + 1);
    memset(text + NEURON_JSON_DEPTH_LIMIT + 1, ']', NEURON_JSON_DEPTH_LIMIT + 1);
    assert_false(is_value(text));
}

static bool
equals(const char *text, const char *expected)
{
    struct neuron_json_scan scan = {text, text + strlen(text)};
    struct neuron_json_part part = {0};

    return neuron_json_read_string(&scan, &part) && neuron_json_string_equals(&part, expected);
}

static void
strings_equal_what_they_stand_for(void **state)
{
    (void)state;
    assert_true(equals("\"abc\"", "abc"));
    assert_false(equals("\"abc\"", "ab"));
    assert_false(equals("\"ab\"", "abc"));
    assert_true(equals("\"a\\u0062\\/\\t\"", "ab/\t"));
    assert_true(equals("\"\\u00e9\\u20AC\"", "\xC3\xA9\xE2\x82\xAC"));
    assert_true(equals("\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"));
    assert_false(equals("\"\\ud83d\"", "\xF0\x9F\x98\x80"));
    assert_false(equals("\"a\\u0000\"", "a"));
    assert_true(equals("\"\"", ""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(what_is_no_value_is_refused),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(strings_equal_what_they_stand_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

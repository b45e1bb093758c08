/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/json_text.h"

/* The allocations that still succeed. */
static int allocations_left = 1000;

/* The linker puts this in place of realloc(); it gives the names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
void *
__real_realloc(void *memory, size_t size_bytes);

void *
__wrap_realloc(void *memory, size_t size_bytes);

void *
__wrap_realloc(void *memory, size_t size_bytes)
{
    allocations_left -= 1;
    return allocations_left < 0 ? NULL : __real_realloc(memory, size_bytes);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

/* Finishes a text, and fails unless it is as expected. */
static void
check_text(struct neuron_json_text *text, const char *expected)
{
    struct neuron_error error = {0};

    assert_ok(neuron_json_text_finish(text, &error), &error);
    assert_string_equal(text->bytes, expected);
    assert_int_equal(text->length, strlen(expected));
    neuron_json_text_destroy(text);
    assert_null(text->bytes);
}

static void
check_string(const char *value, const char *expected)
{
    struct neuron_json_text text = {0};

    neuron_json_text_add_string(&text, NULL, value);
    check_text(&text, expected);
}

static void
members_stand_in_the_order_in_which_they_are_added(void **state)
{
    struct neuron_json_text text = {0};

    (void)state;
    neuron_json_text_open_object(&text, NULL);
    neuron_json_text_add_unsigned(&text, "most", UINT64_MAX);
    neuron_json_text_add_signed(&text, "least", INT64_MIN);
    neuron_json_text_open_array(&text, "list");
    neuron_json_text_add_bool(&text, NULL, true);
    neuron_json_text_add_bool(&text, NULL, false);
    neuron_json_text_add_null(&text, NULL);
    neuron_json_text_close_array(&text);
    neuron_json_text_add_decimal(&text, "time", 1.0 / 3.0, 3);
    neuron_json_text_close_object(&text);
    check_text(&text, "{\"most\": 18446744073709551615, \"least\": -9223372036854775808, "
                      "\"list\": [true, false, null], \"time\": 0.333}\n");
}

static void
lines_break_down_to_the_depth_that_is_asked_for(void **state)
{
    struct neuron_json_text text = {.line_depth = 2};

    (void)state;
    neuron_json_text_open_object(&text, NULL);
    neuron_json_text_open_array(&text, "rows");
    for (unsigned i = 0; i < 2; i += 1) {
        neuron_json_text_open_object(&text, NULL);
        neuron_json_text_add_unsigned(&text, "a", i);
        neuron_json_text_add_unsigned(&text, "b", i);
        neuron_json_text_close_object(&text);
    }
    neuron_json_text_close_array(&text);
    neuron_json_text_open_array(&text, "none");
    neuron_json_text_close_array(&text);
    neuron_json_text_close_object(&text);
    check_text(&text,
               "{\n  \"rows\": [\n    {\"a\": 0, \"b\": 0},\n    {\"a\": 1, \"b\": 1}\n  ],\n"
               "  \"none\": []\n}\n");
}

static void
strings_are_escaped(void **state)
{
    (void)state;
    check_string("a \"quoted\" \\ text/", "\"a \\\"quoted\\\" \\\\ text/\"\n");
    check_string("\n\t\r\b\f", "\"\\n\\t\\r\\b\\f\"\n");
    check_string("\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"\n");
    check_string("", "\"\"\n");
    check_string(NULL, "null\n");
}

static void
names_are_escaped_too(void **state)
{
    struct neuron_json_text text = {0};

    (void)state;
    neuron_json_text_open_object(&text, NULL);
    neuron_json_text_add_null(&text, "a\"b");
    neuron_json_text_close_object(&text);
    check_text(&text, "{\"a\\\"b\": null}\n");
}

static void
whole_characters_pass_and_broken_ones_are_replaced(void **state)
{
    (void)state;
    check_string("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80",
                 "\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\"\n");
    check_string("a\xFFz", "\"a\xEF\xBF\xBDz\"\n");
    check_string("\xC3", "\"\xEF\xBF\xBD\"\n");                 /* cut off */
    check_string("\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"\n"); /* longer than need be */
    check_string("\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n"); /* a surrogate */
    check_string("\xF4\x90\x80\x80",
                 "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n"); /* past the last one */
}

static void
numbers_that_json_lacks_become_null(void **state)
{
    struct neuron_json_text text = {0};

    (void)state;
    neuron_json_text_open_array(&text, NULL);
    neuron_json_text_add_decimal(&text, NULL, (double)NAN, 2);
    neuron_json_text_add_decimal(&text, NULL, (double)INFINITY, 2);
    neuron_json_text_add_decimal(&text, NULL, -1.5, 0);
    neuron_json_text_close_array(&text);
    check_text(&text, "[null, null, -2]\n");
}

static void
a_text_grows_as_long_as_it_has_to(void **state)
{
    struct neuron_json_text text = {0};
    struct neuron_error error = {0};

    (void)state;
    neuron_json_text_open_array(&text, NULL);
    for (unsigned i = 0; i < 10000; i += 1) {
        neuron_json_text_add_unsigned(&text, NULL, 7);
    }
    neuron_json_text_close_array(&text);
    assert_ok(neuron_json_text_finish(&text, &error), &error);
    assert_int_equal(text.length, 10000 * 3 + 1);
    neuron_json_text_destroy(&text);
}

static void
a_text_that_lost_a_part_is_refused_at_the_end(void **state)
{
    struct neuron_json_text text = {0};
    struct neuron_error error = {0};

    (void)state;
    neuron_json_text_open_array(&text, NULL);
    allocations_left = 0;
    for (unsigned i = 0; i < 1000; i += 1) {
        neuron_json_text_add_unsigned(&text, NULL, 7);
    }
    allocations_left = 1000;
    neuron_json_text_close_array(&text);
    assert_status(NEURON_OUT_OF_MEMORY, neuron_json_text_finish(&text, &error), &error);
    assert_contains(error.text, "out of memory");
    neuron_json_text_destroy(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stand_in_the_order_in_which_they_are_added),
        cmocka_unit_test(lines_break_down_to_the_depth_that_is_asked_for),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(names_are_escaped_too),
        cmocka_unit_test(whole_characters_pass_and_broken_ones_are_replaced),
        cmocka_unit_test(numbers_that_json_lacks_become_null),
        cmocka_unit_test(a_text_grows_as_long_as_it_has_to),
        cmocka_unit_test(a_text_that_lost_a_part_is_refused_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

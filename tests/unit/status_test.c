/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

static void
every_status_has_its_own_name(void **state)
{
    (void)state;
    for (int i = NEURON_OK; i <= NEURON_SYSTEM; i += 1) {
        assert_true(strncmp(neuron_status_name((enum neuron_status)i), "NEURON_", 7) == 0);
        for (int j = NEURON_OK; j < i; j += 1) {
            assert_string_not_equal(neuron_status_name((enum neuron_status)i),
                                    neuron_status_name((enum neuron_status)j));
        }
    }
}

static void
a_number_that_is_no_status_is_named_as_such(void **state)
{
    (void)state;
    assert_string_equal(neuron_status_name((enum neuron_status)99), "unknown status");
    assert_string_equal(neuron_status_name((enum neuron_status) - 1), "unknown status");
}

static void
fail_yields_the_status_and_writes_the_text(void **state)
{
    struct neuron_error error = {0};

    (void)state;
    assert_int_equal(NEURON_FAIL(&error, NEURON_NO_SUCH_CORE, "core %d", 11), NEURON_NO_SUCH_CORE);
    assert_int_equal(error.status, NEURON_NO_SUCH_CORE);
    assert_string_equal(error.text, "core 11");
}

static void
an_error_may_be_left_out(void **state)
{
    (void)state;
    assert_int_equal(NEURON_FAIL(NULL, NEURON_SYSTEM, "nobody reads this"), NEURON_SYSTEM);
}

static void
a_long_text_is_cut_at_a_whole_character(void **state)
{
    struct neuron_error error = {0};
    char text[NEURON_ERROR_TEXT_BYTES + 10];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    memcpy(text + NEURON_ERROR_TEXT_BYTES - 3, "\xE2\x82\xAC", 3); /* a euro sign over the edge */
    neuron_error_set(&error, NEURON_SYSTEM, "%s", text);
    assert_int_equal(strlen(error.text), NEURON_ERROR_TEXT_BYTES - 3);
    assert_int_equal(error.text[NEURON_ERROR_TEXT_BYTES - 4], 'a');
}

static void
a_text_with_line_ends_becomes_one_line(void **state)
{
    struct neuron_error error = {0};

    (void)state;
    neuron_error_set(&error, NEURON_SYSTEM, "%s", "two\nlines\t\x1B[31mred");
    assert_string_equal(error.text, "two lines  [31mred");
}

static void
a_text_may_be_rewritten_from_itself(void **state)
{
    struct neuron_error error = {0};

    (void)state;
    neuron_error_set(&error, NEURON_SYSTEM, "inner");
    neuron_error_set(&error, NEURON_SYSTEM, "outer: %s", error.text);
    assert_string_equal(error.text, "outer: inner");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_name),
        cmocka_unit_test(a_number_that_is_no_status_is_named_as_such),
        cmocka_unit_test(fail_yields_the_status_and_writes_the_text),
        cmocka_unit_test(an_error_may_be_left_out),
        cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
        cmocka_unit_test(a_text_with_line_ends_becomes_one_line),
        cmocka_unit_test(a_text_may_be_rewritten_from_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

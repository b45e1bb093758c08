/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "help_text.h"

#include <string.h>

static void
the_last_string_is_the_text(void **state)
{
    static const char packed[] = "\0\0\0\1\0\0\0\3ab\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\7\n\x1bhi\n\n";
    char text[32] = "";

    (void)state;
    assert_true(
        neuron_help_text_decode((const uint8_t *)packed, sizeof(packed), text, sizeof(text)));
    assert_string_equal(text, " hi");
    assert_true(neuron_help_text_decode((const uint8_t *)packed, sizeof(packed), text, 3));
    assert_string_equal(text, " h");
}

static void
what_is_cut_or_of_another_form_is_refused(void **state)
{
    static const char packed[] = "\0\0\0\1\0\0\0\3ab";
    char text[32] = "x";

    (void)state;
    for (size_t i = 0; i < sizeof(packed); i += 1) {
        assert_false(neuron_help_text_decode((const uint8_t *)packed, i, text, sizeof(text)));
        assert_string_equal(text, "");
    }
    assert_true(
        neuron_help_text_decode((const uint8_t *)packed, sizeof(packed), text, sizeof(text)));
    assert_false(
        neuron_help_text_decode((const uint8_t *)"\0\0\0\2\0\0\0\1", 9, text, sizeof(text)));
    assert_false(neuron_help_text_decode((const uint8_t *)"\0\0\0\1\xff\xff\xff\xff", 9, text, 32));
    assert_false(neuron_help_text_decode((const uint8_t *)"\0\0\0\1\0\0\0\1a", 9, text, 32));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_string_is_the_text),
        cmocka_unit_test(what_is_cut_or_of_another_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

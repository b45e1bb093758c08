/* SPDX-License-Identifier: Apache-2.0 */
#include "node/text_columns.h"

#include <locale.h>
#include <string.h>

#include "check.h"

static int
set_locale(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") == NULL; /* NOLINT(concurrency-mt-unsafe): one thread */
}

static void
columns_are_counted_by_character(void **state)
{
    (void)state;
    assert_int_equal(neuron_text_columns(""), 0);
    assert_int_equal(neuron_text_columns("serve.py"), 8);
    assert_int_equal(neuron_text_columns("caf\u00e9"), 4);
    assert_int_equal(neuron_text_columns("cafe\u0301"), 4); /* an accent upon the letter */
    assert_int_equal(neuron_text_columns("\u6a21\u578b"), 4);
}

static void
what_fits_ends_with_a_whole_character(void **state)
{
    size_t used = 0;

    (void)state;
    assert_int_equal(neuron_text_fit("serve.py", 5, &used), 5);
    assert_int_equal(used, 5);
    assert_int_equal(neuron_text_fit("\u6a21\u578b", 3, &used), 3);
    assert_int_equal(used, 2);
    assert_int_equal(neuron_text_fit("e\u0301x", 1, &used), 3);
    assert_int_equal(neuron_text_fit("", 3, NULL), 0);
    assert_int_equal(neuron_text_fit("x", 0, NULL), 0);
}

static void
a_cut_character_does_not_lead_beyond_the_text(void **state)
{
    (void)state;
    assert_int_equal(neuron_text_fit("\xe6\xa8", 9, NULL), 2);
    assert_int_equal(neuron_text_fit("\xf0", 9, NULL), 1);
}

static void
other_characters_than_ascii_become_question_marks(void **state)
{
    char text[] = "caf\u00e9 \u6a21.py";

    (void)state;
    neuron_text_make_ascii(text);
    assert_string_equal(text, "caf? ?.py");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_counted_by_character),
        cmocka_unit_test(what_fits_ends_with_a_whole_character),
        cmocka_unit_test(a_cut_character_does_not_lead_beyond_the_text),
        cmocka_unit_test(other_characters_than_ascii_become_question_marks),
    };

    return cmocka_run_group_tests(tests, set_locale, NULL);
}

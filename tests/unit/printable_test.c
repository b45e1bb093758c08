/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/printable.h"

#include <string.h>

#include "check.h"

enum { TEXT_BYTES = 64 };

/* Fails unless a text becomes another. */
static void
check_becomes(const char *before, const char *after)
{
    char text[TEXT_BYTES] = "";

    assert_true(strlen(before) < sizeof(text));
    memcpy(text, before, strlen(before) + 1);
    neuron_make_printable(text, sizeof(text));
    assert_string_equal(text, after);
}

static void
text_that_prints_stays_as_it_is(void **state)
{
    static const char *const texts[] = {
        "",
        "resnet-50 batch 8 ~",
        "\xC2\xA0",     /* the first after the controls */
        "\xDF\xBF",     /* the last of two bytes */
        "\xE0\xA0\x80", /* the first of three */
        "\xED\x9F\xBF", /* before the halves of pairs, and after them */
        "\xEE\x80\x80",
        "\xEF\xBF\xBD",     /* the last but two of three bytes */
        "\xF0\x90\x80\x80", /* the first of four */
        "\xF4\x8F\xBF\xBF", /* the last of all */
        "gr\xC3\xBCn \xE2\x82\xAC \xF0\x9F\x98\x80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        check_becomes(texts[i], texts[i]);
    }
}

static void
control_characters_become_question_marks(void **state)
{
    (void)state;
    check_becomes("a\nb\tc\rd", "a?b?c?d");
    check_becomes("\x1B[2J\x07", "?[2J?");
    check_becomes("\x7F", "?");
    check_becomes("\xC2\x80 \xC2\x9B"
                  "31m \xC2\x9F",
                  "?? ??31m ??"); /* those of eight bits */
}

static void
characters_that_move_others_become_question_marks(void **state)
{
    (void)state;
    check_becomes("x\xE2\x80\xAE"
                  "abc",
                  "x???abc");                 /* from right to left */
    check_becomes("a\xE2\x80\x8B\xE2\x80\xA8" /* no width, and a line */
                  "b",
                  "a??????b");
    check_becomes("\xEF\xBB\xBF", "???");
    check_becomes("\xF3\xA0\x81\x81", "????");
}

static void
forms_that_are_longer_than_needed_are_refused(void **state)
{
    (void)state;
    check_becomes("\xC0\x80", "??");
    check_becomes("\xC1\xBF", "??");
    check_becomes("\xC0\x9B[", "??[");
    check_becomes("\xE0\x9F\xBF", "???");
    check_becomes("\xE0\x80\x9B", "???");
    check_becomes("\xF0\x8F\xBF\xBF", "????");
}

static void
halves_of_pairs_and_what_is_beyond_are_refused(void **state)
{
    (void)state;
    check_becomes("\xED\xA0\x80", "???");
    check_becomes("\xED\xBF\xBF", "???");
    check_becomes("\xF4\x90\x80\x80", "????");
    check_becomes("\xF5\x80\x80\x80", "????");
    check_becomes("\xFF\xFE", "??");
}

static void
characters_that_are_cut_or_alone_are_refused(void **state)
{
    (void)state;
    check_becomes("a\xC3", "a?");
    check_becomes("a\xE2\x82", "a??");
    check_becomes("a\xF0\x9F\x98", "a???");
    check_becomes("\x80z\xBF", "?z?");
    check_becomes("\xE2\x82"
                  "A",
                  "??A");
    check_becomes("\xC3\xC3\xBC", "?\xC3\xBC");
}

static void
text_without_an_end_gets_one_within_its_bytes(void **state)
{
    char text[5] = {'a', 'b', 'c', 'd', 'e'};
    char cut[5] = {'a', 'b', (char)0xE2, (char)0x82, (char)0xAC};
    char one[1] = {'a'};

    (void)state;
    neuron_make_printable(text, sizeof(text));
    assert_string_equal(text, "abcd");
    neuron_make_printable(cut, sizeof(cut)); /* whose last character does not fit beside the end */
    assert_string_equal(cut, "ab??");
    neuron_make_printable(one, sizeof(one));
    assert_string_equal(one, "");
}

static void
what_stands_behind_the_end_is_not_looked_at(void **state)
{
    char text[] = "ok\0\x1B\xFF";

    (void)state;
    neuron_make_printable(text, sizeof(text));
    assert_string_equal(text, "ok");
    assert_int_equal(text[3], 0x1B);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_prints_stays_as_it_is),
        cmocka_unit_test(control_characters_become_question_marks),
        cmocka_unit_test(characters_that_move_others_become_question_marks),
        cmocka_unit_test(forms_that_are_longer_than_needed_are_refused),
        cmocka_unit_test(halves_of_pairs_and_what_is_beyond_are_refused),
        cmocka_unit_test(characters_that_are_cut_or_alone_are_refused),
        cmocka_unit_test(text_without_an_end_gets_one_within_its_bytes),
        cmocka_unit_test(what_stands_behind_the_end_is_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

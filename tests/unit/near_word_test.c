/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/near_word.h"

#include <string.h>

#include "check.h"

/* What is nearest to a word of three that are known. */
static const char *
nearest(const char *word, size_t length)
{
    static const char *const known[] = {"--wide", "--json", "--topology"};
    struct neuron_near_word search = {.word = word, .length = length};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i += 1) {
        neuron_near_word_try(&search, known[i]);
    }
    return search.nearest == NULL ? "" : search.nearest;
}

static void
slips_of_the_pen_are_understood(void **state)
{
    (void)state;
    assert_string_equal(nearest("--wid", 5), "--wide");
    assert_string_equal(nearest("--jsno", 6), "--json");
    assert_string_equal(nearest("--topologie", 11), "--topology");
    assert_string_equal(nearest("--tpology=x", 9), "--topology");
}

static void
words_that_are_too_far_are_near_to_none(void **state)
{
    static const char long_word[] = "--topology-of-the-whole-machine-here";

    (void)state;
    assert_string_equal(nearest("", 0), "");
    assert_string_equal(nearest("--verbose", 9), "");
    assert_string_equal(nearest(long_word, strlen(long_word)), "");
}

static void
a_long_known_word_is_passed_over(void **state)
{
    struct neuron_near_word search = {.word = "--wide", .length = 6};

    (void)state;
    neuron_near_word_try(&search, "--wide-and-very-much-longer-than-that");
    assert_null(search.nearest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_of_the_pen_are_understood),
        cmocka_unit_test(words_that_are_too_far_are_near_to_none),
        cmocka_unit_test(a_long_known_word_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

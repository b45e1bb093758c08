/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_options.h"

#include <string.h>

#include "check.h"

enum { WORDS_MAX = 8 };

/* Parses words, blanks between. */
static enum neuron_status
parse(const char *line, struct neuron_top_options *options, struct neuron_error *error)
{
    static char copy[256];
    char *words[WORDS_MAX + 1] = {"neuron-top"};
    char *rest = NULL;
    int count = 1;

    (void)strncpy(copy, line, sizeof(copy) - 1);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL && count < WORDS_MAX;
         word = strtok_r(NULL, " ", &rest)) {
        words[count] = word;
        count += 1;
    }
    return neuron_top_options_parse(count, words, options, error);
}

static void
check_refused(const char *line, const char *reason)
{
    struct neuron_top_options options = {.count = 77};
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX, parse(line, &options, &error), &error);
    assert_contains(error.text, reason);
    assert_int_equal(options.count, 77);
}

static void
without_words_a_terminal_is_shown_each_second(void **state)
{
    struct neuron_top_options options = {.count = 0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse("", &options, &error), &error);
    assert_int_equal(options.request, NEURON_TOOL_RUN);
    assert_false(options.is_once);
    assert_int_equal(options.delay_ms, 1000);
}

static void
reports_have_a_form_a_count_and_a_delay(void **state)
{
    struct neuron_top_options options = {.count = 0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse("--once --json --count 3 --delay=0.25", &options, &error), &error);
    assert_true(options.is_once && options.is_json);
    assert_int_equal(options.count, 3);
    assert_int_equal(options.delay_ms, 250);
    assert_ok(parse("-oj -n2 -d 3600", &options, &error), &error);
    assert_true(options.is_once && options.is_json);
    assert_int_equal(options.count, 2);
    assert_int_equal(options.delay_ms, 3600000);
}

static void
what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    check_refused("--json", "--json goes with --once");
    check_refused("--count 2", "--count goes with --once");
    check_refused("--delay 0.05", "--delay");
    check_refused("--delay 3601", "3600");
    check_refused("--delay never", "--delay");
    check_refused("--once --count 0", "--count");
    check_refused("--onze", "--once");
    check_refused("4242", "4242");
}

static void
help_says_every_option(void **state)
{
    static const char *const names[] = {"--delay", "--once",    "--json",
                                        "--count", "--version", "--help"};
    struct neuron_top_options options = {.count = 0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse("-h", &options, &error), &error);
    assert_int_equal(options.request, NEURON_TOOL_SHOW_HELP);
    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        assert_contains(neuron_top_help, names[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_words_a_terminal_is_shown_each_second),
        cmocka_unit_test(reports_have_a_form_a_count_and_a_delay),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(help_says_every_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

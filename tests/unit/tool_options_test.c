/* SPDX-License-Identifier: Apache-2.0 */
#include "node/tool_options.h"

#include <stdbool.h>
#include <string.h>

#include "check.h"

struct values {
    bool is_wide;
    uint32_t form;
    uint32_t count;
    uint64_t period_ms;
    const char *file;
};

enum { FORM_JSON = 7 };

static const struct neuron_tool_option options[] = {
    {"--wide", 'w', NEURON_TOOL_FLAG, NULL, offsetof(struct values, is_wide), 0},
    {"--json", 'j', NEURON_TOOL_SETTING, NULL, offsetof(struct values, form), FORM_JSON},
    {"--count", 'n', NEURON_TOOL_COUNT, "a number", offsetof(struct values, count), 1},
    {"--period", 'p', NEURON_TOOL_SECONDS, "seconds", offsetof(struct values, period_ms), 100},
    {"--file", 0, NEURON_TOOL_TEXT, "a file", offsetof(struct values, file), 0},
};
static const struct neuron_tool_table table = {"neuron-ls", options,
                                               sizeof(options) / sizeof(options[0])};

/* Parses up to five words. */
static enum neuron_status
parse(const char *const *words, struct values *values, enum neuron_tool_request *request,
      struct neuron_error *error)
{
    char copies[6][64] = {"neuron-ls"};
    char *arguments[7] = {copies[0]};
    int count = 1;

    for (; words[count - 1] != NULL; count += 1) {
        (void)strncpy(copies[count], words[count - 1], sizeof(copies[count]) - 1);
        arguments[count] = copies[count];
    }
    enum neuron_status status =
        neuron_tool_options_parse(&table, count, arguments, values, request, error);
    values->file = values->file == NULL ? NULL : strcmp(values->file, "out") == 0 ? "out" : "?";
    return status;
}

static struct values
parsed(const char *const *words)
{
    struct values values = {0};
    struct neuron_error error = {0};
    enum neuron_tool_request request = NEURON_TOOL_SHOW_HELP;

    assert_ok(parse(words, &values, &request, &error), &error);
    assert_int_equal(request, NEURON_TOOL_RUN);
    return values;
}

static void
check_refused(const char *const *words, const char *expected)
{
    struct values values = {0};
    struct neuron_error error = {0};
    enum neuron_tool_request request = NEURON_TOOL_RUN;

    assert_status(NEURON_INVALID_SYNTAX, parse(words, &values, &request, &error), &error);
    assert_string_equal(error.text, expected);
}

static enum neuron_tool_request
requested(const char *const *words)
{
    struct values values = {0};
    struct neuron_error error = {0};
    enum neuron_tool_request request = NEURON_TOOL_RUN;

    assert_ok(parse(words, &values, &request, &error), &error);
    return request;
}

static void
options_without_values_are_set(void **state)
{
    (void)state;
    struct values none = parsed((const char *const[]){NULL});
    struct values both = parsed((const char *const[]){"--wide", "--json", NULL});
    struct values joined = parsed((const char *const[]){"-jw", NULL});

    assert_false(none.is_wide);
    assert_int_equal(none.form, 0);
    assert_true(both.is_wide && joined.is_wide);
    assert_int_equal(both.form, FORM_JSON);
    assert_int_equal(joined.form, FORM_JSON);
}

static void
values_stand_in_the_same_word_or_the_next(void **state)
{
    (void)state;
    assert_int_equal(parsed((const char *const[]){"--count", "3", NULL}).count, 3);
    assert_int_equal(parsed((const char *const[]){"--count=4", NULL}).count, 4);
    assert_int_equal(parsed((const char *const[]){"-n", "5", NULL}).count, 5);
    assert_int_equal(parsed((const char *const[]){"-wn6", NULL}).count, 6);
    assert_int_equal(parsed((const char *const[]){"-p3", "-p", "0.5", NULL}).period_ms, 500);
    assert_int_equal(parsed((const char *const[]){"--period=2", NULL}).period_ms, 2000);
    assert_string_equal(parsed((const char *const[]){"--file", "out", NULL}).file, "out");
}

static void
the_last_of_an_option_counts(void **state)
{
    (void)state;
    assert_int_equal(parsed((const char *const[]){"-n1", "--count", "2", NULL}).count, 2);
}

static void
help_and_version_end_the_line(void **state)
{
    (void)state;
    assert_int_equal(requested((const char *const[]){"--help", "-x", NULL}), NEURON_TOOL_SHOW_HELP);
    assert_int_equal(requested((const char *const[]){"-wh", NULL}), NEURON_TOOL_SHOW_HELP);
    assert_int_equal(requested((const char *const[]){"--version", NULL}), NEURON_TOOL_SHOW_VERSION);
    assert_int_equal(requested((const char *const[]){"-V", "word", NULL}),
                     NEURON_TOOL_SHOW_VERSION);
}

static void
unknown_words_are_refused(void **state)
{
    (void)state;
    check_refused((const char *const[]){"--wid", NULL},
                  "unknown option --wid; did you mean --wide?");
    check_refused((const char *const[]){"--versoin", NULL},
                  "unknown option --versoin; did you mean --version?");
    check_refused((const char *const[]){"--frobnicate", NULL},
                  "unknown option --frobnicate; neuron-ls --help lists them all");
    check_refused((const char *const[]){"-wx", NULL},
                  "unknown option -wx; neuron-ls --help lists them all");
    check_refused((const char *const[]){"word", NULL},
                  "word stands alone, and is no option; neuron-ls --help lists them");
    check_refused((const char *const[]){"-", NULL},
                  "- stands alone, and is no option; neuron-ls --help lists them");
    check_refused((const char *const[]){"--", NULL},
                  "unknown option --; neuron-ls --help lists them all");
}

static void
wrong_values_are_refused(void **state)
{
    (void)state;
    check_refused((const char *const[]){"--count", NULL}, "--count: a number must follow");
    check_refused((const char *const[]){"-n", NULL}, "-n: a number must follow");
    check_refused((const char *const[]){"-n", "0", NULL},
                  "-n 0: give a whole number from 1 to 1000000000");
    check_refused((const char *const[]){"--count=-1", NULL},
                  "--count -1: give a whole number from 1 to 1000000000");
    check_refused((const char *const[]){"--period", "soon", NULL},
                  "--period soon: give a number of seconds, such as 5 or 0.5");
    check_refused((const char *const[]){"--period", "0.05", NULL},
                  "--period 0.05: the least is 0.1 s");
    check_refused((const char *const[]){"--file", "", NULL},
                  "--file: give a file; this one has no name");
    check_refused((const char *const[]){"--file=", NULL},
                  "--file: give a file; this one has no name");
    check_refused((const char *const[]){"--wide=1", NULL}, "--wide takes no value");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_without_values_are_set),
        cmocka_unit_test(values_stand_in_the_same_word_or_the_next),
        cmocka_unit_test(the_last_of_an_option_counts),
        cmocka_unit_test(help_and_version_end_the_line),
        cmocka_unit_test(unknown_words_are_refused),
        cmocka_unit_test(wrong_values_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "command_line.h"

enum { WORD_LIMIT = 16 };

/* Parses words that end with NULL, behind the program's own name. */
static enum neuron_status
parse(const char *const *words, struct neuron_command_line *line, struct neuron_error *error)
{
    static char name[] = "neuronrun";
    static char *arguments[WORD_LIMIT]; /* the line points to them */
    int count = 1;

    arguments[0] = name;
    for (; words[count - 1] != NULL; count += 1) {
        union {
            const char *constant;
            char *word;
        } text = {.constant = words[count - 1]}; /* as main() gets them: not constant */
        arguments[count] = text.word;
    }
    arguments[count] = NULL;
    return neuron_command_line_parse(count, arguments, line, error);
}

/* Fails unless the words are refused with a text that names `part`. */
static void
check_refused(const char *const *words, const char *part)
{
    struct neuron_command_line line;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, parse(words, &line, &error), &error);
    assert_contains(error.text, part);
    neuron_command_line_destroy(&line);
}

static void
what_is_not_said_is_left_to_the_plan(void **state)
{
    const char *const words[] = {"true", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.action, NEURON_LAUNCH_RUN);
    assert_int_equal(line.rank_count, 0);
    assert_int_equal(line.cores_per_rank, 0);
    assert_int_equal(line.grace_ms, 10000);
    assert_int_equal(line.timeout_ms, 0);
    assert_int_equal(line.input, NEURON_LAUNCH_INPUT_DEFAULT);
    assert_string_equal(line.program[0], "true");
    assert_null(line.program[1]);
    neuron_command_line_destroy(&line);
}

static void
every_spelling_of_an_option_means_the_same(void **state)
{
    const char *const spellings[][4] = {
        {"-n", "4", "x", NULL}, {"-np", "4", "x", NULL}, {"--np", "4", "x", NULL},
        {"--np=4", "x", NULL},  {"-n=4", "x", NULL},     {"-np=4", "--", "x", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i += 1) {
        struct neuron_command_line line;
        struct neuron_error error = {0};

        assert_ok(parse(spellings[i], &line, &error), &error);
        assert_int_equal(line.rank_count, 4);
        assert_string_equal(line.program[0], "x");
        neuron_command_line_destroy(&line);
    }
}

static void
flags_are_set_one_by_one(void **state)
{
    const char *const words[] = {"-O", "--uneven", "-l", "-q", "--allow-run-as-root", "x", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_true(line.oversubscribes);
    assert_true(line.is_uneven);
    assert_true(line.tags_output);
    assert_int_equal(line.verbosity, NEURON_LAUNCH_QUIET);
    neuron_command_line_destroy(&line);
}

static void
ranks_per_device_are_a_number(void **state)
{
    const char *const words[] = {"--procs-per-device", "3", "prog", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.ranks_per_device, 3);
    assert_int_equal(line.rank_count, 0);
    neuron_command_line_destroy(&line);
    check_refused((const char *const[]){"--procs-per-device", "0", "prog", NULL},
                  "--procs-per-device 0: give a whole number from 1");
    check_refused((const char *const[]){"--procs-per-device=two", "prog", NULL}, "two");
    check_refused((const char *const[]){"--procs-per-device", NULL}, "a number of ranks");
}

static void
options_end_at_the_first_other_word(void **state)
{
    const char *const words[] = {"-c", "2", "prog", "-np", "7", "--", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.cores_per_rank, 2);
    assert_int_equal(line.rank_count, 0);
    assert_string_equal(line.program[0], "prog");
    assert_string_equal(line.program[1], "-np");
    assert_string_equal(line.program[3], "--");
    neuron_command_line_destroy(&line);
}

static void
two_dashes_end_the_options(void **state)
{
    const char *const words[] = {"--", "-strange", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_string_equal(line.program[0], "-strange");
    neuron_command_line_destroy(&line);
}

static void
seconds_may_have_decimals(void **state)
{
    const char *const words[] = {"--timeout", "1.25", "--grace=0", "x", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.timeout_ms, 1250);
    assert_int_equal(line.grace_ms, 0);
    neuron_command_line_destroy(&line);
}

static void
input_goes_to_nobody_or_to_a_rank(void **state)
{
    const char *const none[] = {"--stdin", "none", "x", NULL};
    const char *const third[] = {"--stdin=3", "x", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(none, &line, &error), &error);
    assert_int_equal(line.input, NEURON_LAUNCH_INPUT_NONE);
    neuron_command_line_destroy(&line);
    assert_ok(parse(third, &line, &error), &error);
    assert_int_equal(line.input, NEURON_LAUNCH_INPUT_RANK);
    assert_int_equal(line.input_rank, 3);
    neuron_command_line_destroy(&line);
}

static void
assignments_are_kept_in_order(void **state)
{
    const char *const words[] = {"-x", "A=1", "-x", "B", "-x", "A=2=3", "x", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.assignment_count, 3);
    assert_string_equal(line.assignments[0], "A=1");
    assert_string_equal(line.assignments[1], "B");
    assert_string_equal(line.assignments[2], "A=2=3");
    neuron_command_line_destroy(&line);
}

static void
help_needs_no_program(void **state)
{
    const char *const words[] = {"--help", NULL};
    const char *const plan[] = {"--dry-run", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.action, NEURON_LAUNCH_SHOW_HELP);
    neuron_command_line_destroy(&line);
    assert_ok(parse(plan, &line, &error), &error);
    assert_int_equal(line.action, NEURON_LAUNCH_SHOW_PLAN);
    neuron_command_line_destroy(&line);
}

static void
an_unknown_option_is_refused_with_the_nearest_one(void **state)
{
    (void)state;
    check_refused((const char *const[]){"--tagoutput", "x", NULL}, "did you mean --tag-output?");
    check_refused((const char *const[]){"--core-per-rank=2", "x", NULL}, "--cores-per-rank");
    check_refused((const char *const[]){"--hostfile", "x", NULL}, "unknown option --hostfile");
    check_refused((const char *const[]){"-Z", "x", NULL}, "unknown option -Z");
    check_refused((const char *const[]){"--a-name-longer-than-any-that-there-is", NULL}, "unknown");
}

static void
a_value_that_does_not_fit_is_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"-np", "0"},       {"-np", "-1"},     {"-np", "2x"},     {"-np", "99999999999999999999"},
        {"-c", ""},         {"-c", " 1"},      {"--stdin", "-1"}, {"--stdin", "first"},
        {"--timeout", "0"}, {"--grace", "1s"}, {"--grace", "."},  {"--timeout", "999999999999"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        check_refused((const char *const[]){wrong[i][0], wrong[i][1], "x", NULL}, wrong[i][0]);
    }
}

static void
a_missing_word_is_named(void **state)
{
    (void)state;
    check_refused((const char *const[]){NULL}, "no program");
    check_refused((const char *const[]){"-np", "2", "--", NULL}, "no program");
    check_refused((const char *const[]){"", NULL}, "no program");
    check_refused((const char *const[]){"-np", NULL}, "-np needs a number of ranks");
    check_refused((const char *const[]){"--quiet=1", "x", NULL}, "takes no value");
}

static void
variables_of_neuronrun_cannot_be_assigned(void **state)
{
    (void)state;
    check_refused((const char *const[]){"-x", "NEURON_RT_VISIBLE_CORES=0", "x", NULL}, "itself");
    check_refused((const char *const[]){"-x", "NEURONRUN_ANY=0", "x", NULL}, "itself");
    check_refused((const char *const[]){"-x", "=0", "x", NULL}, "name of a variable");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_is_left_to_the_plan),
        cmocka_unit_test(every_spelling_of_an_option_means_the_same),
        cmocka_unit_test(flags_are_set_one_by_one),
        cmocka_unit_test(ranks_per_device_are_a_number),
        cmocka_unit_test(options_end_at_the_first_other_word),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(seconds_may_have_decimals),
        cmocka_unit_test(input_goes_to_nobody_or_to_a_rank),
        cmocka_unit_test(assignments_are_kept_in_order),
        cmocka_unit_test(help_needs_no_program),
        cmocka_unit_test(an_unknown_option_is_refused_with_the_nearest_one),
        cmocka_unit_test(a_value_that_does_not_fit_is_refused),
        cmocka_unit_test(a_missing_word_is_named),
        cmocka_unit_test(variables_of_neuronrun_cannot_be_assigned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

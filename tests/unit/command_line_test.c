/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "command_line.h"

enum { WORD_LIMIT = 24 };

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
    assert_int_equal(line.placement.cores_per_rank, 0);
    assert_int_equal(line.grace_ms, 10000);
    assert_int_equal(line.timeout_ms, 0);
    assert_int_equal(line.input, NEURON_LAUNCH_INPUT_DEFAULT);
    assert_string_equal(line.programs[0].arguments[0], "true");
    assert_null(line.programs[0].arguments[1]);
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
        assert_string_equal(line.programs[0].arguments[0], "x");
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
    assert_true(line.placement.oversubscribes);
    assert_true(line.placement.is_uneven);
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
    assert_int_equal(line.placement.ranks_per_device, 3);
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
    assert_int_equal(line.placement.cores_per_rank, 2);
    assert_int_equal(line.rank_count, 0);
    assert_string_equal(line.programs[0].arguments[0], "prog");
    assert_string_equal(line.programs[0].arguments[1], "-np");
    assert_string_equal(line.programs[0].arguments[3], "--");
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
    assert_string_equal(line.programs[0].arguments[0], "-strange");
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
    assert_int_equal(line.programs[0].assignment_count, 3);
    assert_string_equal(line.programs[0].assignments[0], "A=1");
    assert_string_equal(line.programs[0].assignments[1], "B");
    assert_string_equal(line.programs[0].assignments[2], "A=2=3");
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
    check_refused((const char *const[]){"--hosts", "x", NULL}, "unknown option --hosts");
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

static void
several_programs_are_told_apart(void **state)
{
    const char *const words[] = {"-x",    "A=1", "--wdir",   "/tmp",   "-n", "1",
                                 "first", "-n",  "9",        ":",      "-x", "B=2",
                                 "-n",    "3",   "--wdir=/", "second", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.program_count, 2);
    assert_int_equal(line.rank_count, 4);
    assert_string_equal(line.programs[0].arguments[2], "9");
    assert_null(line.programs[0].arguments[3]);
    assert_string_equal(line.programs[0].working_directory, "/tmp");
    assert_int_equal(line.programs[0].assignment_count, 1);
    assert_string_equal(line.programs[1].arguments[0], "second");
    assert_string_equal(line.programs[1].working_directory, "/");
    assert_int_equal(line.programs[1].assignment_count, 2);
    assert_string_equal(line.programs[1].assignments[0], "A=1");
    assert_string_equal(line.programs[1].assignments[1], "B=2");
    assert_ptr_equal(neuron_command_line_program(&line, 0), &line.programs[0]);
    assert_ptr_equal(neuron_command_line_program(&line, 1), &line.programs[1]);
    assert_ptr_equal(neuron_command_line_program(&line, 3), &line.programs[1]);
    neuron_command_line_destroy(&line);
}

static void
programs_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    check_refused((const char *const[]){"-n", "1", "a", ":", "b", NULL}, "b: of several programs");
    check_refused((const char *const[]){"a", ":", "-n", "1", "b", NULL}, "a: of several programs");
    check_refused((const char *const[]){"-n", "1", "a", ":", NULL}, "no program to start behind");
    check_refused((const char *const[]){"-n", "1", "a", ":", ":", NULL}, "no program to start");
    check_refused((const char *const[]){":", "a", NULL}, "no program to start");
    check_refused((const char *const[]){"-n", "1", "a", ":", "-n", "1", "-c", "2", "b", NULL},
                  "-c holds for the whole job");
}

static void
a_map_is_read_as_open_mpi_writes_it(void **state)
{
    const char *const words[] = {
        "--map-by", "NUMA:pe=2,OVERSUBSCRIBE", "--bind-to=socket", "--rank-by", "slot", "x", NULL};
    const char *const cores_only[] = {"--map-by", ":PE=3", "x", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &line, &error), &error);
    assert_int_equal(line.placement.map_by, NEURON_LAUNCH_BY_NUMA);
    assert_int_equal(line.placement.cores_per_rank, 2);
    assert_true(line.placement.oversubscribes);
    assert_int_equal(line.placement.bind_to, NEURON_LAUNCH_BY_PACKAGE);
    assert_int_equal(line.placement.rank_by, NEURON_LAUNCH_BY_CORE);
    neuron_command_line_destroy(&line);
    assert_ok(parse(cores_only, &line, &error), &error);
    assert_int_equal(line.placement.cores_per_rank, 3);
    neuron_command_line_destroy(&line);
    check_refused((const char *const[]){"--map-by", "rack", "x", NULL}, "give core, l3");
    check_refused((const char *const[]){"--map-by", "numa:span", "x", NULL}, "no modifier span");
    check_refused((const char *const[]){"--map-by", "numa:PE=0", "x", NULL}, "PE 0: give");
    check_refused((const char *const[]){"--bind-to", "rack", "x", NULL}, "or none");
}

static void
values_that_are_optional_follow_an_equals_sign(void **state)
{
    const char *const bare[] = {"--wait", "--display-map", "x", NULL};
    const char *const given[] = {"--wait=1.5", "--display-map=svg:plan.svg", "x", NULL};
    struct neuron_command_line line;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(bare, &line, &error), &error);
    assert_true(line.lease_wait_ms == NEURON_LAUNCH_WAIT_FOREVER);
    assert_int_equal(line.map, NEURON_LAUNCH_MAP_TEXT);
    assert_string_equal(line.programs[0].arguments[0], "x");
    neuron_command_line_destroy(&line);
    assert_ok(parse(given, &line, &error), &error);
    assert_int_equal(line.lease_wait_ms, 1500);
    assert_int_equal(line.map, NEURON_LAUNCH_MAP_SVG);
    assert_string_equal(line.map_path, "plan.svg");
    neuron_command_line_destroy(&line);
    check_refused((const char *const[]){"--wait=", "x", NULL}, "--wait needs seconds");
    check_refused((const char *const[]){"--display-map=png", "x", NULL}, "svg:FILE");
    check_refused((const char *const[]){"--display-map=svg:", "x", NULL}, "svg:FILE");
}

static void
options_that_contradict_are_refused(void **state)
{
    (void)state;
    check_refused((const char *const[]){"--resume", "x", NULL}, "--joblog");
    check_refused((const char *const[]){"--host", "a", "--hostfile", "b", "x", NULL},
                  "one of them");
    check_refused((const char *const[]){"--mca", "pml", NULL}, "--mca pml needs");
    check_refused((const char *const[]){"--engine", "ssh", "x", NULL}, "local, mpirun or srun");
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
        cmocka_unit_test(several_programs_are_told_apart),
        cmocka_unit_test(programs_that_do_not_add_up_are_refused),
        cmocka_unit_test(a_map_is_read_as_open_mpi_writes_it),
        cmocka_unit_test(values_that_are_optional_follow_an_equals_sign),
        cmocka_unit_test(options_that_contradict_are_refused),
        cmocka_unit_test(a_missing_word_is_named),
        cmocka_unit_test(variables_of_neuronrun_cannot_be_assigned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

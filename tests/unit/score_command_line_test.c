/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/command_line.h"

enum { ARGUMENT_LIMIT = 12 };

/* Parses arguments that end at the first NULL. */
static enum neuron_status
parse(char *const *arguments, struct neuron_score_options *options, struct neuron_error *error)
{
    int count = 0;

    while (count < ARGUMENT_LIMIT && arguments[count] != NULL) {
        count += 1;
    }
    return neuron_score_options_parse(count, arguments, options, error);
}

static void
files_are_named_by_options(void **state)
{
    char *const arguments[ARGUMENT_LIMIT] = {"neuron-score",   "--output", "y.npy",
                                             "--model=m.neff", "--input",  "x.npy"};
    struct neuron_score_options options = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(arguments, &options, &error), &error);
    assert_int_equal(options.request, NEURON_SCORE_FILE);
    assert_string_equal(options.model_path, "m.neff");
    assert_string_equal(options.input_path, "x.npy");
    assert_string_equal(options.output_path, "y.npy");
    assert_null(options.device_ids);
    assert_int_equal(options.split_size_rows, 0);
    assert_false(options.is_quiet);
    assert_false(options.shows_timeline);
    neuron_score_options_destroy(&options);
}

static void
all_options_are_taken(void **state)
{
    char *const arguments[ARGUMENT_LIMIT] = {
        "neuron-score", "--model=m",    "--input=x", "--output=y", "--device-ids",
        "0,nc:1,7",     "--split-size", "32",        "-q",         "--timeline"};
    struct neuron_score_options options = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(arguments, &options, &error), &error);
    assert_int_equal(options.device_id_count, 3);
    assert_string_equal(options.device_ids[0], "0");
    assert_string_equal(options.device_ids[1], "nc:1");
    assert_string_equal(options.device_ids[2], "7");
    assert_int_equal(options.split_size_rows, 32);
    assert_true(options.is_quiet);
    assert_true(options.shows_timeline);
    neuron_score_options_destroy(&options);
    neuron_score_options_destroy(&options);
}

static void
help_and_version_need_nothing_else(void **state)
{
    static const struct {
        char *argument;
        enum neuron_score_request request;
    } cases[] = {
        {"--help", NEURON_SCORE_SHOW_HELP},
        {"-h", NEURON_SCORE_SHOW_HELP},
        {"--version", NEURON_SCORE_SHOW_VERSION},
        {"-V", NEURON_SCORE_SHOW_VERSION},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        char *const arguments[ARGUMENT_LIMIT] = {"neuron-score", cases[i].argument, "--nonsense"};
        struct neuron_score_options options = {0};
        struct neuron_error error = {0};

        assert_ok(parse(arguments, &options, &error), &error);
        assert_int_equal(options.request, cases[i].request);
        neuron_score_options_destroy(&options);
    }
}

static void
an_empty_command_line_asks_for_the_model(void **state)
{
    char *const arguments[ARGUMENT_LIMIT] = {"neuron-score"};
    struct neuron_score_options options = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_SYNTAX, parse(arguments, &options, &error), &error);
    assert_contains(error.text, "--model is missing");
    assert_status(NEURON_INVALID_SYNTAX, neuron_score_options_parse(0, arguments, &options, &error),
                  &error);
}

static const struct {
    char *arguments[4];
    const char *reason;
} wrong_cases[] = {
    {{"--modle", "m"}, "'--modle' is no option"},
    {{"--models=m"}, "'--models=m' is no option"},
    {{"-x"}, "'-x' is no option"},
    {{"x.npy"}, "'x.npy' stands alone"},
    {{"--input"}, "--input lacks its value"},
    {{"--input="}, "--input lacks its value"},
    {{"--input", ""}, "--input lacks its value"},
    {{"--quiet=yes"}, "--quiet takes no value"},
    {{"--timeline=60"}, "--timeline takes no value"},
    {{"--timeline", "--timeline"}, "--timeline is given twice"},
    {{"--model=a", "--model=b"}, "--model is given twice"},
    {{"--split-size", "0"}, "--split-size 0"},
    {{"--split-size", "-4"}, "--split-size -4"},
    {{"--split-size", "4k"}, "--split-size 4k"},
    {{"--split-size", "4294967296"}, "from 1 to 4294967295"},
    {{"--device-ids", "0,,1"}, "an id is missing"},
    {{"--device-ids", ","}, "an id is missing"},
    {{"--model=m", "--input=x"}, "--output is missing"},
};

static void
wrong_arguments_are_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong_cases) / sizeof(wrong_cases[0]); i += 1) {
        char *const arguments[ARGUMENT_LIMIT] = {"neuron-score", wrong_cases[i].arguments[0],
                                                 wrong_cases[i].arguments[1],
                                                 wrong_cases[i].arguments[2]};
        struct neuron_score_options options = {0};
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_SYNTAX, parse(arguments, &options, &error), &error);
        assert_contains(error.text, wrong_cases[i].reason);
        assert_null(options.device_ids);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_named_by_options),
        cmocka_unit_test(all_options_are_taken),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(an_empty_command_line_asks_for_the_model),
        cmocka_unit_test(wrong_arguments_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

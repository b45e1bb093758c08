/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "score/command_line.h"
#include "score/option_forms.h"

enum { ARGUMENT_LIMIT = 16, FILE_COUNT = 4 };

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
    assert_string_equal(options.inputs.items[0].value, "x.npy");
    assert_string_equal(options.outputs.items[0].value, "y.npy");
    assert_null(options.device_ids);
    assert_int_equal(options.split_size_rows, 0);
    assert_false(options.is_quiet);
    assert_false(options.shows_timeline);
    neuron_score_options_destroy(&options);
}

/* Parses up to four arguments behind those that every job needs. */
static enum neuron_status
parse_more(char *const *more, struct neuron_score_options *options, struct neuron_error *error)
{
    char *arguments[ARGUMENT_LIMIT] = {"neuron-score", "--model=m", "--input=x", "--output=y"};

    for (size_t i = 0; i < 4 && more[i] != NULL; i += 1) {
        arguments[FILE_COUNT + i] = more[i];
    }
    return parse(arguments, options, error);
}

/* Parses up to three arguments, and expects them to be taken. */
static struct neuron_score_options
take(char *first, char *second, char *third)
{
    char *const more[] = {first, second, third, NULL};
    struct neuron_score_options options = {0};
    struct neuron_error error = {0};

    assert_ok(parse_more(more, &options, &error), &error);
    return options;
}

static void
what_is_not_given_is_as_usual(void **state)
{
    struct neuron_score_options options = take(NULL, NULL, NULL);

    (void)state;
    assert_int_equal(options.first_row, 0);
    assert_true(options.end_row == UINT64_MAX);
    assert_int_equal(options.resume, NEURON_RESUME_AUTO);
    assert_int_equal(options.schedule, NEURON_SCHEDULE_GUIDED);
    assert_int_equal(options.on_error, NEURON_ON_ERROR_FAIL);
    assert_true(options.max_errors == UINT64_MAX && options.max_error_share >= 1.0);
    assert_int_equal(options.nan, NEURON_NAN_IS_ERROR);
    assert_false(options.has_fill || options.is_isolated);
    assert_int_equal(options.lease_timeout_ms, 30000);
    assert_int_equal(options.checkpoint_ms, 2000);
    assert_int_equal(options.mem_limit_bytes, 0);
    assert_int_equal(options.inputs.count, 1);
    assert_null(options.inputs.items[0].name);
    neuron_score_options_destroy(&options);
}

static void
several_files_have_names(void **state)
{
    char *const arguments[ARGUMENT_LIMIT] = {
        "neuron-score", "--model=m",        "--input",      "images:0=a=b.npy", "--input=m.x=./c=d",
        "--output",     "logits=out/l.npy", "--output=e=f", "--columns",        "m.x=a,b=c,4-7"};
    struct neuron_score_options options = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(arguments, &options, &error), &error);
    assert_int_equal(options.inputs.count, 2);
    assert_string_equal(options.inputs.items[0].name, "images:0");
    assert_string_equal(options.inputs.items[0].value, "a=b.npy");
    assert_string_equal(options.inputs.items[1].name, "m.x");
    assert_string_equal(options.inputs.items[1].value, "./c=d");
    assert_string_equal(options.outputs.items[0].name, "logits");
    assert_string_equal(options.outputs.items[0].value, "out/l.npy");
    assert_string_equal(options.outputs.items[1].name, "e");
    assert_string_equal(options.columns.items[0].name, "m.x");
    assert_string_equal(options.columns.items[0].value, "a,b=c,4-7");
    assert_string_equal(options.inputs.items[0].value, "a=b.npy");
    assert_string_equal(options.outputs.items[0].value, "out/l.npy");
    neuron_score_options_destroy(&options);
}

static void
paths_that_hold_an_equals_sign_are_paths(void **state)
{
    static const char *const paths[] = {
        "./a=b.npy", "../a=b", "/data/day=3/x.npy", "a b=c", "=x.npy", "(a)=b", "x,y=z"};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i += 1) {
        char path[32] = "";
        char *const arguments[ARGUMENT_LIMIT] = {"neuron-score", "--model=m", "--output=y",
                                                 "--input", path};
        struct neuron_score_options options = {0};
        struct neuron_error error = {0};

        memcpy(path, paths[i], strlen(paths[i]));
        assert_ok(parse(arguments, &options, &error), &error);
        assert_null(options.inputs.items[0].name);
        assert_string_equal(options.inputs.items[0].value, paths[i]);
        neuron_score_options_destroy(&options);
    }
}

static void
the_rows_are_a_slice(void **state)
{
    static const struct {
        char *text;
        uint64_t first;
        uint64_t end;
    } cases[] = {
        {"3:8", 3, 8},        {":8", 0, 8},  {"3:", 3, UINT64_MAX},
        {":", 0, UINT64_MAX}, {"5:5", 5, 5}, {"18446744073709551614:", UINT64_MAX - 1, UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        struct neuron_score_options options = take("--rows", cases[i].text, NULL);

        assert_true(options.first_row == cases[i].first && options.end_row == cases[i].end);
        neuron_score_options_destroy(&options);
    }
}

static void
a_budget_of_errors_implies_that_rows_are_skipped(void **state)
{
    struct neuron_score_options options = take("--max-errors=7", NULL, NULL);

    (void)state;
    assert_int_equal(options.on_error, NEURON_ON_ERROR_SKIP);
    assert_int_equal(options.max_errors, 7);
    assert_true(options.max_error_share >= 1.0);
    neuron_score_options_destroy(&options);
    options = take("--max-errors", "0.5%", "--on-error=skip");
    assert_true(options.max_errors == UINT64_MAX);
    assert_true(fabs(options.max_error_share - 0.005) < 1e-12);
    neuron_score_options_destroy(&options);
    options = take("--on-error=skip", NULL, NULL);
    assert_true(options.max_errors == UINT64_MAX);
    neuron_score_options_destroy(&options);
}

static void
words_times_and_sizes_are_read(void **state)
{
    struct neuron_score_options options =
        take("--row-timeout=0.25", "--mem-limit=2GiB", "--fill=-1");

    (void)state;
    assert_int_equal(options.row_timeout_ms, 250);
    assert_true(options.is_isolated);
    assert_int_equal(options.mem_limit_bytes, 2147483648);
    assert_true(options.has_fill && fabs(options.fill + 1.0) < 1e-12);
    neuron_score_options_destroy(&options);
    options = take("--fill=nan", "--nan=allow", "--schedule=static");
    assert_true(isnan(options.fill));
    assert_int_equal(options.nan, NEURON_NAN_IS_ALLOWED);
    assert_int_equal(options.schedule, NEURON_SCHEDULE_STATIC);
    neuron_score_options_destroy(&options);
    options = take("--resume=require", "--lease-timeout=1.5", "--checkpoint=0");
    assert_int_equal(options.resume, NEURON_RESUME_REQUIRE);
    assert_int_equal(options.lease_timeout_ms, 1500);
    assert_int_equal(options.checkpoint_ms, 0);
    neuron_score_options_destroy(&options);
    options = take("--restart", "--audit=2.5%", "--isolate");
    assert_int_equal(options.resume, NEURON_RESUME_RESTART);
    assert_true(fabs(options.audit_share - 0.025) < 1e-12 && options.is_isolated);
    neuron_score_options_destroy(&options);
}

static void
files_beside_the_output_are_named(void **state)
{
    struct neuron_score_options options = take("--report=r", "--report-html=h", "--metrics=p");

    (void)state;
    assert_string_equal(options.report_path, "r");
    assert_string_equal(options.report_html_path, "h");
    assert_string_equal(options.metrics_path, "p");
    neuron_score_options_destroy(&options);
    options = take("--labels=l", "--mask=k", "--weights=w");
    assert_string_equal(options.labels_path, "l");
    assert_string_equal(options.mask_path, "k");
    assert_string_equal(options.weights_path, "w");
    neuron_score_options_destroy(&options);
    options = take("--join-key=id", "--passthrough=a,b c", "--verify");
    assert_string_equal(options.join_key, "id");
    assert_int_equal(options.passthrough_count, 2);
    assert_string_equal(options.passthrough[1], "b c");
    assert_int_equal(options.request, NEURON_SCORE_VERIFY);
    neuron_score_options_destroy(&options);
    options = take("--dry-run", NULL, NULL);
    assert_int_equal(options.request, NEURON_SCORE_SHOW_PLAN);
    neuron_score_options_destroy(&options);
}

static void
every_option_is_in_the_help_which_fits_a_screen(void **state)
{
    size_t lines = 0;

    (void)state;
    for (uint32_t i = 0; i < neuron_score_option_count(); i += 1) {
        const struct neuron_score_option *option = neuron_score_option_at(i);
        char shown[64] = "";

        (void)snprintf(shown, sizeof(shown), "%s%s%s", option->long_form,
                       option->value_name == NULL ? "" : " ",
                       option->value_name == NULL ? "" : option->value_name);
        assert_contains(neuron_score_help, shown);
    }
    for (const char *line = neuron_score_help; *line != '\0'; lines += 1) {
        size_t length = strcspn(line, "\n");

        assert_in_range(length, 0, 80);
        line += length + 1;
    }
    assert_in_range(lines, 30, 60);
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
    {{"--model=m", "--output=x"}, "--input is missing"},
    {{"--verify", "--model=m"}, "--output is missing"},
    {{"--timline"}, "did you mean --timeline?"},
    {{"--columns", "ids="}, "lacks what stands behind"},
    {{"--passthrough", "a,,b"}, "a name is missing"},
    {{"--rows", "5"}, "--rows 5: give rows as FIRST:END"},
    {{"--rows", "-5:"}, "give rows as"},
    {{"--rows", "1:-1"}, "give rows as"},
    {{"--rows", "1:2:3"}, "give rows as"},
    {{"--rows", "1 :2"}, "give rows as"},
    {{"--rows", "8:3"}, "ends before it begins"},
    {{"--rows", "99999999999999999999:"}, "give rows as"},
    {{"--resume", "always"}, "--resume always: give auto, require or never"},
    {{"--resume", ""}, "--resume lacks its value"},
    {{"--schedule", "dynamic"}, "give guided or static"},
    {{"--on-error", "stop"}, "give fail or skip"},
    {{"--nan", "warn"}, "give error or allow"},
    {{"--max-errors", "x"}, "give a number of rows, or a percentage"},
    {{"--max-errors", "-1"}, "give a number of rows, or a percentage"},
    {{"--max-errors", "%"}, "from 0% to 100%"},
    {{"--max-errors", "101%"}, "from 0% to 100%"},
    {{"--max-errors", "1.2.3%"}, "from 0% to 100%"},
    {{"--fill", "zero"}, "--fill zero: give a number"},
    {{"--fill", " 1"}, "give a number"},
    {{"--mem-limit", "0"}, "give at least 1024K"},
    {{"--mem-limit", "2X"}, "give bytes, or a whole number with K, M, G or T"},
    {{"--mem-limit", "1.5G"}, "give bytes, or"},
    {{"--mem-limit", "9999999T"}, "give bytes, or"},
    {{"--mem-limit", "-2M"}, "give bytes, or"},
    {{"--row-timeout", "0"}, "give at least 0.001 seconds"},
    {{"--row-timeout", "soon"}, "give a number of seconds"},
    {{"--lease-timeout", "0.05"}, "give at least 0.1 seconds"},
    {{"--checkpoint", "5s"}, "give a number of seconds"},
    {{"--checkpoint", "99999999999"}, "give a number of seconds"},
    {{"--audit", "5"}, "--audit 5: give a percentage"},
    {{"--audit", "nan%"}, "give a percentage"},
    {{"--restart", "--resume=auto"}, "--restart and --resume exclude each other"},
    {{"--verify", "--restart"}, "--verify and --restart exclude"},
    {{"--dry-run", "--verify"}, "--verify and --dry-run exclude"},
    {{"--max-errors=1", "--on-error=fail"}, "--max-errors needs --on-error skip"},
};

static const struct {
    char *more[4];
    const char *reason;
} wrong_files[] = {
    {{"--input=z"}, "--input x: of several each needs a name; write --input NAME=x"},
    {{"--input=a=z"}, "--input x: of several"},
    {{"--output", "z"}, "--output y: of several"},
    {{"--columns=a", "--columns=i=b"}, "--columns a: of several"},
    {{"--columns=i=a", "--columns=i=b"}, "--columns i is given twice"},
    {{"--mask=y"}, "--output y is the file of --mask, too"},
    {{"--report", "y"}, "--output y is the file of --report, too"},
    {{"--report=r", "--metrics=r"}, "--metrics r is the file of --report, too"},
};

static void
files_that_do_not_go_together_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong_files) / sizeof(wrong_files[0]); i += 1) {
        struct neuron_score_options options = {0};
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_SYNTAX, parse_more(wrong_files[i].more, &options, &error),
                      &error);
        assert_contains(error.text, wrong_files[i].reason);
        assert_null(options.inputs.items);
    }
}

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
        cmocka_unit_test(what_is_not_given_is_as_usual),
        cmocka_unit_test(several_files_have_names),
        cmocka_unit_test(paths_that_hold_an_equals_sign_are_paths),
        cmocka_unit_test(the_rows_are_a_slice),
        cmocka_unit_test(a_budget_of_errors_implies_that_rows_are_skipped),
        cmocka_unit_test(words_times_and_sizes_are_read),
        cmocka_unit_test(files_beside_the_output_are_named),
        cmocka_unit_test(every_option_is_in_the_help_which_fits_a_screen),
        cmocka_unit_test(all_options_are_taken),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(an_empty_command_line_asks_for_the_model),
        cmocka_unit_test(wrong_arguments_are_refused_by_name),
        cmocka_unit_test(files_that_do_not_go_together_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The options of neuron-cc that decide how a network is computed. */
#include "cc_command_line.h"

#include "check.h"

enum { WORD_LIMIT = 16 };

/* Parses "neuron-cc compile m.onnx -o m.neff", and words up to a NULL. */
static enum neuron_status
parse(char *const *words, struct neuron_cc_options *options, struct neuron_error *error)
{
    static char beginning[][16] = {"neuron-cc", "compile", "m.onnx", "-o", "m.neff"};
    char *arguments[WORD_LIMIT] = {beginning[0], beginning[1], beginning[2], beginning[3],
                                   beginning[4]};
    int count = 5;

    for (; words[count - 5] != NULL; count += 1) {
        assert_true(count + 1 < WORD_LIMIT);
        arguments[count] = words[count - 5];
    }
    return neuron_cc_options_parse(count, arguments, options, error);
}

static void
expect_refusal(char *const *words, const char *text)
{
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX, parse(words, &options, &error), &error);
    assert_contains(error.text, text);
    assert_null(options.array_files);
}

static void
the_level_is_given_in_each_of_its_ways(void **state)
{
    static char *const ways[][3] = {{"-O1"},     {"-O2"},          {"-O3"},
                                    {"-O", "2"}, {"--optlevel=1"}, {"--optlevel", "3"}};
    static const uint32_t levels[] = {1, 2, 3, 2, 1, 3};

    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i += 1) {
        struct neuron_cc_options options;
        struct neuron_error error = {0};

        assert_ok(parse(ways[i], &options, &error), &error);
        assert_int_equal(options.compiler.optimization_level, levels[i]);
        neuron_cc_options_destroy(&options);
    }
}

static void
casts_and_targets_are_two_words_or_one(void **state)
{
    static char *const words[] = {"--auto-cast", "all",  "--auto-cast-type=int8",
                                  "--target",    "avx2", NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.compiler.auto_cast, NEURON_AUTO_CAST_ALL);
    assert_int_equal(options.compiler.auto_cast_type, NEURON_AUTO_CAST_INT8);
    assert_string_equal(options.compiler.target, "avx2");
    assert_true(options.has_compiler_options);
    neuron_cc_options_destroy(&options);
    assert_ok(parse((char *const[]){NULL}, &options, &error), &error);
    assert_int_equal(options.compiler.auto_cast, NEURON_AUTO_CAST_NONE);
    assert_int_equal(options.compiler.optimization_level, 0);
    assert_false(options.has_compiler_options);
    neuron_cc_options_destroy(&options);
}

static void
rows_to_calibrate_with_are_for_an_input_or_for_the_only_one(void **state)
{
    static char *const named[] = {"--calibrate",     "image=a=b.npy",         "--calibrate=mask=c",
                                  "--auto-cast=all", "--auto-cast-type=int8", NULL};
    static char *const alone[] = {"--auto-cast=matmult", "--auto-cast-type=int8", "--calibrate",
                                  "rows/a.npy", NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(named, &options, &error), &error);
    assert_int_equal(options.array_file_count, 2);
    assert_string_equal(options.array_files[0].input, "image");
    assert_string_equal(options.array_files[0].path, "a=b.npy");
    assert_string_equal(options.array_files[1].input, "mask");
    assert_string_equal(options.array_files[1].path, "c");
    neuron_cc_options_destroy(&options);
    assert_ok(parse(alone, &options, &error), &error);
    assert_int_equal(options.array_file_count, 1);
    assert_string_equal(options.array_files[0].input, "");
    assert_string_equal(options.array_files[0].path, "rows/a.npy");
    neuron_cc_options_destroy(&options);
}

static void
values_that_are_none_are_refused(void **state)
{
    static char *const levels[] = {"-O0",  "-O4",  "-O22",        "-O=2",
                                   "-O=7", "-Ox2", "--optlevel=", "--optlevel=two"};
    static char *const targets[] = {"--target=avx9", "--target=", "--target=AVX2", "--target=none"};

    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i += 1) {
        expect_refusal((char *const[]){levels[i], NULL}, "there are 1, 2 and 3");
    }
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i += 1) {
        expect_refusal((char *const[]){targets[i], NULL}, "there are native, generic, avx2");
    }
    expect_refusal((char *const[]){"--auto-cast=some", NULL}, "none, matmult and all");
    expect_refusal((char *const[]){"--auto-cast", "", NULL}, "none, matmult and all");
    expect_refusal((char *const[]){"--auto-cast-type=tf32", NULL}, "bf16, fp16 and int8");
}

static void
values_that_are_missing_are_named(void **state)
{
    (void)state;
    expect_refusal((char *const[]){"-O", NULL}, "-O");
    expect_refusal((char *const[]){"--optlevel", NULL}, "--optlevel");
    expect_refusal((char *const[]){"--auto-cast", NULL}, "--auto-cast");
    expect_refusal((char *const[]){"--auto-cast-type", NULL}, "--auto-cast-type");
    expect_refusal((char *const[]){"--target", NULL}, "--target");
    expect_refusal((char *const[]){"--calibrate", NULL}, "--calibrate");
}

static void
files_to_calibrate_with_that_are_none_are_refused(void **state)
{
    (void)state;
    expect_refusal((char *const[]){"--calibrate", "", NULL}, "--calibrate");
    expect_refusal((char *const[]){"--calibrate=x=", NULL}, "--calibrate");
    expect_refusal((char *const[]){"--calibrate==a.npy", NULL}, "--calibrate");
    expect_refusal((char *const[]){"--calibrate=x=a", "--calibrate=x=b", NULL}, "two files");
    expect_refusal((char *const[]){"--calibrate=a", "--calibrate=b", NULL}, "two files");
    expect_refusal((char *const[]){"--calibrate=x=a", "--calibrate=b", NULL},
                   "--calibrate b: with several files, name the input of each");
    expect_refusal((char *const[]){"--calibrate=b", "--calibrate=x=a", NULL},
                   "--calibrate b: with several files, name the input of each");
}

static void
options_that_would_do_nothing_are_refused(void **state)
{
    static char *const types[] = {"--auto-cast-type=bf16", "--auto-cast-type=int8"};

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        expect_refusal((char *const[]){types[i], NULL}, "without --auto-cast matmult or all");
        expect_refusal((char *const[]){"--auto-cast=none", types[i], NULL},
                       "without --auto-cast matmult or all");
    }
    expect_refusal((char *const[]){"--calibrate=a", NULL}, "--auto-cast-type int8, too");
    expect_refusal((char *const[]){"--calibrate=a", "--auto-cast=all", NULL},
                   "--auto-cast-type int8, too");
    expect_refusal(
        (char *const[]){"--calibrate=a", "--auto-cast=all", "--auto-cast-type=bf16", NULL},
        "--auto-cast-type int8, too");
}

static void
every_target_is_taken(void **state)
{
    static char *const targets[] = {"native",      "generic",     "avx2", "avx512",
                                    "avx512-vnni", "avx512-bf16", "amx"};

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i += 1) {
        struct neuron_cc_options options;
        struct neuron_error error = {0};

        assert_ok(parse((char *const[]){"--target", targets[i], NULL}, &options, &error), &error);
        assert_string_equal(options.compiler.target, targets[i]);
        neuron_cc_options_destroy(&options);
    }
}

/* Fails unless a command that does not compile to a file refuses an option. */
static void
expect_no_compiler(char *command, char *option)
{
    char *arguments[] = {"neuron-cc", command, "m", option, "--output-dir=o", NULL};
    int count = command[0] == 'r' ? 5 : 4;
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_cc_options_parse(count, arguments, &options, &error), &error);
}

static void
what_does_not_compile_takes_no_options_for_it(void **state)
{
    static char *const options[] = {"-O2", "--auto-cast=all", "--auto-cast-type=bf16",
                                    "--target=avx2", "--calibrate=x=a"};

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i += 1) {
        expect_no_compiler("info", options[i]);
        expect_no_compiler("analyze", options[i]);
    }
    expect_no_compiler("run", "--calibrate=x=a");
    expect_no_compiler("bench", "--calibrate=x=a");
    expect_refusal((char *const[]){"--input=x=a", NULL}, "only run and bench");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_is_given_in_each_of_its_ways),
        cmocka_unit_test(casts_and_targets_are_two_words_or_one),
        cmocka_unit_test(rows_to_calibrate_with_are_for_an_input_or_for_the_only_one),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(values_that_are_missing_are_named),
        cmocka_unit_test(files_to_calibrate_with_that_are_none_are_refused),
        cmocka_unit_test(options_that_would_do_nothing_are_refused),
        cmocka_unit_test(every_target_is_taken),
        cmocka_unit_test(what_does_not_compile_takes_no_options_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

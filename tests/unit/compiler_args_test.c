/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "compiler/compiler_args.h"

enum { WORD_LIMIT = 16 };

/* Parses words up to a NULL. */
static enum neuron_status
parse(const char *const *words, struct neuron_compiler_options *options, struct neuron_error *error)
{
    uint32_t count = 0;

    while (words[count] != NULL) {
        count += 1;
        assert_true(count < WORD_LIMIT);
    }
    return neuron_compiler_args_parse(words, count, options, error);
}

/* Fails unless the words are refused with this text, and the options stay as they were. */
static void
expect_refusal(const char *const *words, const char *text)
{
    const struct neuron_compiler_options before = {
        .model_name = "before", .auto_cast = NEURON_AUTO_CAST_ALL, .optimization_level = 1};
    struct neuron_compiler_options options = before;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX, parse(words, &options, &error), &error);
    assert_contains(error.text, text);
    assert_memory_equal(&options, &before, sizeof(before));
}

static void
options_are_two_words_or_one_with_an_equals_sign(void **state)
{
    static const char *const two[] = {
        "--auto-cast", "all", "--auto-cast-type", "int8", "--target", "amx", "--name", "a=b", NULL};
    static const char *const one[] = {"--auto-cast=all", "--auto-cast-type=int8", "--target=amx",
                                      "--name=a=b", NULL};
    const char *const *const forms[] = {two, one};

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        struct neuron_compiler_options options = {0};
        struct neuron_error error = {0};

        assert_ok(parse(forms[i], &options, &error), &error);
        assert_int_equal(options.auto_cast, NEURON_AUTO_CAST_ALL);
        assert_int_equal(options.auto_cast_type, NEURON_AUTO_CAST_INT8);
        assert_string_equal(options.target, "amx");
        assert_string_equal(options.model_name, "a=b");
        assert_int_equal(options.optimization_level, 0);
    }
}

static void
every_value_of_a_cast_is_known(void **state)
{
    static const char *const casts[] = {"none", "matmult", "all"};
    static const char *const types[] = {"bf16", "fp16", "int8"};

    (void)state;
    for (uint32_t i = 0; i < 3; i += 1) {
        struct neuron_compiler_options options = {0};
        struct neuron_error error = {0};

        assert_ok(neuron_compiler_option_set(&options, "--auto-cast", casts[i], &error), &error);
        assert_ok(neuron_compiler_option_set(&options, "--auto-cast-type", types[i], &error),
                  &error);
        assert_int_equal(options.auto_cast, i);
        assert_int_equal(options.auto_cast_type, i);
    }
}

static void
the_level_is_given_in_each_of_its_ways(void **state)
{
    static const char *const ways[][3] = {{"-O1", NULL},
                                          {"-O", "2", NULL},
                                          {"-O3", NULL},
                                          {"--optlevel=1", NULL},
                                          {"--optlevel", "2", NULL}};
    static const uint32_t levels[] = {1, 2, 3, 1, 2};

    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i += 1) {
        struct neuron_compiler_options options = {0};
        struct neuron_error error = {0};

        assert_ok(parse(ways[i], &options, &error), &error);
        assert_int_equal(options.optimization_level, levels[i]);
    }
}

static void
the_last_of_two_counts_and_the_rest_stays(void **state)
{
    static const char *const words[] = {"-O1", "--auto-cast=none", "-O3", NULL};
    struct neuron_compiler_options options = {.model_name = "m",
                                              .auto_cast = NEURON_AUTO_CAST_MATMULT,
                                              .auto_cast_type = NEURON_AUTO_CAST_INT8};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.optimization_level, 3);
    assert_int_equal(options.auto_cast, NEURON_AUTO_CAST_NONE);
    assert_int_equal(options.auto_cast_type, NEURON_AUTO_CAST_INT8);
    assert_string_equal(options.model_name, "m");
    assert_ok(neuron_compiler_args_parse(NULL, 0, &options, &error), &error);
    assert_int_equal(options.optimization_level, 3);
}

static void
casts_that_are_none_are_refused(void **state)
{
    static const char *const casts[] = {"", "matmul", "ALL", "all ", "0"};
    static const char *const types[] = {"", "bfloat16", "tf32", "fp8", "INT8"};

    (void)state;
    for (size_t i = 0; i < sizeof(casts) / sizeof(casts[0]); i += 1) {
        expect_refusal((const char *const[]){"--auto-cast", casts[i], NULL}, "--auto-cast");
        expect_refusal((const char *const[]){"--auto-cast-type", types[i], NULL},
                       "--auto-cast-type");
    }
}

static void
levels_that_are_none_are_refused(void **state)
{
    static const char *const levels[] = {"", "0", "4", "-1", "22", "2x", " 2", "03", "s"};

    (void)state;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i += 1) {
        expect_refusal((const char *const[]){"--optlevel", levels[i], NULL}, "1, 2 and 3");
        expect_refusal((const char *const[]){"-O", levels[i], NULL}, "1, 2 and 3");
    }
    expect_refusal((const char *const[]){"-O0", NULL}, "1, 2 and 3");
    expect_refusal((const char *const[]){"-O4", NULL}, "1, 2 and 3");
    expect_refusal((const char *const[]){"-O=2", NULL}, "1, 2 and 3");
    expect_refusal((const char *const[]){"-Ofast", NULL}, "1, 2 and 3");
}

static void
what_is_missing_or_unknown_is_named(void **state)
{
    (void)state;
    expect_refusal((const char *const[]){"--auto-cast", NULL}, "--auto-cast");
    expect_refusal((const char *const[]){"-O1", "-O", NULL}, "-O");
    expect_refusal((const char *const[]){"--target", NULL}, "--target");
    expect_refusal((const char *const[]){"--auto", "all", NULL}, "--auto");
    expect_refusal((const char *const[]){"--auto-cast-types=int8", NULL}, "--auto-cast-types");
    expect_refusal((const char *const[]){"--model-type=transformer", NULL}, "--model-type");
    expect_refusal((const char *const[]){"all", NULL}, "all");
    expect_refusal((const char *const[]){"", NULL}, "");
}

static void
a_wrong_word_behind_right_ones_changes_nothing(void **state)
{
    (void)state;
    expect_refusal((const char *const[]){"--name=after", "-O3", "--auto-cast=some", NULL}, "some");
    expect_refusal((const char *const[]){"--name=after", "-O3", "--target", NULL}, "--target");
    expect_refusal((const char *const[]){"--name=after", "--target=avx9", NULL},
                   "there are native");
    expect_refusal((const char *const[]){"--auto-cast=none", "--auto-cast-type=int8", NULL},
                   "does nothing without --auto-cast");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_two_words_or_one_with_an_equals_sign),
        cmocka_unit_test(every_value_of_a_cast_is_known),
        cmocka_unit_test(the_level_is_given_in_each_of_its_ways),
        cmocka_unit_test(the_last_of_two_counts_and_the_rest_stays),
        cmocka_unit_test(casts_that_are_none_are_refused),
        cmocka_unit_test(levels_that_are_none_are_refused),
        cmocka_unit_test(what_is_missing_or_unknown_is_named),
        cmocka_unit_test(a_wrong_word_behind_right_ones_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

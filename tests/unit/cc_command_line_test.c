/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_command_line.h"

#include <stdio.h>

#include "check.h"

enum { WORD_LIMIT = 16 };

/* Parses words up to a NULL. */
static enum neuron_status
parse(char *const *words, struct neuron_cc_options *options, struct neuron_error *error)
{
    static char program[] = "neuron-cc";
    char *arguments[WORD_LIMIT] = {program};
    int count = 1;

    for (; words[count - 1] != NULL; count += 1) {
        assert_true(count + 1 < WORD_LIMIT);
        arguments[count] = words[count - 1];
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
    assert_null(options.shapes);
}

static void
weights_are_left_out_and_given(void **state)
{
    static char *const compile[] = {
        "compile",         "m.onnx",      "-o",           "m", "--no-inline-weights",
        "--weights-out=w", "--lazy-load", "--async-load", NULL};
    static char *const bench[] = {"bench", "m.neff", "--weights", "w", NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(compile, &options, &error), &error);
    assert_true(options.compiler.weights_apart && options.compiler.lazy_load &&
                options.compiler.async_load);
    assert_string_equal(options.compiler.weights_path, "w");
    neuron_cc_options_destroy(&options);
    assert_ok(parse(bench, &options, &error), &error);
    assert_false(options.compiler.weights_apart);
    assert_string_equal(options.weights_path, "w");
    neuron_cc_options_destroy(&options);
}

static void
buckets_are_batches_or_shapes(void **state)
{
    static char *const batches[] = {"compile", "m.onnx", "-o", "m", "--batch=1,16", NULL};
    static char *const named[] = {"compile",     "m.onnx",   "-o",      "m", "--bucket",
                                  "a=b=1x2,c=3", "--bucket", "a=b=2x2", NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(batches, &options, &error), &error);
    assert_int_equal(options.bucket_count, 2);
    assert_int_equal(options.buckets[1].batch, 16);
    neuron_cc_options_destroy(&options);
    assert_ok(parse(named, &options, &error), &error);
    assert_int_equal(options.bucket_count, 2);
    assert_int_equal(options.buckets[0].shape_count, 2);
    assert_string_equal(options.buckets[0].shapes[0].input, "a=b");
    assert_string_equal(options.buckets[0].shapes[1].input, "c");
    assert_int_equal(options.buckets[1].shapes[0].dims[0], 2);
    neuron_cc_options_destroy(&options);
}

static void
buckets_leave_no_batch_to_be_given(void **state)
{
    (void)state;
    expect_refusal((char *const[]){"compile", "m", "-o", "n", "--batch=4", "--bucket=a=1x2", NULL},
                   "--batch does nothing beside --bucket");
    expect_refusal((char *const[]){"compile", "m", "-o", "n", "--bucket=a=1x2", "--batch=4", NULL},
                   "--batch does nothing beside --bucket");
    expect_refusal((char *const[]){"compile", "m", "-o", "n", "--batch=4,1,4", NULL},
                   "--batch 4,1,4: 4 is there twice");
    expect_refusal((char *const[]){"compile", "m", "-o", "n", "--batch=1,2", "--batch=2,3", NULL},
                   "there are buckets already");
}

static void
weights_go_with_their_commands(void **state)
{
    static char *const out[] = {"compile", "m.onnx", "-o", "m", "--weights-out", "w", NULL};
    static char *const given[] = {"compile", "m.onnx", "-o", "m", "--weights", "w", NULL};
    static char *const left[] = {"run", "m.onnx", "--output-dir", "d", "--no-inline-weights", NULL};
    static char *const value[] = {"compile", "m.onnx", "-o", "m", "--no-inline-weights=no", NULL};

    (void)state;
    expect_refusal(out, "unless there is --no-inline-weights");
    expect_refusal(given, "only run and bench give a model weights");
    expect_refusal(left, "only compile writes a file");
    expect_refusal(value, "takes no value");
}

static void
compile_takes_files_and_shapes_in_any_order(void **state)
{
    static char *const words[] = {
        "--batch=8",   "compile", "m.onnx", "--shape",       "a=b=2x3", "-o", "m.neff",
        "--shape=x=7", "--name",  "m",      "--dump-passes", "d",       NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_COMPILE);
    assert_string_equal(options.model_path, "m.onnx");
    assert_string_equal(options.output_path, "m.neff");
    assert_string_equal(options.compiler.model_name, "m");
    assert_string_equal(options.compiler.dump_folder, "d");
    assert_int_equal(options.batch, 8);
    assert_int_equal(options.shape_count, 2);
    assert_string_equal(options.shapes[0].input, "a=b");
    assert_int_equal(options.shapes[0].rank, 2);
    assert_int_equal(options.shapes[0].dims[0], 2);
    assert_int_equal(options.shapes[0].dims[1], 3);
    assert_string_equal(options.shapes[1].input, "x");
    neuron_cc_options_destroy(&options);
}

static void
inputs_are_shared_by_name(void **state)
{
    static char *const words[] = {
        "compile", "m.onnx", "-o", "m.neff", "--shared-input", "table", "--shared-input=a=b", NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.shared_input_count, 2);
    assert_string_equal(options.shared_inputs[0], "table");
    assert_string_equal(options.shared_inputs[1], "a=b");
    neuron_cc_options_destroy(&options);
    expect_refusal((char *const[]){"info", "m", "--shared-input", NULL}, "its value is missing");
}

static void
compile_takes_a_number_of_cores(void **state)
{
    static char *const words[] = {"compile", "m.onnx", "-o", "m.neff", "--num-neuroncores=64",
                                  NULL};
    static const char *const refused[] = {"0", "65", "-1", "two", "2x", ""};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.compiler.core_count, 64);
    neuron_cc_options_destroy(&options);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        char value[8] = "";

        (void)snprintf(value, sizeof(value), "%s", refused[i]);
        expect_refusal((char *const[]){"compile", "m", "-o", "n", "--num-neuroncores", value, NULL},
                       "give a number of cores, 1 to 64");
    }
    expect_refusal((char *const[]){"run", "m", "--output-dir", "d", "--num-neuroncores", "2", NULL},
                   "only compile spreads a model over cores");
}

static void
compile_takes_what_the_cores_do(void **state)
{
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse((char *const[]){"compile", "m", "-o", "n", "--split", "wide",
                                    "--num-neuroncores", "2", NULL},
                    &options, &error),
              &error);
    assert_int_equal(options.compiler.split, NEURON_SPLIT_WIDE);
    neuron_cc_options_destroy(&options);
    expect_refusal((char *const[]){"compile", "m", "-o", "n", "--split", "high", NULL},
                   "--split high: write pipeline");
    expect_refusal((char *const[]){"compile", "m", "-o", "n", "--split", "wide", NULL},
                   "give --num-neuroncores, too");
}

static void
info_and_analyze_take_a_file(void **state)
{
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse((char *const[]){"info", "m.neff", NULL}, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_INFO);
    neuron_cc_options_destroy(&options);
    assert_ok(parse((char *const[]){"analyze", "m.onnx", NULL}, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_ANALYZE);
    neuron_cc_options_destroy(&options);
}

static void
run_takes_a_file_for_each_input(void **state)
{
    static char *const words[] = {
        "run",          "m.onnx", "--input", "image=a=b/x.npy", "--input=mask=y",
        "--output-dir", "out",    NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_RUN);
    assert_string_equal(options.output_folder, "out");
    assert_int_equal(options.array_file_count, 2);
    assert_string_equal(options.array_files[0].input, "image");
    assert_string_equal(options.array_files[0].path, "a=b/x.npy");
    assert_string_equal(options.array_files[1].input, "mask");
    assert_string_equal(options.array_files[1].path, "y");
    neuron_cc_options_destroy(&options);
}

static void
bench_takes_limits_and_what_to_show(void **state)
{
    static char *const words[] = {"bench",     "m.neff",    "--runs=100",  "--seconds", "0.25",
                                  "--profile", "--trace=t", "--remeasure", NULL};
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse(words, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_BENCH);
    assert_int_equal(options.run_limit, 100);
    assert_int_equal(options.time_limit_ms, 250);
    assert_true(options.shows_profile);
    assert_true(options.remeasures);
    assert_string_equal(options.trace_path, "t");
    neuron_cc_options_destroy(&options);
    assert_ok(parse((char *const[]){"bench", "m", "--seconds=86400", NULL}, &options, &error),
              &error);
    assert_int_equal(options.time_limit_ms, 86400000);
    assert_int_equal(options.run_limit, 0);
    assert_false(options.remeasures);
    neuron_cc_options_destroy(&options);
}

static void
options_of_other_commands_are_refused(void **state)
{
    (void)state;
    expect_refusal((char *const[]){"info", "m", "--input", "x=y", NULL}, "only run and bench");
    expect_refusal((char *const[]){"bench", "m", "--output-dir", "o", NULL}, "only run writes");
    expect_refusal((char *const[]){"run", "m", "--output-dir=o", "--runs=1", NULL}, "only bench");
    expect_refusal((char *const[]){"run", "m", "--output-dir=o", "--seconds=1", NULL},
                   "only bench");
    expect_refusal((char *const[]){"analyze", "m", "--profile", NULL}, "only bench");
    expect_refusal((char *const[]){"analyze", "m", "--trace", "t", NULL}, "only bench");
    expect_refusal((char *const[]){"info", "m", "--remeasure", NULL}, "only bench");
    expect_refusal((char *const[]){"bench", "m", "-o", "t", NULL}, "only compile");
    expect_refusal((char *const[]){"run", "m", "--input", "x=y", NULL}, "--output-dir DIR");
}

static void
help_and_version_need_nothing_else(void **state)
{
    struct neuron_cc_options options;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse((char *const[]){"--help", NULL}, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_SHOW_HELP);
    neuron_cc_options_destroy(&options);
    assert_ok(parse((char *const[]){"compile", "-V", NULL}, &options, &error), &error);
    assert_int_equal(options.request, NEURON_CC_SHOW_VERSION);
    neuron_cc_options_destroy(&options);
}

static void
what_is_missing_or_too_much_is_named(void **state)
{
    (void)state;
    expect_refusal((char *const[]){NULL}, "missing");
    expect_refusal((char *const[]){"compile", NULL}, "missing");
    expect_refusal((char *const[]){"compile", "m.onnx", NULL}, "-o FILE");
    expect_refusal((char *const[]){"compile", "m.onnx", "-o", NULL}, "-o: its value");
    expect_refusal((char *const[]){"info", "m.neff", "-o", "n", NULL}, "only compile");
    expect_refusal((char *const[]){"info", "m.neff", "--name", "n", NULL}, "only compile");
    expect_refusal((char *const[]){"info", "m.neff", "--dump-passes=d", NULL}, "only compile");
    expect_refusal((char *const[]){"info", "a", "b", NULL}, "b: one file");
    expect_refusal((char *const[]){"complie", NULL}, "complie: there is no such command");
    expect_refusal((char *const[]){"info", "a", "--bach=8", NULL}, "--bach=8: there is no");
    expect_refusal((char *const[]){"--help=all", NULL}, "takes no value");
}

static void
numbers_that_are_none_are_refused(void **state)
{
    static char *const batches[] = {"0", "-1", "8x", "", "99999999999999999999", " 8"};
    static char *const shapes[] = {
        "x", "=1", "x=", "x=0x3", "x=1x", "x=1xx3", "x=1x2x3x4x5x6x7x8x9", "x=-1x3"};

    (void)state;
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i += 1) {
        expect_refusal((char *const[]){"analyze", "m", "--batch", batches[i], NULL},
                       "number of rows");
    }
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i += 1) {
        expect_refusal((char *const[]){"analyze", "m", "--shape", shapes[i], NULL}, "write a name");
    }
    expect_refusal((char *const[]){"analyze", "m", "--shape=x=1", "--shape=x=2", NULL},
                   "two shapes");
}

static void
files_and_limits_that_are_none_are_refused(void **state)
{
    static char *const inputs[] = {"x", "=y", "x=", ""};
    static char *const runs[] = {"0", "-1", "1.5", "1000001", ""};
    static char *const times[] = {"0",         "0.0", "-1", ".5",    "1e3",   "1.0005",
                                  "86400.001", "1s",  "",   "1.2.3", "999999"};

    (void)state;
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i += 1) {
        expect_refusal((char *const[]){"bench", "m", "--input", inputs[i], NULL}, "write a name");
    }
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i += 1) {
        expect_refusal((char *const[]){"bench", "m", "--runs", runs[i], NULL}, "number of runs");
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i += 1) {
        expect_refusal((char *const[]){"bench", "m", "--seconds", times[i], NULL}, "give a time");
    }
    expect_refusal((char *const[]){"bench", "m", "--input=x=a", "--input=x=b", NULL}, "two files");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_left_out_and_given),
        cmocka_unit_test(buckets_are_batches_or_shapes),
        cmocka_unit_test(buckets_leave_no_batch_to_be_given),
        cmocka_unit_test(weights_go_with_their_commands),
        cmocka_unit_test(compile_takes_files_and_shapes_in_any_order),
        cmocka_unit_test(inputs_are_shared_by_name),
        cmocka_unit_test(compile_takes_a_number_of_cores),
        cmocka_unit_test(compile_takes_what_the_cores_do),
        cmocka_unit_test(info_and_analyze_take_a_file),
        cmocka_unit_test(run_takes_a_file_for_each_input),
        cmocka_unit_test(bench_takes_limits_and_what_to_show),
        cmocka_unit_test(options_of_other_commands_are_refused),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(what_is_missing_or_too_much_is_named),
        cmocka_unit_test(numbers_that_are_none_are_refused),
        cmocka_unit_test(files_and_limits_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The options of neuron_compile(): what they do to the file, and which are refused. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "engine/machine.h"
#include "neff/neff_file.h"
#include "neuron/compiler.h"
#include "neuron/model.h"
#include "neuron/trace_window.h"
#include "sample_graph.h"
#include "test_folder.h"

/* Convolution and product of float32[2,16,48,48]. */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
    struct neuron_value conv = neuron_conv(trace, x[0], sample_constant(trace, 16, 16, 3, 3),
                                           sample_constant(trace, 16, 0, 0, 0), &padded);

    (void)user;
    y[0] = neuron_matmul(trace, neuron_relu(trace, conv), sample_constant(trace, 48, 5, 0, 0));
    return neuron_trace_status(trace);
}

struct compile_bench {
    struct test_folder folder;
    struct neuron_graph *graph;
    char path[TEST_PATH_BYTES];
};

static int
make_bench(void **state)
{
    static struct compile_bench bench;

    test_folder_create(&bench.folder);
    bench.graph = trace_sample(record, 2, 16, 48, 48);
    test_folder_path(&bench.folder, "a.neff", bench.path);
    *state = &bench;
    return 0;
}

static int
remove_bench(void **state)
{
    struct compile_bench *bench = *state;

    neuron_graph_destroy(bench->graph);
    test_folder_destroy(&bench->folder);
    return 0;
}

/* Compiles with options, and reads the file. */
static struct neuron_neff_file
compile(const struct compile_bench *bench, const struct neuron_compiler_options *options)
{
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    assert_ok(neuron_compile(bench->graph, options, bench->path, &error), &error);
    assert_ok(neuron_neff_read(bench->path, &file, &error), &error);
    return file;
}

static const struct neuron_attributes *
find_attributes(const struct neuron_graph *graph, enum neuron_operator kind)
{
    uint32_t i = 0;

    while (graph->nodes[i].kind != kind) {
        i += 1;
        assert_true(i < graph->node_count);
    }
    return &graph->nodes[i].attributes;
}

static void
without_options_all_is_float32_for_this_machine(void **state)
{
    const struct neuron_compiler_options zeroed = {.model_name = NULL};
    const struct neuron_compiler_options *const both[] = {NULL, &zeroed};

    for (int i = 0; i < 2; i += 1) {
        struct neuron_neff_file file = compile(*state, both[i]);

        assert_int_equal(file.graph->target.instructions, neuron_machine_instructions());
        assert_string_equal(file.graph->target.processor, "");
        for (uint32_t j = 0; j < file.graph->node_count; j += 1) {
            assert_int_equal(file.graph->nodes[j].attributes.precision, NEURON_PRECISION_FLOAT32);
        }
        neuron_neff_close(&file);
    }
}

static void
precisions_stand_in_the_file(void **state)
{
    static const enum neuron_precision precisions[] = {
        NEURON_PRECISION_BFLOAT16, NEURON_PRECISION_FLOAT16, NEURON_PRECISION_INT8};

    for (int i = 0; i < 3; i += 1) {
        const struct neuron_compiler_options options = {
            .auto_cast = NEURON_AUTO_CAST_MATMULT, .auto_cast_type = (enum neuron_auto_cast_type)i};
        struct neuron_neff_file file = compile(*state, &options);

        assert_int_equal(find_attributes(file.graph, NEURON_OPERATOR_CONV)->precision,
                         precisions[i]);
        assert_int_equal(find_attributes(file.graph, NEURON_OPERATOR_MATMUL)->precision,
                         precisions[i]);
        neuron_neff_close(&file);
    }
}

static void
algorithms_are_chosen_from_level_two_on_for_targets_that_have_them(void **state)
{
    static const struct {
        const char *target;
        uint32_t level;
        enum neuron_algorithm algorithm;
    } cases[] = {
        {"avx512", 0, NEURON_ALGORITHM_WINOGRAD}, {"avx512", 2, NEURON_ALGORITHM_WINOGRAD},
        {"amx", 2, NEURON_ALGORITHM_WINOGRAD},    {"avx512", 1, NEURON_ALGORITHM_DEFAULT},
        {"avx2", 2, NEURON_ALGORITHM_DEFAULT},    {"generic", 2, NEURON_ALGORITHM_DEFAULT}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        const struct neuron_compiler_options options = {.target = cases[i].target,
                                                        .optimization_level = cases[i].level};
        struct neuron_neff_file file = compile(*state, &options);

        assert_int_equal(find_attributes(file.graph, NEURON_OPERATOR_CONV)->algorithm,
                         cases[i].algorithm);
        assert_string_equal(neuron_instructions_name(file.graph->target.instructions),
                            cases[i].target);
        neuron_neff_close(&file);
    }
}

static void
level_three_notes_the_processor_of_this_machine(void **state)
{
    const struct neuron_compiler_options options = {
        .optimization_level = 3, .target = neuron_instructions_name(neuron_machine_instructions())};
    struct neuron_neff_file file = compile(*state, &options);
    char processor[NEURON_PROCESSOR_LIMIT_BYTES] = "";

    if (neuron_machine_instructions() >= NEURON_INSTRUCTIONS_AVX512) {
        neuron_machine_name_processor(processor, sizeof(processor));
        assert_string_equal(file.graph->target.processor, processor);
    }
    neuron_neff_close(&file);
}

static void
peaks_of_given_rows_stand_in_the_file(void **state)
{
    static float numbers[3 * 16 * 48 * 48];
    const struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {3, 16, 48, 48}, .data = numbers};
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8,
                                                    .calibration = &rows};

    memset(numbers, 0, sizeof(numbers));
    numbers[sizeof(numbers) / sizeof(numbers[0]) - 1] = -4.5F;
    struct neuron_neff_file file = compile(*state, &options);
    assert_true(find_attributes(file.graph, NEURON_OPERATOR_CONV)->input_peak == 4.5F);
    assert_true(find_attributes(file.graph, NEURON_OPERATOR_MATMUL)->input_peak > 0.0F);
    neuron_neff_close(&file);
}

/* Fails unless the options are refused with this text, and no file is left. */
static void
expect_refusal(const struct compile_bench *bench, const struct neuron_compiler_options *options,
               const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_compile(bench->graph, options, bench->path, &error), &error);
    assert_contains(error.text, text);
    assert_int_equal(neuron_compile(bench->graph, options, bench->path, NULL),
                     NEURON_INVALID_ARGUMENT);
    assert_int_equal(test_folder_file_count(&bench->folder), 0);
}

static void
options_that_are_none_are_refused(void **state)
{
    const struct neuron_compiler_options cast = {.auto_cast = (enum neuron_auto_cast)3};
    const struct neuron_compiler_options type = {.auto_cast = NEURON_AUTO_CAST_ALL,
                                                 .auto_cast_type = (enum neuron_auto_cast_type)3};
    const struct neuron_compiler_options level = {.optimization_level = 4};
    const struct neuron_compiler_options high = {.optimization_level = UINT32_MAX};
    const struct neuron_compiler_options target = {.target = "avx1024"};
    const struct neuron_compiler_options empty = {.target = ""};

    expect_refusal(*state, &cast, "auto_cast 3");
    expect_refusal(*state, &type, "auto_cast_type 3");
    expect_refusal(*state, &level, "level 4");
    expect_refusal(*state, &high, "level 4294967295");
    expect_refusal(*state, &target, "target avx1024");
    expect_refusal(*state, &empty, "avx512-bf16");
}

static void
another_machine_is_not_measured(void **state)
{
    for (int i = NEURON_INSTRUCTIONS_GENERIC; i < NEURON_INSTRUCTIONS_END; i += 1) {
        const struct neuron_compiler_options options = {
            .optimization_level = 3,
            .target = neuron_instructions_name((enum neuron_instructions)i)};

        if (i != (int)neuron_machine_instructions()) {
            expect_refusal(*state, &options, "level 3 measures on this machine");
        }
    }
}

static void
rows_that_do_not_fit_are_refused(void **state)
{
    static float numbers[16 * 48 * 48];
    struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 16, 48, 49}, .data = numbers};
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8,
                                                    .calibration = &rows};

    expect_refusal(*state, &options, "float32[1,16,48,49]");
    rows.shape[3] = 48;
    rows.shape[0] = 0;
    expect_refusal(*state, &options, "float32[0,16,48,48]");
    rows.shape[0] = 1;
    rows.type = NEURON_INT32;
    expect_refusal(*state, &options, "int32[1,16,48,48]");
    rows.type = NEURON_FLOAT32;
    rows.rank = 3;
    expect_refusal(*state, &options, "float32[1,16,48]");
}

static void
rows_that_hold_no_numbers_are_refused(void **state)
{
    static const float wrong[] = {NAN, INFINITY};
    static float numbers[16 * 48 * 48];
    const struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 16, 48, 48}, .data = numbers};
    const struct neuron_compiler_options options = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8,
                                                    .calibration = &rows};

    for (int i = 0; i < 2; i += 1) {
        memset(numbers, 0, sizeof(numbers));
        numbers[1234] = wrong[i];
        expect_refusal(*state, &options, "no number");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_options_all_is_float32_for_this_machine, make_bench,
                                        remove_bench),
        cmocka_unit_test_setup_teardown(precisions_stand_in_the_file, make_bench, remove_bench),
        cmocka_unit_test_setup_teardown(
            algorithms_are_chosen_from_level_two_on_for_targets_that_have_them, make_bench,
            remove_bench),
        cmocka_unit_test_setup_teardown(level_three_notes_the_processor_of_this_machine, make_bench,
                                        remove_bench),
        cmocka_unit_test_setup_teardown(peaks_of_given_rows_stand_in_the_file, make_bench,
                                        remove_bench),
        cmocka_unit_test_setup_teardown(options_that_are_none_are_refused, make_bench,
                                        remove_bench),
        cmocka_unit_test_setup_teardown(another_machine_is_not_measured, make_bench, remove_bench),
        cmocka_unit_test_setup_teardown(rows_that_do_not_fit_are_refused, make_bench, remove_bench),
        cmocka_unit_test_setup_teardown(rows_that_hold_no_numbers_are_refused, make_bench,
                                        remove_bench),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts that are chosen for graphs, and what they spare in reorders. */
#include "check.h"

#include <string.h>

#include "engine/layout_choice.h"
#include "engine/step_description.h"
#include "pass_check.h"
#include "sample_graph.h"

enum { CHANNELS = 16 };

/* Convolutions in a row, of which some are depthwise, beside an elementwise operator. */
struct chain {
    uint32_t depthwise_count;
    uint32_t dense_count;
};

static enum neuron_status
record_chain(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    const struct chain *chain = user;
    const struct neuron_conv2d_options depthwise = {.groups = CHANNELS, .pads = {1, 1, 1, 1}};
    const struct neuron_conv2d_options dense = {0};
    const struct neuron_value no_bias = {0};
    struct neuron_value value = neuron_tanh(trace, x[0]);

    for (uint32_t i = 0; i < chain->depthwise_count; i += 1) {
        value = neuron_conv2d(trace, value, sample_constant(trace, CHANNELS, 1, 3, 3), no_bias,
                              &depthwise);
    }
    for (uint32_t i = 0; i < chain->dense_count; i += 1) {
        value = neuron_conv2d(trace, value, sample_constant(trace, CHANNELS, CHANNELS, 1, 1),
                              no_bias, &dense);
    }
    y[0] = value;
    return neuron_trace_status(trace);
}

/* How many nodes of the chain are to be in blocks, of which none but convolutions may be. */
static uint32_t
count_blocked(uint32_t depthwise_count, uint32_t dense_count, enum neuron_instructions machine)
{
    struct chain chain = {depthwise_count, dense_count};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, CHANNELS, 6, 8}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    enum neuron_layout layouts[16] = {NEURON_LAYOUT_ANY};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;
    uint32_t count = 0;

    assert_ok(neuron_trace(record_chain, &signature, &chain, &graph, &error), &error);
    assert_true(graph->node_count <= 16);
    neuron_layout_choose(graph, machine, layouts);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        bool is_blocked = layouts[i] == NEURON_LAYOUT_BLOCKED_16;

        assert_true(!is_blocked || graph->nodes[i].kind == NEURON_OPERATOR_CONV);
        count += is_blocked ? 1 : 0;
    }
    neuron_graph_destroy(graph);
    return count;
}

static void
a_quarter_of_depthwise_convolutions_brings_all_into_blocks(void **state)
{
    (void)state;
    assert_int_equal(count_blocked(2, 6, NEURON_INSTRUCTIONS_AVX512), 8);
    assert_int_equal(count_blocked(1, 0, NEURON_INSTRUCTIONS_AVX512_BF16), 1);
}

static void
fewer_depthwise_convolutions_leave_the_choice_to_kernels(void **state)
{
    (void)state;
    assert_int_equal(count_blocked(1, 7, NEURON_INSTRUCTIONS_AVX512), 0);
    assert_int_equal(count_blocked(0, 3, NEURON_INSTRUCTIONS_AVX512), 0);
    assert_int_equal(count_blocked(0, 0, NEURON_INSTRUCTIONS_AVX512), 0);
}

static void
narrower_vectors_leave_the_choice_to_kernels(void **state)
{
    (void)state;
    assert_int_equal(count_blocked(4, 4, NEURON_INSTRUCTIONS_AVX2), 0);
    assert_int_equal(count_blocked(4, 4, NEURON_INSTRUCTIONS_GENERIC), 0);
}

/* The layout of a convolution with this algorithm, among depthwise ones. */
static enum neuron_layout
choose_layout(enum neuron_algorithm algorithm, enum neuron_precision precision,
              enum neuron_instructions machine)
{
    struct chain chain = {1, 1};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, CHANNELS, 6, 8}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    enum neuron_layout layouts[16] = {NEURON_LAYOUT_ANY};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_chain, &signature, &chain, &graph, &error), &error);
    assert_true(graph->node_count > 0 && graph->node_count <= 16);
    struct neuron_node *node = &graph->nodes[graph->node_count - 1];
    assert_true(neuron_layout_is_image_conv(graph, node));
    node->attributes.algorithm = algorithm;
    node->attributes.precision = precision;
    neuron_layout_choose(graph, machine, layouts);
    enum neuron_layout layout = layouts[graph->node_count - 1];
    neuron_graph_destroy(graph);
    return layout;
}

static void
what_the_compiler_chose_is_kept(void **state)
{
    (void)state;
    assert_int_equal(choose_layout(NEURON_ALGORITHM_DIRECT, NEURON_PRECISION_FLOAT32,
                                   NEURON_INSTRUCTIONS_AVX512),
                     NEURON_LAYOUT_ANY);
    assert_int_equal(choose_layout(NEURON_ALGORITHM_BLOCKED, NEURON_PRECISION_FLOAT32,
                                   NEURON_INSTRUCTIONS_AVX512_BF16),
                     NEURON_LAYOUT_BLOCKED_16);
    assert_int_equal(
        choose_layout(NEURON_ALGORITHM_WINOGRAD, NEURON_PRECISION_FLOAT32, NEURON_INSTRUCTIONS_AMX),
        NEURON_LAYOUT_WINOGRAD);
    assert_int_equal(choose_layout(NEURON_ALGORITHM_DEFAULT, NEURON_PRECISION_FLOAT32,
                                   NEURON_INSTRUCTIONS_AVX512),
                     NEURON_LAYOUT_BLOCKED_16);
}

static void
what_a_machine_cannot_do_is_left_to_kernels(void **state)
{
    static const enum neuron_algorithm algorithms[] = {
        NEURON_ALGORITHM_DIRECT, NEURON_ALGORITHM_BLOCKED, NEURON_ALGORITHM_WINOGRAD};

    (void)state;
    for (int i = 0; i < 3; i += 1) {
        assert_int_equal(
            choose_layout(algorithms[i], NEURON_PRECISION_FLOAT32, NEURON_INSTRUCTIONS_AVX2),
            NEURON_LAYOUT_ANY);
        assert_int_equal(
            choose_layout(algorithms[i], NEURON_PRECISION_FLOAT32, NEURON_INSTRUCTIONS_GENERIC),
            NEURON_LAYOUT_ANY);
        /* Tiles of AMX take rows of channels. */
        assert_int_equal(
            choose_layout(algorithms[i], NEURON_PRECISION_BFLOAT16, NEURON_INSTRUCTIONS_AMX),
            NEURON_LAYOUT_ANY);
    }
}

static void
depthwise_convolutions_beside_those_of_bytes_stay_in_rows(void **state)
{
    static const enum neuron_instructions machines[] = {
        NEURON_INSTRUCTIONS_AVX512_VNNI, NEURON_INSTRUCTIONS_AVX512_BF16, NEURON_INSTRUCTIONS_AMX};

    (void)state;
    for (int i = 0; i < 3; i += 1) {
        assert_int_equal(
            choose_layout(NEURON_ALGORITHM_DEFAULT, NEURON_PRECISION_INT8, machines[i]),
            NEURON_LAYOUT_ANY);
    }
    /* Without products of bytes, it is computed in float32. */
    assert_int_equal(
        choose_layout(NEURON_ALGORITHM_DEFAULT, NEURON_PRECISION_INT8, NEURON_INSTRUCTIONS_AVX512),
        NEURON_LAYOUT_BLOCKED_16);
    assert_int_equal(choose_layout(NEURON_ALGORITHM_DEFAULT, NEURON_PRECISION_BFLOAT16,
                                   NEURON_INSTRUCTIONS_AVX512_BF16),
                     NEURON_LAYOUT_BLOCKED_16);
}

static dnnl_memory_desc_t
image(dnnl_format_tag_t tag, int64_t channels)
{
    const dnnl_dims_t dims = {1, channels, 6, 8};
    dnnl_memory_desc_t layout = {0};

    assert_int_equal(dnnl_memory_desc_init_by_tag(&layout, 4, dims, dnnl_f32, tag), dnnl_success);
    return layout;
}

static void
images_in_the_same_layout_are_joined_in_it(void **state)
{
    const dnnl_memory_desc_t pixels[2] = {image(dnnl_nhwc, 5), image(dnnl_nhwc, 24)};
    const dnnl_memory_desc_t blocks[2] = {image(dnnl_nChw16c, 32), image(dnnl_nChw16c, 16)};
    const dnnl_memory_desc_t narrow[2] = {image(dnnl_nChw8c, 8), image(dnnl_nChw8c, 24)};

    (void)state;
    assert_int_equal(neuron_layout_find_joined(pixels, 2, 1), dnnl_nhwc);
    assert_int_equal(neuron_layout_find_joined(blocks, 2, 1), dnnl_nChw16c);
    assert_int_equal(neuron_layout_find_joined(narrow, 2, 1), dnnl_nChw8c);
}

static void
images_that_do_not_fit_together_are_joined_plain(void **state)
{
    const dnnl_memory_desc_t mixed[2] = {image(dnnl_nhwc, 16), image(dnnl_nChw16c, 16)};
    const dnnl_memory_desc_t cut[2] = {image(dnnl_nChw16c, 24), image(dnnl_nChw16c, 16)};
    const dnnl_memory_desc_t plain[2] = {image(dnnl_nchw, 16), image(dnnl_nchw, 16)};
    const dnnl_memory_desc_t rows[2] = {image(dnnl_nhwc, 16), image(dnnl_nhwc, 16)};

    (void)state;
    assert_int_equal(neuron_layout_find_joined(mixed, 2, 1), dnnl_format_tag_undef);
    assert_int_equal(neuron_layout_find_joined(cut, 2, 1), dnnl_format_tag_undef);
    assert_int_equal(neuron_layout_find_joined(plain, 2, 1), dnnl_format_tag_undef);
    assert_int_equal(neuron_layout_find_joined(rows, 2, 2), dnnl_format_tag_undef);
}

/* Two convolutions of the input joined; reshapes, which passes take out, make both plain. */
static enum neuron_status
record_fire(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const int64_t *channels = user;
    const struct neuron_conv2d_options options = {0};
    const struct neuron_value no_bias = {0};
    struct neuron_value branches[2];

    for (uint32_t i = 0; i < 2; i += 1) {
        const int64_t dims[4] = {2, channels[i], 6, 8};

        branches[i] = neuron_conv2d(
            trace, x[0], sample_constant(trace, channels[i], CHANNELS, 1, 1), no_bias, &options);
        branches[i] = neuron_reshape(trace, branches[i], dims, 4);
    }
    y[0] = neuron_concat(trace, branches, 2, 1);
    return neuron_trace_status(trace);
}

/* The same behind a depthwise convolution. */
static enum neuron_status
record_depthwise_fire(struct neuron_trace *trace, const struct neuron_value *x,
                      struct neuron_value *y, void *user)
{
    const struct neuron_conv2d_options depthwise = {.groups = CHANNELS, .pads = {1, 1, 1, 1}};
    const struct neuron_value no_bias = {0};
    struct neuron_value value =
        neuron_conv2d(trace, x[0], sample_constant(trace, CHANNELS, 1, 3, 3), no_bias, &depthwise);

    return record_fire(trace, &value, y, user);
}

/* Fails unless the numbers are those of the plain concatenation; counts the reorders without. */
static uint32_t
count_reorders(neuron_trace_fn *function, int64_t left, int64_t right)
{
    const int64_t dims[4] = {2, CHANNELS, 6, 8};
    int64_t channels[2] = {left, right};
    struct neuron_graph *graph = pass_check(NULL, function, channels, dims);
    struct neuron_plan *plan = NULL;
    struct neuron_error error;
    uint32_t count = 0;

    assert_ok(neuron_plan_create(graph, NULL, &plan, &error), &error);
    for (uint32_t i = 0; i < neuron_plan_step_count(plan); i += 1) {
        count += strcmp(neuron_plan_describe_step(plan, i).kernel, "reorder") == 0 ? 1 : 0;
    }
    neuron_plan_destroy(plan);
    neuron_graph_destroy(graph);
    return count;
}

static void
branches_are_joined_without_reorders_between(void **state)
{
    (void)state;
    /* One of the input, and one of the output. */
    assert_in_range(count_reorders(record_fire, 16, 32), 0, 2);
    assert_in_range(count_reorders(record_depthwise_fire, 16, 32), 0, 2);
}

static void
branches_that_end_inside_a_block_give_the_same_numbers(void **state)
{
    (void)state;
    /* One of each branch at most, besides. */
    assert_in_range(count_reorders(record_fire, 24, 17), 0, 3);
    assert_in_range(count_reorders(record_depthwise_fire, 24, 17), 0, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_of_depthwise_convolutions_brings_all_into_blocks),
        cmocka_unit_test(fewer_depthwise_convolutions_leave_the_choice_to_kernels),
        cmocka_unit_test(narrower_vectors_leave_the_choice_to_kernels),
        cmocka_unit_test(what_the_compiler_chose_is_kept),
        cmocka_unit_test(what_a_machine_cannot_do_is_left_to_kernels),
        cmocka_unit_test(depthwise_convolutions_beside_those_of_bytes_stay_in_rows),
        cmocka_unit_test(images_in_the_same_layout_are_joined_in_it),
        cmocka_unit_test(images_that_do_not_fit_together_are_joined_plain),
        cmocka_unit_test(branches_are_joined_without_reorders_between),
        cmocka_unit_test(branches_that_end_inside_a_block_give_the_same_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One layer of a transformer in every precision: products of values, and of weights. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/compile_graph.h"
#include "engine_run.h"
#include "neuron/trace_elementwise.h"
#include "tensor_text.h"

enum { BATCH = 2, ROWS = 7, HEADS = 2, WIDTH = 16, HEAD = WIDTH / HEADS };

static struct neuron_value
weights(struct neuron_trace *trace, uint32_t seed)
{
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 2, .shape = {WIDTH, WIDTH}};

    allocate_tensor(&view);
    fill_tensor(&view, seed);
    struct neuron_value value = neuron_constant(trace, &view);
    free_tensor(&view);
    return neuron_multiply(trace, value, neuron_scalar(trace, 0.4F));
}

/* [BATCH,ROWS,WIDTH] to [BATCH,HEADS,ROWS,HEAD]. */
static struct neuron_value
split_heads(struct neuron_trace *trace, struct neuron_value value)
{
    const int64_t dims[4] = {BATCH, ROWS, HEADS, HEAD};
    const uint32_t order[4] = {0, 2, 1, 3};

    return neuron_transpose(trace, neuron_reshape(trace, value, dims, 4), order);
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const uint32_t last_two[4] = {0, 1, 3, 2};
    const uint32_t order[4] = {0, 2, 1, 3};
    const int64_t dims[3] = {BATCH, ROWS, WIDTH};
    struct neuron_value heads[3];

    (void)user;
    for (uint32_t i = 0; i < 3; i += 1) {
        heads[i] = split_heads(trace, neuron_matmul(trace, x[0], weights(trace, i + 1)));
    }
    struct neuron_value scores =
        neuron_matmul(trace, heads[0], neuron_transpose(trace, heads[1], last_two));
    scores = neuron_softmax(trace, neuron_multiply(trace, scores, neuron_scalar(trace, 0.35F)), -1);
    struct neuron_value mixed =
        neuron_transpose(trace, neuron_matmul(trace, scores, heads[2]), order);
    mixed = neuron_matmul(trace, neuron_reshape(trace, mixed, dims, 3), weights(trace, 4));
    mixed = neuron_layer_norm(trace, neuron_add(trace, mixed, x[0]), (struct neuron_value){0},
                              (struct neuron_value){0}, 2, 1e-5F);
    y[0] = neuron_add(
        trace, mixed,
        neuron_matmul(trace, neuron_gelu(trace, neuron_matmul(trace, mixed, weights(trace, 5))),
                      weights(trace, 6)));
    return neuron_trace_status(trace);
}

static int
trace_layer(void **state)
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {BATCH, ROWS, WIDTH}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record, &signature, NULL, &graph, &error), &error);
    *state = graph;
    return 0;
}

static int
destroy_layer(void **state)
{
    neuron_graph_destroy(*state);
    return 0;
}

/* The largest difference that options make, on numbers times a factor. */
static float
measure(const struct neuron_graph *graph, const struct neuron_compiler_options *options,
        float factor)
{
    static float input[BATCH * ROWS * WIDTH];
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {BATCH, ROWS, WIDTH}, .data = input};
    void *const inputs[1] = {input};
    struct neuron_graph *compiled = NULL;
    struct neuron_error error;
    float largest = 0.0F;

    fill_tensor(&view, 9);
    for (int i = 0; i < BATCH * ROWS * WIDTH; i += 1) {
        input[i] *= factor;
    }
    assert_ok(neuron_compile_graph(graph, options, &compiled, &error), &error);
    float *exact = engine_run_to_floats(graph, inputs);
    float *actual = engine_run_to_floats(compiled, inputs);
    for (int i = 0; i < BATCH * ROWS * WIDTH; i += 1) {
        float difference = fabsf(actual[i] - exact[i]);

        /* What is no number is far from everything. */
        largest = difference <= largest ? largest : fminf(difference, INFINITY);
    }
    free(actual);
    free(exact);
    neuron_graph_destroy(compiled);
    return largest;
}

/* Results of a normalization are near 1, and six products follow each other. */
static void
every_precision_is_near_float32(void **state)
{
    for (int i = 0; i < 6; i += 1) {
        const struct neuron_compiler_options options = {
            .auto_cast = i % 2 == 0 ? NEURON_AUTO_CAST_MATMULT : NEURON_AUTO_CAST_ALL,
            .auto_cast_type = (enum neuron_auto_cast_type)(i / 2)};
        const float tolerance =
            options.auto_cast_type == NEURON_AUTO_CAST_INT8 ? 24.0F / 127.0F : 24.0F / 256.0F;

        assert_true(measure(*state, &options, 1.0F) <= tolerance);
        assert_true(measure(*state, &options, 10.0F) <= 2.0F * tolerance);
    }
}

static void
float32_is_float32(void **state)
{
    assert_true(measure(*state, NULL, 1.0F) <= 1e-4F);
}

static void
zeros_stay_numbers_in_every_precision(void **state)
{
    for (int i = 0; i < 6; i += 1) {
        const struct neuron_compiler_options options = {
            .auto_cast = i % 2 == 0 ? NEURON_AUTO_CAST_MATMULT : NEURON_AUTO_CAST_ALL,
            .auto_cast_type = (enum neuron_auto_cast_type)(i / 2)};

        assert_true(measure(*state, &options, 0.0F) == 0.0F);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_precision_is_near_float32),
        cmocka_unit_test(float32_is_float32),
        cmocka_unit_test(zeros_stay_numbers_in_every_precision),
    };

    return cmocka_run_group_tests(tests, trace_layer, destroy_layer);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "random_network.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "compiler/pass.h"
#include "graph/graph_body.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_reduce.h"
#include "neuron/trace_window.h"
#include "tensor_text.h"

enum { ELEMENTS = RANDOM_CHANNELS * RANDOM_EXTENT * RANDOM_EXTENT, LAYERS = 10 };

uint32_t
recipe_draw(struct recipe *recipe, uint32_t limit)
{
    recipe->random = recipe->random * 1664525U + 1013904223U;
    return (recipe->random >> 16) % limit;
}

static struct neuron_value
constant(struct neuron_trace *trace, struct recipe *recipe, const int64_t *dims, uint32_t rank)
{
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = rank};

    memcpy(view.shape, dims, rank * sizeof(*dims));
    allocate_tensor(&view);
    fill_tensor(&view, recipe_draw(recipe, 1000));
    struct neuron_value value = neuron_constant(trace, &view);
    free_tensor(&view);
    return value;
}

static struct neuron_value
convolve(struct neuron_trace *trace, struct recipe *recipe, struct neuron_value value)
{
    const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
    const struct neuron_conv_options depthwise = {.pads = {1, 1, 1, 1}, .groups = RANDOM_CHANNELS};
    bool is_depthwise = recipe_draw(recipe, 3) == 0;
    const int64_t dims[4] = {RANDOM_CHANNELS, is_depthwise ? 1 : RANDOM_CHANNELS, 3, 3};
    struct neuron_value weights =
        neuron_multiply(trace, constant(trace, recipe, dims, 4), neuron_scalar(trace, 0.15F));

    return neuron_conv(trace, value, weights, (struct neuron_value){0},
                       is_depthwise ? &depthwise : &padded);
}

/* A factor for each channel: a constant, or the mean over height and width. */
static struct neuron_value
scale_channels(struct neuron_trace *trace, struct recipe *recipe, struct neuron_value value)
{
    const int32_t axes[2] = {2, 3};
    const struct neuron_reduce_options all = {.axes = axes, .axis_count = 2, .keep_dims = true};
    const int64_t dims[3] = {RANDOM_CHANNELS, 1, 1};

    return neuron_multiply(trace, value,
                           recipe_draw(recipe, 2) == 0
                               ? constant(trace, recipe, dims, 3)
                               : neuron_sigmoid(trace, neuron_reduce_mean(trace, value, &all)));
}

static struct neuron_value
pool(struct neuron_trace *trace, struct recipe *recipe, struct neuron_value value)
{
    const struct neuron_pool_options window = {
        .kernel = {3, 3}, .strides = {1, 1}, .pads = {1, 1, 1, 1}, .count_padding = true};

    return recipe_draw(recipe, 2) == 0 ? neuron_max_pool(trace, value, &window)
                                       : neuron_average_pool(trace, value, &window);
}

/* There and back again. */
static struct neuron_value
turn(struct neuron_trace *trace, struct neuron_value value)
{
    const uint32_t last[4] = {0, 2, 3, 1};
    const uint32_t first[4] = {0, 3, 1, 2};

    return neuron_transpose(trace, neuron_tanh(trace, neuron_transpose(trace, value, last)), first);
}

/* One more layer on one of the values, or on two. */
static struct neuron_value
add_layer(struct neuron_trace *trace, struct recipe *recipe, struct neuron_value value,
          struct neuron_value other)
{
    switch (recipe_draw(recipe, 11)) {
    case 0:
    case 1:
        return convolve(trace, recipe, value);
    case 2:
        return neuron_relu(trace, value);
    case 3:
        return neuron_softsign(trace, value);
    case 4:
        return neuron_add(trace, convolve(trace, recipe, value), other);
    case 5:
        return neuron_relu(trace, neuron_add(trace, convolve(trace, recipe, value), other));
    case 6:
        return scale_channels(trace, recipe, value);
    case 7:
        return pool(trace, recipe, value);
    case 8:
        return turn(trace, value);
    case 9:
        return neuron_multiply(trace, neuron_sigmoid(trace, value), other);
    default:
        return neuron_subtract(trace, value, other);
    }
}

/* Values are kept in bounds, so that differences are rounding alone. */
static enum neuron_status
network(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    struct recipe *recipe = user;
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32,
        .rank = 4,
        .shape = {1, RANDOM_CHANNELS, RANDOM_EXTENT, RANDOM_EXTENT},
        .data = recipe->input};
    struct neuron_value values[LAYERS + 1];

    recipe->random = recipe->seed;
    values[0] = recipe->input == NULL ? x[0] : neuron_constant(trace, &input);
    for (uint32_t i = 0; i < LAYERS; i += 1) {
        struct neuron_value value = values[i - recipe_draw(recipe, i < 3 ? i + 1 : 3)];
        struct neuron_value other = values[recipe_draw(recipe, i + 1)];

        values[i + 1] = neuron_clip(trace, add_layer(trace, recipe, value, other), -1e3F, 1e3F);
        values[i + 1] = recipe_draw(recipe, 2) == 0
                            ? values[i + 1]
                            : add_layer(trace, recipe, values[i + 1], values[0]);
    }
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        y[i] = values[LAYERS - i];
    }
    return neuron_trace_status(trace);
}

struct neuron_tensor_view
random_network_view(void)
{
    return (struct neuron_tensor_view){.type = NEURON_FLOAT32,
                                       .rank = 4,
                                       .shape = {1, RANDOM_CHANNELS, RANDOM_EXTENT, RANDOM_EXTENT}};
}

struct neuron_graph *
random_network_trace(struct recipe *recipe)
{
    const struct neuron_tensor_view view = random_network_view();
    const struct neuron_trace_signature signature = {.example_inputs = &view,
                                                     .input_count = recipe->input == NULL ? 1 : 0,
                                                     .output_count = RANDOM_OUTPUTS};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(network, &signature, recipe, &graph, &error), &error);
    return graph;
}

/* Counts the elements that differ. Every operator is smooth, or nearly: differences are rounding,
   and stay small. */
static uint32_t
count_wrong(const float *actual, const float *expected)
{
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < ELEMENTS; i += 1) {
        float limit = 1e-3F * (1.0F + fabsf(expected[i]));

        wrong += fabsf(actual[i] - expected[i]) <= limit ? 0 : 1;
    }
    return wrong;
}

/* Compares what ran with what was folded. */
static void
compare(const struct neuron_graph *folded, const struct neuron_tensor_view *outputs, uint32_t seed)
{
    for (uint32_t i = 0; i < RANDOM_OUTPUTS; i += 1) {
        const struct neuron_graph_value *value = &folded->values[folded->outputs[i].value];

        assert_int_equal(value->origin, NEURON_VALUE_CONSTANT);
        uint32_t wrong = count_wrong(outputs[i].data, value->constant);
        if (wrong > 0) {
            print_error("network %u: %u of %d elements of output %u differ\n", seed, wrong,
                        ELEMENTS, i);
        }
        assert_int_equal(wrong, 0);
    }
}

void
random_network_check(uint32_t seed, const struct neuron_tensor_view *input,
                     const struct neuron_tensor_view outputs[RANDOM_OUTPUTS])
{
    struct recipe recipe = {.seed = seed, .input = input->data};
    struct neuron_graph *folded = random_network_trace(&recipe);
    struct neuron_error error;

    assert_ok(neuron_pass_fold(folded, &error), &error);
    compare(folded, outputs, seed);
    neuron_graph_destroy(folded);
}

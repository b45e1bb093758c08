/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batch normalization, and every other multiplication, division, addition and subtraction of a
 * constant for each channel or column, folded into the conv2d or matmul before it: its weights and
 * bias are constants, and what they are multiplied with is known now. Computed in double.
 *
 * A single number for all may lie further behind: it wanders through reshapes, transposes, and
 * through products of computed matrices. So the factor that scales attention scores ends up in the
 * weights of the query.
 */
#include "compiler/pass.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/channel.h"
#include "compiler/rewrite.h"
#include "graph/weight.h"

enum { WANDER_LIMIT = 16 /* most nodes between a product and the number behind it */ };

/* How the channels of weights lie in memory. */
struct weights_walk {
    size_t channel_count;
    size_t channel_stride; /* in elements, from a channel to the next */
    size_t run_count;      /* how many runs of a channel there are, one channel_count apart */
    size_t run_length;     /* elements of a channel that lie together */
};

static struct weights_walk
walk_weights(const struct neuron_graph *graph, const struct neuron_node *product)
{
    const struct neuron_tensor_shape *shape = &graph->values[product->inputs[1]].shape;
    bool is_by_row = product->kind != NEURON_OPERATOR_MATMUL || product->attributes.transpose_right;
    struct weights_walk walk = {.channel_count = (size_t)shape->dims[is_by_row ? 0 : 1],
                                .channel_stride = 1,
                                .run_count = 1,
                                .run_length = 1};

    if (is_by_row) {
        for (uint32_t i = 1; i < shape->rank; i += 1) {
            walk.run_length *= (size_t)shape->dims[i];
        }
        walk.channel_stride = walk.run_length;
    } else {
        walk.run_count = (size_t)shape->dims[0];
    }
    return walk;
}

static void
scale_run(float *numbers, size_t count, double factor)
{
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = (float)(numbers[i] * factor);
    }
}

static void
scale_weights(float *weights, const struct weights_walk *walk, const double *factors)
{
    for (size_t run = 0; run < walk->run_count; run += 1) {
        for (size_t channel = 0; channel < walk->channel_count; channel += 1) {
            scale_run(weights + run * walk->channel_count + channel * walk->channel_stride,
                      walk->run_length, factors[channel]);
        }
    }
}

/* Says whether weights and bias of a product are constants that nobody else reads. */
static bool
is_foldable(const struct neuron_rewrite *rewrite, const struct neuron_node *product)
{
    const struct neuron_graph *graph = rewrite->graph;

    if (product->attributes.activation != NEURON_OPERATOR_NONE ||
        product->attributes.has_residual ||
        (product->kind == NEURON_OPERATOR_MATMUL &&
         graph->values[product->inputs[1]].shape.rank != 2)) {
        return false;
    }
    for (uint32_t i = 1; i < product->input_count; i += 1) {
        if (!neuron_weight_is_fixed(graph, product->inputs[i])) {
            return false;
        }
    }
    /* Others would go on reading the old weights, and both would have to be kept. */
    return product->inputs[1] >= rewrite->use_count ||
           neuron_rewrite_has_readers(rewrite, product->inputs[1], 1);
}

/* Gives a product new weights, and a new bias where it has one. */
static enum neuron_status
scale_product(struct neuron_graph *graph, struct neuron_node *product, const double *factors,
              struct neuron_error *error)
{
    struct weights_walk walk = walk_weights(graph, product);
    const struct weights_walk bias_walk = {
        .channel_count = walk.channel_count, .channel_stride = 1, .run_count = 1, .run_length = 1};

    for (uint32_t i = 1; i < product->input_count; i += 1) {
        struct neuron_tensor_shape shape = graph->values[product->inputs[i]].shape;
        uint32_t scaled = 0;
        enum neuron_status status = neuron_graph_add_constant(
            graph, &shape, graph->values[product->inputs[i]].constant, &scaled, error);

        if (status != NEURON_OK) {
            return status;
        }
        neuron_weight_fix(graph, product->inputs[i]);
        scale_weights(graph->values[scaled].owned, i == 1 ? &walk : &bias_walk, factors);
        product->inputs[i] = scaled;
    }
    return NEURON_OK;
}

/* Adds to the bias that a product has. */
static enum neuron_status
shift_product(struct neuron_graph *graph, struct neuron_node *product, const double *summands,
              struct neuron_error *error)
{
    struct neuron_tensor_shape shape = graph->values[product->inputs[2]].shape;
    uint32_t shifted = 0;
    enum neuron_status status = neuron_graph_add_constant(
        graph, &shape, graph->values[product->inputs[2]].constant, &shifted, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_weight_fix(graph, product->inputs[2]);
    float *bias = graph->values[shifted].owned;
    for (int64_t i = 0; i < shape.dims[0]; i += 1) {
        bias[i] = (float)(bias[i] + summands[i]);
    }
    product->inputs[2] = shifted;
    return NEURON_OK;
}

/* Applies the operation of a node, with these numbers by channel, to the product before it. */
static enum neuron_status
apply(struct neuron_rewrite *rewrite, const struct neuron_node *node, struct neuron_node *product,
      double *numbers, struct neuron_error *error)
{
    size_t count = walk_weights(rewrite->graph, product).channel_count;
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; i < count; i += 1) {
        if (node->kind == NEURON_OPERATOR_DIVIDE) {
            numbers[i] = 1.0 / numbers[i];
        } else if (node->kind == NEURON_OPERATOR_SUBTRACT) {
            numbers[i] = -numbers[i];
        }
    }
    if (node->kind == NEURON_OPERATOR_MULTIPLY || node->kind == NEURON_OPERATOR_DIVIDE) {
        status = scale_product(rewrite->graph, product, numbers, error);
    } else {
        status = shift_product(rewrite->graph, product, numbers, error);
    }
    return status;
}

/* Tries one side of a node as the product and the other as the constants. */
static enum neuron_status
fold_side(struct neuron_rewrite *rewrite, const struct neuron_node *node, uint32_t side,
          bool *is_folded, struct neuron_error *error)
{
    struct neuron_node *product = neuron_channel_product(rewrite, node->inputs[side]);
    bool is_sum = node->kind == NEURON_OPERATOR_ADD || node->kind == NEURON_OPERATOR_SUBTRACT;
    double *numbers = NULL;

    /* A first bias is what the fusing is for. */
    if (product == NULL || !is_foldable(rewrite, product) ||
        (is_sum && product->input_count != 3)) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_channel_read(rewrite->graph, product, node->inputs[1 - side], &numbers, error);
    if (status == NEURON_OK && numbers != NULL) {
        status = apply(rewrite, node, product, numbers, error);
        neuron_rewrite_forward(rewrite, node, product->output);
        *is_folded = true;
    }
    free(numbers);
    return status;
}

/* The value before a node that a factor wanders through; the node itself where it ends. */
static bool
find_before(const struct neuron_rewrite *rewrite, const struct neuron_node *node, uint32_t *before)
{
    const struct neuron_graph *graph = rewrite->graph;

    *before = node->inputs[0];
    switch ((int)node->kind) {
    case NEURON_OPERATOR_RESHAPE:
    case NEURON_OPERATOR_TRANSPOSE:
        return true;
    case NEURON_OPERATOR_MATMUL:
        return node->input_count == 2 && node->attributes.activation == NEURON_OPERATOR_NONE &&
               graph->values[node->inputs[1]].origin != NEURON_VALUE_CONSTANT;
    default:
        return false;
    }
}

/* The product with constant weights that a number behind `value` can be moved into, or NULL. */
static struct neuron_node *
find_far_product(const struct neuron_rewrite *rewrite, uint32_t value)
{
    for (int i = 0; i < WANDER_LIMIT; i += 1) {
        struct neuron_node *product = neuron_channel_product(rewrite, value);
        const struct neuron_node *node = neuron_rewrite_producer(rewrite, value);

        if (product != NULL && is_foldable(rewrite, product)) {
            return product;
        }
        if (node == NULL || !neuron_rewrite_has_readers(rewrite, value, 1) ||
            !find_before(rewrite, node, &value)) {
            return NULL;
        }
    }
    return NULL;
}

static enum neuron_status
fold_far(struct neuron_rewrite *rewrite, const struct neuron_node *node, struct neuron_error *error)
{
    uint32_t other = 0;
    double number = 0.0;

    if (!neuron_rewrite_split(rewrite, node, &number, &other)) {
        return NEURON_OK;
    }
    struct neuron_node *product = find_far_product(rewrite, other);
    if (product == NULL) {
        return NEURON_OK;
    }
    size_t count = walk_weights(rewrite->graph, product).channel_count;
    double *numbers = calloc(count, sizeof(*numbers));
    if (numbers == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = number;
    }
    enum neuron_status status = apply(rewrite, node, product, numbers, error);
    free(numbers);
    neuron_rewrite_forward(rewrite, node, other);
    return status;
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    bool is_sum = node->kind == NEURON_OPERATOR_ADD || node->kind == NEURON_OPERATOR_SUBTRACT;
    bool is_product = node->kind == NEURON_OPERATOR_MULTIPLY;
    bool is_folded = false;
    enum neuron_status status = NEURON_OK;

    if (!is_sum && !is_product && node->kind != NEURON_OPERATOR_DIVIDE) {
        return NEURON_OK;
    }
    status = fold_side(rewrite, node, 0, &is_folded, error);
    if (status == NEURON_OK && !is_folded && (is_product || node->kind == NEURON_OPERATOR_ADD)) {
        status = fold_side(rewrite, node, 1, &is_folded, error);
    }
    if (status == NEURON_OK && !is_folded && !is_sum) {
        status = fold_far(rewrite, node, error);
    }
    return status;
}

enum neuron_status
neuron_pass_scale_fold(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

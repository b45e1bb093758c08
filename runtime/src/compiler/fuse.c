/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows a conv2d or matmul becomes part of it, in the order in which it computes: a bias,
 * then another value of the result's shape that is added (the residual), then an activation. That
 * nobody else reads the result between is the condition of every fusion: it is no longer to be had.
 *
 * The last node of such a chain turns into the product, since the residual may be computed later
 * than the product was.
 */
#include "compiler/pass.h"

#include <string.h>

#include "compiler/channel.h"
#include "compiler/rewrite.h"
#include "graph/weight.h"

enum { INPUT_LIMIT = 4 /* of a product: two sides, bias, residual */ };

/* A product that can take in what follows: no activation was applied yet. Else NULL. */
static struct neuron_node *
find_open_product(const struct neuron_rewrite *rewrite, uint32_t value)
{
    struct neuron_node *product = neuron_channel_product(rewrite, value);

    return product != NULL && product->attributes.activation == NEURON_OPERATOR_NONE ? product
                                                                                     : NULL;
}

/* Turns a node into a product with one more input. */
static enum neuron_status
become_with(struct neuron_rewrite *rewrite, struct neuron_node *node,
            const struct neuron_node *product, uint32_t input, struct neuron_error *error)
{
    uint32_t inputs[INPUT_LIMIT] = {0};
    struct neuron_node wanted = *product;

    memcpy(inputs, product->inputs, product->input_count * sizeof(*inputs));
    inputs[product->input_count] = input;
    wanted.inputs = inputs;
    wanted.input_count += 1;
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

/* Tries one side of an addition as the product and the other as the bias. */
static enum neuron_status
fuse_bias(struct neuron_rewrite *rewrite, struct neuron_node *node, uint32_t side,
          struct neuron_error *error)
{
    struct neuron_graph *graph = rewrite->graph;
    uint32_t bias = node->inputs[1 - side];
    const struct neuron_node *product = find_open_product(rewrite, node->inputs[side]);

    if (product == NULL || product->input_count != 2 ||
        !neuron_channel_fits(graph, product, bias)) {
        return NEURON_OK;
    }
    struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 1};
    shape.dims[0] = graph->values[product->output].shape.dims[neuron_channel_axis(graph, product)];
    enum neuron_status status = NEURON_OK;
    if (!neuron_tensor_shape_equals(&graph->values[bias].shape, &shape)) {
        if (!neuron_weight_is_fixed(graph, bias)) {
            return NEURON_OK;
        }
        neuron_weight_fix(graph, bias);
        /* A copy, because the bytes of the other may go with it. */
        status =
            neuron_graph_add_constant(graph, &shape, graph->values[bias].constant, &bias, error);
    }
    return status == NEURON_OK ? become_with(rewrite, node, product, bias, error) : status;
}

/* Tries one side of an addition as the product and the other as the residual. */
static enum neuron_status
fuse_residual(struct neuron_rewrite *rewrite, struct neuron_node *node, uint32_t side,
              struct neuron_error *error)
{
    const struct neuron_graph_value *values = rewrite->graph->values;
    uint32_t residual = node->inputs[1 - side];
    const struct neuron_node *product = find_open_product(rewrite, node->inputs[side]);

    /* A constant would cost a copy of itself in the layout of each run. */
    if (product == NULL || product->attributes.has_residual ||
        values[residual].origin == NEURON_VALUE_CONSTANT ||
        !neuron_tensor_shape_equals(&values[residual].shape, &values[product->output].shape)) {
        return NEURON_OK;
    }
    struct neuron_node open = *product;
    open.attributes.has_residual = true;
    return become_with(rewrite, node, &open, residual, error);
}

static enum neuron_status
fuse_activation(struct neuron_rewrite *rewrite, struct neuron_node *node,
                struct neuron_error *error)
{
    const struct neuron_node *product = find_open_product(rewrite, node->inputs[0]);

    if (product == NULL) {
        return NEURON_OK;
    }
    struct neuron_node wanted = *product;
    wanted.attributes.activation = node->kind;
    wanted.attributes.low = node->attributes.low;
    wanted.attributes.high = node->attributes.high;
    wanted.attributes.alpha = node->attributes.alpha;
    wanted.attributes.beta = node->attributes.beta;
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

/* A bias on either side comes before a residual on either side. */
static enum neuron_status
fuse_addition(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < 4; i += 1) {
        if (status == NEURON_OK && node->kind == NEURON_OPERATOR_ADD) {
            status = i < 2 ? fuse_bias(rewrite, node, i, error)
                           : fuse_residual(rewrite, node, i - 2, error);
        }
    }
    return status;
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    if (neuron_operator_is_activation(node->kind)) {
        return fuse_activation(rewrite, node, error);
    }
    return node->kind == NEURON_OPERATOR_ADD ? fuse_addition(rewrite, node, error) : NEURON_OK;
}

enum neuron_status
neuron_pass_fuse(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

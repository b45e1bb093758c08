/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that give what they are given: casts to the same type, shapes that were the same before,
 * orders that change nothing, multiplying by 1, adding 0, joining one value.
 */
#include "compiler/pass.h"

#include "compiler/rewrite.h"

static bool
is_in_order(const uint32_t *order, uint32_t rank)
{
    for (uint32_t i = 0; i < rank; i += 1) {
        if (order[i] != i) {
            return false;
        }
    }
    return true;
}

/* Says whether a slice of everything goes backwards nowhere. */
static bool
goes_forward(const int64_t *steps, uint32_t rank)
{
    for (uint32_t i = 0; i < rank; i += 1) {
        if (steps[i] < 0) {
            return false;
        }
    }
    return true;
}

/* Says whether an operator, which gives the type and shape that it got, has moved nothing. */
static bool
keeps_elements(const struct neuron_node *node, uint32_t rank)
{
    switch ((int)node->kind) {
    case NEURON_OPERATOR_CAST:
    case NEURON_OPERATOR_RESHAPE:
    case NEURON_OPERATOR_EXPAND:
    case NEURON_OPERATOR_TILE:
        return true;
    case NEURON_OPERATOR_CONCAT:
        return node->input_count == 1;
    case NEURON_OPERATOR_TRANSPOSE:
        return is_in_order(node->attributes.order, rank);
    case NEURON_OPERATOR_SLICE:
        return goes_forward(node->attributes.steps, rank);
    default:
        return false;
    }
}

/* Says whether the number in a sum, difference, product or quotient is the one without effect. */
static bool
is_neutral(const struct neuron_rewrite *rewrite, const struct neuron_node *node, uint32_t *other)
{
    double number = 0.0;

    switch ((int)node->kind) {
    case NEURON_OPERATOR_ADD:
    case NEURON_OPERATOR_SUBTRACT:
        return neuron_rewrite_split(rewrite, node, &number, other) && number == 0.0;
    case NEURON_OPERATOR_MULTIPLY:
    case NEURON_OPERATOR_DIVIDE:
        return neuron_rewrite_split(rewrite, node, &number, other) && number == 1.0;
    default:
        return false;
    }
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    const struct neuron_tensor_shape *before = &rewrite->graph->values[node->inputs[0]].shape;
    const struct neuron_tensor_shape *after = &rewrite->graph->values[node->output].shape;
    uint32_t other = 0;

    (void)error;
    if (neuron_tensor_shape_equals(before, after) && keeps_elements(node, after->rank)) {
        neuron_rewrite_forward(rewrite, node, node->inputs[0]);
    } else if (is_neutral(rewrite, node, &other)) {
        neuron_rewrite_forward(rewrite, node, other);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_pass_identity(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

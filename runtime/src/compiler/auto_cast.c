/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/auto_cast.h"

/* Products, whose operands are rounded and whose sums are not. */
static bool
is_product(const struct neuron_graph *graph, const struct neuron_node *node)
{
    return (node->kind == NEURON_OPERATOR_MATMUL || node->kind == NEURON_OPERATOR_CONV ||
            node->kind == NEURON_OPERATOR_CONV_TRANSPOSE) &&
           graph->values[node->output].shape.type == NEURON_FLOAT32;
}

/*
 * Products that are slower with operands of 8 bits than in float32: a channel that is a group has
 * too few products for each operand to make up for rounding it.
 */
static bool
is_better_wide(const struct neuron_graph *graph, const struct neuron_node *node,
               enum neuron_auto_cast_type type)
{
    return type == NEURON_AUTO_CAST_INT8 && neuron_node_is_depthwise(graph, node);
}

/* Operators of which there are kernels for 16 bits. */
static bool
may_be_narrow(const struct neuron_graph *graph, const struct neuron_node *node)
{
    switch ((int)node->kind) {
    case NEURON_OPERATOR_ADD:
    case NEURON_OPERATOR_SUBTRACT:
    case NEURON_OPERATOR_MULTIPLY:
    case NEURON_OPERATOR_MINIMUM:
    case NEURON_OPERATOR_MAXIMUM:
        return neuron_tensor_shape_equals(&graph->values[node->inputs[0]].shape,
                                          &graph->values[node->inputs[1]].shape);
    case NEURON_OPERATOR_MAX_POOL:
    case NEURON_OPERATOR_AVERAGE_POOL:
    case NEURON_OPERATOR_SOFTMAX:
        return true;
    case NEURON_OPERATOR_LAYER_NORM:
        return node->attributes.mode == NEURON_LAYER_NORM_RESULT;
    default:
        return neuron_operator_is_activation(node->kind);
    }
}

static bool
goes_outside(const struct neuron_graph *graph, uint32_t value)
{
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        if (graph->outputs[i].value == value) {
            return true;
        }
    }
    return false;
}

static enum neuron_precision
precision_of(enum neuron_auto_cast_type type)
{
    switch (type) {
    case NEURON_AUTO_CAST_FP16:
        return NEURON_PRECISION_FLOAT16;
    case NEURON_AUTO_CAST_INT8:
        return NEURON_PRECISION_INT8;
    case NEURON_AUTO_CAST_BF16:
        break;
    }
    return NEURON_PRECISION_BFLOAT16;
}

void
neuron_auto_cast(struct neuron_graph *graph, enum neuron_auto_cast which,
                 enum neuron_auto_cast_type type)
{
    /* Integers of 8 bits and float16 are for products alone. */
    bool casts_all = which == NEURON_AUTO_CAST_ALL && type == NEURON_AUTO_CAST_BF16;

    for (uint32_t i = 0; which != NEURON_AUTO_CAST_NONE && i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];
        bool is_float = graph->values[node->output].shape.type == NEURON_FLOAT32 &&
                        graph->values[node->inputs[0]].shape.type == NEURON_FLOAT32;

        if (is_better_wide(graph, node, type)) {
            continue;
        }
        if (is_product(graph, node) || (casts_all && is_float && may_be_narrow(graph, node))) {
            node->attributes.precision = precision_of(type);
            node->attributes.rounds_result = casts_all && !goes_outside(graph, node->output);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/value_signs.h"

/* Says whether a function of one number gives none below zero. */
static bool
is_positive_function(enum neuron_operator kind, const struct neuron_attributes *attributes)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_RELU:
    case NEURON_OPERATOR_SIGMOID:
    case NEURON_OPERATOR_EXP:
    case NEURON_OPERATOR_ABSOLUTE:
    case NEURON_OPERATOR_SQRT:
    case NEURON_OPERATOR_SOFTPLUS:
    case NEURON_OPERATOR_SOFTMAX:
        return true;
    case NEURON_OPERATOR_CLIP:
        return attributes->low >= 0.0F;
    default:
        return false;
    }
}

/* Says whether results are elements of the inputs, or lie between them. */
static bool
keeps_range(enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_RESHAPE:
    case NEURON_OPERATOR_TRANSPOSE:
    case NEURON_OPERATOR_CONCAT:
    case NEURON_OPERATOR_MAX_POOL:
    case NEURON_OPERATOR_AVERAGE_POOL:
        return true;
    default:
        return false;
    }
}

static bool
all_inputs_are(const struct neuron_node *node, const bool *is_positive)
{
    bool all = true;

    for (uint32_t i = 0; all && i < node->input_count; i += 1) {
        all = is_positive[node->inputs[i]];
    }
    return all;
}

void
neuron_value_signs_find(const struct neuron_graph *graph, bool *is_positive)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        is_positive[i] = false;
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];
        enum neuron_operator activation = node->attributes.activation;

        is_positive[node->output] =
            is_positive_function(activation == NEURON_OPERATOR_NONE ? node->kind : activation,
                                 &node->attributes) ||
            (keeps_range(node->kind) && all_inputs_are(node, is_positive));
    }
}

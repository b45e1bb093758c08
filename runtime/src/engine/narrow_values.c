/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the last node to the first: who only moves elements takes them as those behind it do.
 */
#include "engine/narrow_values.h"

static bool
moves_elements(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_RESHAPE || kind == NEURON_OPERATOR_TRANSPOSE ||
           kind == NEURON_OPERATOR_CONCAT;
}

static bool
is_product(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_MATMUL || kind == NEURON_OPERATOR_CONV ||
           kind == NEURON_OPERATOR_CONV_TRANSPOSE;
}

/* Says whether a node rounds an input by itself. Bias and residual are added to a sum in float32;
   the residual is rounded where the result is. */
static bool
rounds_input(const struct neuron_node *node, uint32_t input)
{
    const struct neuron_attributes *attributes = &node->attributes;

    if (attributes->precision != NEURON_PRECISION_BFLOAT16) {
        return false;
    }
    if (!is_product(node->kind)) {
        return true;
    }
    return input < 2 || (attributes->has_residual && input + 1 == node->input_count &&
                         attributes->rounds_result);
}

/* Marks what has a reader, or goes outside, that wants all of its bits. */
static void
mark_wide(const struct neuron_graph *graph, bool *is_narrow, uint32_t node_index)
{
    const struct neuron_node *node = &graph->nodes[node_index];
    bool result_is_narrow = is_narrow[node->output];

    for (uint32_t i = 0; i < node->input_count; i += 1) {
        bool is_rounded = moves_elements(node->kind) ? result_is_narrow : rounds_input(node, i);

        is_narrow[node->inputs[i]] = is_narrow[node->inputs[i]] && is_rounded;
    }
}

void
neuron_narrow_values_find(const struct neuron_graph *graph, bool *is_narrow)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        is_narrow[i] = graph->values[i].origin == NEURON_VALUE_COMPUTED &&
                       graph->values[i].shape.type == NEURON_FLOAT32;
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        is_narrow[graph->outputs[i].value] = false;
    }
    for (uint32_t i = graph->node_count; i > 0; i -= 1) {
        const struct neuron_node *node = &graph->nodes[i - 1];

        /* Before its inputs are looked at: what moves elements hands on what it is given. */
        if (node->attributes.rounds_result &&
            graph->values[node->output].shape.type == NEURON_FLOAT32) {
            is_narrow[node->output] = true;
        }
        mark_wide(graph, is_narrow, i - 1);
    }
}

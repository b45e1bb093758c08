/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers the values anew: inputs as the ports stand, constants as the nodes read them, then
 * results. So the file does not tell in which order a model was put together: traced or imported,
 * the same model gives the same bytes, and weights lie in the order of their use.
 */
#include "compiler/pass.h"

#include <stdlib.h>

static const uint32_t not_yet = UINT32_MAX;

/* The numbers so far. */
struct numbering {
    uint32_t *numbers; /* by old number */
    uint32_t count;
};

static void
give_number(struct numbering *numbering, uint32_t value)
{
    if (numbering->numbers[value] == not_yet) {
        numbering->numbers[value] = numbering->count;
        numbering->count += 1;
    }
}

/* What a node reads of constants. */
static void
number_constants(const struct neuron_graph *graph, const struct neuron_node *node,
                 struct numbering *numbering)
{
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        if (graph->values[node->inputs[i]].origin == NEURON_VALUE_CONSTANT) {
            give_number(numbering, node->inputs[i]);
        }
    }
}

/* Inputs, constants, and outputs that are one of these. */
static void
number_given(const struct neuron_graph *graph, struct numbering *numbering)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        give_number(numbering, graph->inputs[i].value);
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        number_constants(graph, &graph->nodes[i], numbering);
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        if (graph->values[graph->outputs[i].value].origin != NEURON_VALUE_COMPUTED) {
            give_number(numbering, graph->outputs[i].value);
        }
    }
}

static void
number_all(const struct neuron_graph *graph, struct numbering *numbering)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        numbering->numbers[i] = not_yet;
    }
    number_given(graph, numbering);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        give_number(numbering, graph->nodes[i].output);
    }
    /* What nobody names keeps a place, until it is removed. */
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        give_number(numbering, i);
    }
}

static void
apply(struct neuron_graph *graph, const uint32_t *numbers)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        graph->inputs[i].value = numbers[graph->inputs[i].value];
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        graph->outputs[i].value = numbers[graph->outputs[i].value];
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        for (uint32_t j = 0; j < graph->nodes[i].input_count; j += 1) {
            graph->nodes[i].inputs[j] = numbers[graph->nodes[i].inputs[j]];
        }
        graph->nodes[i].output = numbers[graph->nodes[i].output];
    }
}

enum neuron_status
neuron_pass_value_order(struct neuron_graph *graph, struct neuron_error *error)
{
    struct neuron_graph_value *values = calloc((size_t)graph->value_count + 1, sizeof(*values));
    struct numbering numbering = {
        .numbers = calloc((size_t)graph->value_count + 1, sizeof(*numbering.numbers))};

    if (values == NULL || numbering.numbers == NULL) {
        free(values);
        free(numbering.numbers);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    number_all(graph, &numbering);
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        values[numbering.numbers[i]] = graph->values[i];
    }
    apply(graph, numbering.numbers);
    free(graph->values);
    free(numbering.numbers);
    graph->values = values;
    graph->value_room = graph->value_count + 1;
    return NEURON_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/weight.h"

#include <stdlib.h>
#include <string.h>

enum neuron_status
neuron_weight_name(struct neuron_graph *graph, uint32_t value, const char *name,
                   struct neuron_error *error)
{
    size_t length = strlen(name);

    if (length == 0 || length >= NEURON_NAME_LIMIT_BYTES) {
        return NEURON_OK;
    }
    char *copy = strdup(name);
    if (copy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    free(graph->values[value].name);
    graph->values[value].name = copy;
    return NEURON_OK;
}

bool
neuron_weight_is_fixed(const struct neuron_graph *graph, uint32_t value)
{
    return graph->values[value].origin == NEURON_VALUE_CONSTANT &&
           !graph->values[value].is_replaceable;
}

void
neuron_weight_fix(struct neuron_graph *graph, uint32_t value)
{
    free(graph->values[value].name);
    graph->values[value].name = NULL;
}

bool
neuron_weight_is_missing(const struct neuron_graph_value *value)
{
    return value->origin == NEURON_VALUE_CONSTANT && value->constant == NULL &&
           neuron_tensor_shape_size_bytes(&value->shape) > 0;
}

uint32_t
neuron_weight_mark_all(struct neuron_graph *graph)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        struct neuron_graph_value *value = &graph->values[i];

        value->is_replaceable =
            value->name != NULL && neuron_tensor_shape_size_bytes(&value->shape) > 0;
        count += value->is_replaceable ? 1 : 0;
    }
    return count;
}

enum neuron_status
neuron_weight_check_all(const struct neuron_graph *graph, struct neuron_error *error)
{
    const char *first = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (neuron_weight_is_missing(&graph->values[i])) {
            first = first == NULL ? graph->values[i].name : first;
            count += 1;
        }
    }
    if (count > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the weight %.60s is missing%s: the model was compiled without its "
                           "weights; give them with neuron_model_replace_weights() or --weights",
                           first == NULL ? "" : first, count > 1 ? ", and others are" : "");
    }
    return NEURON_OK;
}

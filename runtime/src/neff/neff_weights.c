/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/neff_weights.h"

#include <stdlib.h>
#include <string.h>

#include "graph/weight.h"

static enum neuron_status
decode_weight(const Neuron__Neff__Weight *message, struct neuron_graph *graph,
              struct neuron_error *error)
{
    size_t length = strnlen(message->name, NEURON_NAME_LIMIT_BYTES);

    if (length == 0 || length >= NEURON_NAME_LIMIT_BYTES) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: a weight has a name of no or more than %d bytes",
                           NEURON_NAME_LIMIT_BYTES - 1);
    }
    if (message->value >= graph->value_count ||
        graph->values[message->value].origin != NEURON_VALUE_CONSTANT ||
        graph->values[message->value].name != NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: the weight %.60s is value %u, which is no constant, or "
                           "another weight",
                           message->name, message->value);
    }
    struct neuron_graph_value *value = &graph->values[message->value];
    value->is_replaceable = neuron_weight_is_missing(value);
    return neuron_weight_name(graph, message->value, message->name, error);
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static enum neuron_status
check_unique(const Neuron__Neff__Graph *message, struct neuron_error *error)
{
    const char **names = calloc(message->n_weights + 1, sizeof(char *));
    const char *twice = NULL;

    if (names == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    for (size_t i = 0; i < message->n_weights; i += 1) {
        names[i] = message->weights[i]->name;
    }
    qsort(names, message->n_weights, sizeof(char *), compare_names);
    for (size_t i = 1; i < message->n_weights; i += 1) {
        twice = strcmp(names[i - 1], names[i]) == 0 ? names[i] : twice;
    }
    free(names);
    if (twice != NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "is damaged: two weights are named %.60s",
                           twice);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_neff_decode_weights(const Neuron__Neff__Graph *message, struct neuron_graph *graph,
                           struct neuron_error *error)
{
    enum neuron_status status = check_unique(message, error);

    for (size_t i = 0; status == NEURON_OK && i < message->n_weights; i += 1) {
        status = decode_weight(message->weights[i], graph, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->value_count; i += 1) {
        if (neuron_weight_is_missing(&graph->values[i]) && graph->values[i].name == NULL) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "is damaged: constant %u has no bytes, and no name to give it some",
                               i);
        }
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "module/weight_list.h"

#include <stdio.h>
#include <stdlib.h>

enum neuron_status
neuron_weight_list_create(const struct neuron_graph *graph, struct neuron_weight_list *list,
                          struct neuron_error *error)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        count += graph->values[i].name != NULL ? 1 : 0;
    }
    struct neuron_weight_list created = {
        .weights = calloc((size_t)count + 1, sizeof(*created.weights)), .count = count};
    if (created.weights == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the names of weights");
    }
    count = 0;
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];

        if (value->name != NULL) {
            struct neuron_listed_weight *weight = &created.weights[count];

            (void)snprintf(weight->spec.name, sizeof(weight->spec.name), "%s", value->name);
            weight->spec.shape = value->shape;
            weight->value = i;
            count += 1;
        }
    }
    *list = created;
    return NEURON_OK;
}

void
neuron_weight_list_destroy(struct neuron_weight_list *list)
{
    free(list->weights);
    *list = (struct neuron_weight_list){0};
}

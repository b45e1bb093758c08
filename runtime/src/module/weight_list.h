/* SPDX-License-Identifier: Apache-2.0 */
/* The weights of a graph, in the order of its values. */
#ifndef NEURON_MODULE_WEIGHT_LIST_H
#define NEURON_MODULE_WEIGHT_LIST_H

#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

struct neuron_listed_weight {
    struct neuron_tensor_spec spec;
    uint32_t value;
};

struct neuron_weight_list {
    struct neuron_listed_weight *weights;
    uint32_t count;
};

/* Lists the constants that have a name. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_weight_list_create(const struct neuron_graph *graph, struct neuron_weight_list *list,
                          struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_weight_list_destroy(struct neuron_weight_list *list);

#endif

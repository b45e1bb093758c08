/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/run_size.h"

#include <inttypes.h>

#include "graph/node_cost.h"

/* What x86-64 and aarch64 give a process, and no less than any other. */
static const uint64_t address_limit_bytes = UINT64_C(1) << 47;

static void
add(uint64_t *total, const struct neuron_tensor_shape *shape)
{
    if (__builtin_add_overflow(*total, neuron_tensor_shape_size_bytes(shape), total)) {
        *total = UINT64_MAX;
    }
}

/* What is there as long as the run is: the caller's tensors, and the weights. */
static uint64_t
find_lasting_bytes(const struct neuron_graph *graph)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        add(&total, &graph->inputs[i].spec.shape);
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        add(&total, &graph->outputs[i].spec.shape);
    }
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].origin == NEURON_VALUE_CONSTANT) {
            add(&total, &graph->values[i].shape);
        }
    }
    return total;
}

enum neuron_status
neuron_run_size_check(const struct neuron_graph *graph, struct neuron_error *error)
{
    const unsigned gigabyte_bits = 30;
    uint64_t least_bytes = find_lasting_bytes(graph);
    struct neuron_node_cost cost = {0};

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];
        uint64_t size_bytes = neuron_tensor_shape_size_bytes(&graph->values[node->output].shape);

        /* All else may lie over its own inputs, or share its memory with what is dead. */
        least_bytes = size_bytes > least_bytes ? size_bytes : least_bytes;
        neuron_node_cost_add(graph, node, &cost);
    }
    if (least_bytes > address_limit_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a run takes at least %" PRIu64 " GB of memory, and a process can have "
                           "%" PRIu64 ": compile it for a smaller batch",
                           least_bytes >> gigabyte_bits, address_limit_bytes >> gigabyte_bits);
    }
    if (cost.flops == UINT64_MAX) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a run takes more operations than can be counted: compile it for a "
                           "smaller batch");
    }
    return NEURON_OK;
}

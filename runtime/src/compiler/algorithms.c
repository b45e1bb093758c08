/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/algorithms.h"

#include "engine/layout_choice.h"
#include "graph/node_cost.h"

/*
 * Weights take up to four times the memory in Winograd's form, and results on the way some more.
 * From so many pixels on, reading them costs less than what it saves, whatever the machine, and
 * they are small beside the images. A graph is brought into blocks for it when every sixteenth
 * operation of its convolutions is in such ones.
 */
enum { PIXELS_THAT_WIN = 2000, SHARE_THAT_PAYS = 16, CHANNELS_OF_BLOCK = 16 };

bool
neuron_algorithm_is_winograd(const struct neuron_graph *graph, const struct neuron_node *node)
{
    const struct neuron_attributes *attributes = &node->attributes;
    const struct neuron_tensor_shape *weights = NULL;

    if (!neuron_layout_is_image_conv(graph, node) || attributes->groups != 1) {
        return false;
    }
    weights = &graph->values[node->inputs[1]].shape;
    return weights->dims[2] == 3 && weights->dims[3] == 3 && attributes->strides[0] == 1 &&
           attributes->strides[1] == 1 && attributes->dilations[0] == 1 &&
           attributes->dilations[1] == 1 && weights->dims[0] >= CHANNELS_OF_BLOCK &&
           weights->dims[1] >= CHANNELS_OF_BLOCK &&
           attributes->precision == NEURON_PRECISION_FLOAT32;
}

static bool
wins(const struct neuron_graph *graph, const struct neuron_node *node)
{
    const int64_t *dims = graph->values[node->output].shape.dims;
    int64_t pixels = dims[2] * dims[3]; /* of shapes that were inferred: it fits */

    return neuron_algorithm_is_winograd(graph, node) && pixels * dims[0] >= PIXELS_THAT_WIN;
}

static uint64_t
count_flops(const struct neuron_graph *graph, const struct neuron_node *node)
{
    struct neuron_node_cost cost = {0};

    neuron_node_cost_add(graph, node, &cost);
    return cost.flops;
}

void
neuron_algorithms_choose(struct neuron_graph *graph)
{
    uint64_t saving = 0;
    uint64_t all = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];
        uint64_t flops = neuron_layout_is_image_conv(graph, node) ? count_flops(graph, node) : 0;

        all += flops / SHARE_THAT_PAYS;
        saving += wins(graph, node) ? flops : 0;
    }
    for (uint32_t i = 0; saving > 0 && saving >= all && i < graph->node_count; i += 1) {
        struct neuron_node *node = &graph->nodes[i];

        if (neuron_layout_is_image_conv(graph, node)) {
            node->attributes.algorithm =
                wins(graph, node) ? NEURON_ALGORITHM_WINOGRAD : NEURON_ALGORITHM_BLOCKED;
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/node_cost.h"

static uint64_t
multiply(uint64_t left, uint64_t right)
{
    uint64_t product = 0;

    return __builtin_mul_overflow(left, right, &product) ? UINT64_MAX : product;
}

static void
add(uint64_t *total, uint64_t number)
{
    if (__builtin_add_overflow(*total, number, total)) {
        *total = UINT64_MAX;
    }
}

/* How many operations give one element of the result. */
static uint64_t
flops_per_element(const struct neuron_graph *graph, const struct neuron_node *node)
{
    const struct neuron_attributes *attributes = &node->attributes;
    const struct neuron_tensor_shape *first = &graph->values[node->inputs[0]].shape;
    /* Of the inputs but the first only weights tell. */
    const struct neuron_tensor_shape *second =
        &graph->values[node->inputs[node->input_count > 1 ? 1 : 0]].shape;

    switch (node->kind) {
    case NEURON_OPERATOR_MATMUL:
        return 2 * (uint64_t)first->dims[first->rank - (attributes->transpose_left ? 2 : 1)];
    case NEURON_OPERATOR_CONV2D:
        return multiply(2 * (uint64_t)second->dims[1],
                        multiply((uint64_t)second->dims[2], (uint64_t)second->dims[3]));
    case NEURON_OPERATOR_MAX_POOL2D:
    case NEURON_OPERATOR_AVERAGE_POOL2D:
        return (uint64_t)attributes->kernel[0] * attributes->kernel[1];
    case NEURON_OPERATOR_SOFTMAX: /* largest, difference, exponential, sum, quotient */
        return 5;
    case NEURON_OPERATOR_LAYER_NORM: /* mean, variance, normal form, scale, shift */
        return 8;
    case NEURON_OPERATOR_RESHAPE:
    case NEURON_OPERATOR_TRANSPOSE:
    case NEURON_OPERATOR_CONCAT:
    case NEURON_OPERATOR_NONE:
    case NEURON_OPERATOR_END:
        return 0;
    case NEURON_OPERATOR_ADD:
    case NEURON_OPERATOR_SUBTRACT:
    case NEURON_OPERATOR_MULTIPLY:
    case NEURON_OPERATOR_DIVIDE:
    case NEURON_OPERATOR_RELU:
    case NEURON_OPERATOR_GELU:
    case NEURON_OPERATOR_SIGMOID:
    case NEURON_OPERATOR_TANH:
    case NEURON_OPERATOR_CLIP:
        break;
    }
    return 1;
}

void
neuron_node_cost_add(const struct neuron_graph *graph, const struct neuron_node *node,
                     struct neuron_node_cost *cost)
{
    const struct neuron_tensor_shape *output = &graph->values[node->output].shape;
    size_t elements = 0;

    (void)neuron_tensor_shape_element_count(output, &elements);
    add(&cost->flops, multiply(elements, flops_per_element(graph, node)));
    /* A new shape alone moves nothing. */
    if (node->kind == NEURON_OPERATOR_RESHAPE) {
        return;
    }
    add(&cost->moved_bytes, neuron_tensor_shape_size_bytes(output));
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[node->inputs[i]];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);

        add(&cost->moved_bytes, size_bytes);
        add(&cost->weight_bytes, value->origin == NEURON_VALUE_CONSTANT ? size_bytes : 0);
    }
}

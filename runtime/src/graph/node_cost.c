/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/node_cost.h"

#include "graph/resize_mode.h"

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

/* The product of a shape's dimensions from one on. */
static uint64_t
extents(const struct neuron_tensor_shape *shape, uint32_t from)
{
    uint64_t product = 1;

    for (uint32_t i = from; i < shape->rank; i += 1) {
        product = multiply(product, (uint64_t)shape->dims[i]);
    }
    return product;
}

static uint64_t
window_size(const struct neuron_attributes *attributes, uint32_t directions)
{
    uint64_t product = 1;

    for (uint32_t i = 0; i < directions; i += 1) {
        product = multiply(product, attributes->kernel[i]);
    }
    return product;
}

/* For each axis that changes, a product for each element of the filter, which smoothing widens. */
static uint64_t
resize_flops(const struct neuron_graph *graph, const struct neuron_node *node)
{
    const struct neuron_tensor_shape *before = &graph->values[node->inputs[0]].shape;
    const struct neuron_tensor_shape *after = &graph->values[node->output].shape;
    struct neuron_resize_mode mode = neuron_resize_mode_decode(node->attributes.mode);
    uint64_t flops = 0;

    for (uint32_t i = 0; i < before->rank && mode.method != NEURON_RESIZE_NEAREST; i += 1) {
        uint64_t factor = (uint64_t)(before->dims[i] / after->dims[i]) + 1;

        if (!neuron_resize_keeps_axis(&mode, before->dims[i], after->dims[i],
                                      node->attributes.scales[i])) {
            add(&flops, multiply(mode.method == NEURON_RESIZE_LINEAR ? 4 : 8, factor));
        }
    }
    return flops;
}

/* Reductions, and what looks at a whole axis for each of a few elements. */
static bool
reads_whole_axes(enum neuron_operator kind)
{
    return (kind >= NEURON_OPERATOR_REDUCE_SUM && kind <= NEURON_OPERATOR_ARG_MIN) ||
           kind == NEURON_OPERATOR_TOP_K_INDICES;
}

/* How many elements of the first input there are for one of the result. */
static uint64_t
share_of_input(const struct neuron_graph *graph, const struct neuron_node *node)
{
    size_t input_elements = 0;
    size_t output_elements = 0;

    (void)neuron_tensor_shape_element_count(&graph->values[node->inputs[0]].shape, &input_elements);
    (void)neuron_tensor_shape_element_count(&graph->values[node->output].shape, &output_elements);
    return output_elements == 0 ? 0 : input_elements / output_elements + 1;
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

    if (reads_whole_axes(node->kind)) {
        return share_of_input(graph, node);
    }
    switch ((int)node->kind) {
    case NEURON_OPERATOR_MATMUL:
    case NEURON_OPERATOR_MATMUL_INTEGER:
        return 2 * (uint64_t)first->dims[first->rank - (attributes->transpose_left ? 2 : 1)];
    case NEURON_OPERATOR_CONV:
    case NEURON_OPERATOR_CONV_INTEGER:
        return multiply(2, multiply((uint64_t)second->dims[1], extents(second, 2)));
    case NEURON_OPERATOR_CONV_TRANSPOSE: /* at most: strides leave some out */
        return multiply(2 * (uint64_t)second->dims[0] / attributes->groups, extents(second, 2));
    case NEURON_OPERATOR_MAX_POOL:
    case NEURON_OPERATOR_MAX_POOL_INDICES:
    case NEURON_OPERATOR_AVERAGE_POOL:
    case NEURON_OPERATOR_LP_POOL:
        return window_size(attributes, first->rank - 2);
    case NEURON_OPERATOR_LRN: /* squares, their sum, and a power */
        return 4 + (uint64_t)attributes->kernel[0];
    case NEURON_OPERATOR_RESIZE:
        return resize_flops(graph, node);
    case NEURON_OPERATOR_SOFTMAX: /* largest, difference, exponential, sum, quotient */
        return 5;
    case NEURON_OPERATOR_LAYER_NORM: /* mean, variance, normal form, scale, shift */
        return 8;
    case NEURON_OPERATOR_LOG_SOFTMAX:
        return 5;
    case NEURON_OPERATOR_TREE_ENSEMBLE: /* about the depth of each tree */
        return multiply(
            10, (uint64_t)graph->values[node->inputs[node->input_count > 3 ? 3 : 0]].shape.dims[0]);
    case NEURON_OPERATOR_RNN:
    case NEURON_OPERATOR_GRU:
    case NEURON_OPERATOR_LSTM: /* the recurrence, and some arithmetic for each gate */
        return multiply((uint64_t)second->dims[1], 2) + 32;
    case NEURON_OPERATOR_RESHAPE:
    case NEURON_OPERATOR_TRANSPOSE:
    case NEURON_OPERATOR_CONCAT:
    case NEURON_OPERATOR_SLICE:
    case NEURON_OPERATOR_PAD:
    case NEURON_OPERATOR_EXPAND:
    case NEURON_OPERATOR_TILE:
    case NEURON_OPERATOR_GATHER:
    case NEURON_OPERATOR_GATHER_ELEMENTS:
    case NEURON_OPERATOR_GATHER_ND:
    case NEURON_OPERATOR_ONE_HOT:
    case NEURON_OPERATOR_TRILU:
    case NEURON_OPERATOR_REVERSE_SEQUENCE:
        return 0;
    default: /* elementwise */
        return 1;
    }
}

/* Says whether a node picks some elements of its first input, and leaves the others alone. */
static bool
picks_elements(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_GATHER || kind == NEURON_OPERATOR_GATHER_ELEMENTS ||
           kind == NEURON_OPERATOR_GATHER_ND || kind == NEURON_OPERATOR_SLICE;
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
    size_t output_bytes = neuron_tensor_shape_size_bytes(output);
    add(&cost->moved_bytes, output_bytes);
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[node->inputs[i]];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);

        if (i == 0 && picks_elements(node->kind) && size_bytes > output_bytes) {
            size_bytes = output_bytes;
        }
        add(&cost->moved_bytes, size_bytes);
        add(&cost->weight_bytes, value->origin == NEURON_VALUE_CONSTANT ? size_bytes : 0);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/channel.h"

#include <stdlib.h>

#include "graph/weight.h"

struct neuron_node *
neuron_channel_product(const struct neuron_rewrite *rewrite, uint32_t value)
{
    struct neuron_node *node = neuron_rewrite_producer(rewrite, value);

    if (node == NULL || !neuron_rewrite_has_readers(rewrite, value, 1) ||
        !neuron_rewrite_is_float(rewrite, value)) {
        return NULL;
    }
    return node->kind == NEURON_OPERATOR_MATMUL || node->kind == NEURON_OPERATOR_CONV ? node : NULL;
}

uint32_t
neuron_channel_axis(const struct neuron_graph *graph, const struct neuron_node *product)
{
    return product->kind == NEURON_OPERATOR_MATMUL ? graph->values[product->output].shape.rank - 1
                                                   : 1;
}

/* Says whether the dimensions are `extent` along an axis and 1 everywhere else. */
static bool
goes_along(const struct neuron_tensor_shape *constant, const struct neuron_tensor_shape *result,
           uint32_t axis, int64_t extent)
{
    if (constant->type != result->type || constant->rank > result->rank) {
        return false;
    }
    for (uint32_t i = 0; i < result->rank; i += 1) {
        uint32_t missing = result->rank - constant->rank;
        int64_t given = i < missing ? 1 : constant->dims[i - missing];

        if (given != (i == axis ? extent : 1)) {
            return false;
        }
    }
    return true;
}

bool
neuron_channel_fits(const struct neuron_graph *graph, const struct neuron_node *product,
                    uint32_t constant)
{
    const struct neuron_tensor_shape *result = &graph->values[product->output].shape;
    uint32_t axis = neuron_channel_axis(graph, product);

    return graph->values[constant].origin == NEURON_VALUE_CONSTANT &&
           goes_along(&graph->values[constant].shape, result, axis, result->dims[axis]);
}

enum neuron_status
neuron_channel_read(struct neuron_graph *graph, const struct neuron_node *product,
                    uint32_t constant, double **numbers, struct neuron_error *error)
{
    const struct neuron_graph_value *value = &graph->values[constant];
    const struct neuron_tensor_shape *result = &graph->values[product->output].shape;
    uint32_t axis = neuron_channel_axis(graph, product);
    size_t count = (size_t)result->dims[axis];
    bool is_fixed = neuron_weight_is_fixed(graph, constant);
    bool is_single = is_fixed && goes_along(&value->shape, result, axis, 1);

    *numbers = NULL;
    if (!is_fixed) {
        return NEURON_OK;
    }
    if (!is_single && !neuron_channel_fits(graph, product, constant)) {
        return NEURON_OK;
    }
    double *read = calloc(count, sizeof(*read));
    if (read == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    for (size_t i = 0; i < count; i += 1) {
        read[i] = ((const float *)value->constant)[is_single ? 0 : i];
    }
    neuron_weight_fix(graph, constant);
    *numbers = read;
    return NEURON_OK;
}

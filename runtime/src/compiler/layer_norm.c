/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layer normalization taken apart, over the last dimensions:
 *     d = x - mean(x)        d / sqrt(mean(d^2) + epsilon) * scale + shift
 * The quotient becomes a layer_norm that scales by 1 and shifts by 0; factors and summands behind
 * it that are constant along the dimensions before then move into its scale and shift.
 */
#include "compiler/pass.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/rewrite.h"
#include "graph/weight.h"

/* Says whether a node is the mean over all dimensions from one on, which stay as 1. */
static bool
is_mean(const struct neuron_rewrite *rewrite, const struct neuron_node *node, uint32_t *axis)
{
    if (node == NULL || node->kind != NEURON_OPERATOR_REDUCE_MEAN || !node->attributes.keep_dims ||
        node->attributes.axes == 0) {
        return false;
    }
    uint32_t rank = rewrite->graph->values[node->inputs[0]].shape.rank;
    *axis = (uint32_t)__builtin_ctz(node->attributes.axes);
    return node->attributes.axes == (((1U << rank) - 1U) & ~((1U << *axis) - 1U));
}

/* Says whether a value is the square of another one. */
static bool
is_square(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t of)
{
    const struct neuron_node *node = neuron_rewrite_producer(rewrite, value);
    double exponent = 0.0;

    if (node == NULL || !neuron_rewrite_has_readers(rewrite, value, 1) || node->inputs[0] != of) {
        return false;
    }
    if (node->kind == NEURON_OPERATOR_MULTIPLY) {
        return node->inputs[1] == of;
    }
    return node->kind == NEURON_OPERATOR_POWER &&
           neuron_rewrite_scalar(rewrite, node->inputs[1], &exponent) && exponent == 2.0;
}

/* sqrt(mean(d^2) + epsilon); the axis and epsilon are returned. */
static bool
is_deviation(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t difference,
             struct neuron_attributes *attributes)
{
    const struct neuron_node *root = neuron_rewrite_inner(rewrite, value, NEURON_OPERATOR_SQRT);
    const struct neuron_node *sum =
        root == NULL ? NULL : neuron_rewrite_inner(rewrite, root->inputs[0], NEURON_OPERATOR_ADD);
    uint32_t mean = 0;
    uint32_t axis = 0;
    double epsilon = 0.0;

    if (sum == NULL || !neuron_rewrite_split(rewrite, sum, &epsilon, &mean) || epsilon < 0.0) {
        return false;
    }
    const struct neuron_node *variance =
        neuron_rewrite_inner(rewrite, mean, NEURON_OPERATOR_REDUCE_MEAN);
    if (!is_mean(rewrite, variance, &axis) ||
        !is_square(rewrite, variance->inputs[0], difference)) {
        return false;
    }
    attributes->axis = (int32_t)axis;
    attributes->epsilon = (float)epsilon;
    return true;
}

/* Finds x where a value is x - mean(x) over the same dimensions. */
static bool
find_centered(const struct neuron_rewrite *rewrite, uint32_t value, int32_t axis, uint32_t *x)
{
    const struct neuron_node *node = neuron_rewrite_producer(rewrite, value);
    uint32_t mean_axis = 0;

    if (node == NULL || node->kind != NEURON_OPERATOR_SUBTRACT) {
        return false;
    }
    const struct neuron_node *mean =
        neuron_rewrite_inner(rewrite, node->inputs[1], NEURON_OPERATOR_REDUCE_MEAN);
    *x = node->inputs[0];
    return is_mean(rewrite, mean, &mean_axis) && mean->inputs[0] == *x &&
           (int32_t)mean_axis == axis;
}

/* Adds a constant with the shape of the dimensions from `axis` on, filled with one number. */
static enum neuron_status
add_filled(struct neuron_graph *graph, uint32_t like, int32_t axis, float number, uint32_t *value,
           struct neuron_error *error)
{
    const struct neuron_tensor_shape *whole = &graph->values[like].shape;
    struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32,
                                        .rank = whole->rank - (uint32_t)axis};
    size_t count = 0;

    memcpy(shape.dims, whole->dims + axis, shape.rank * sizeof(shape.dims[0]));
    (void)neuron_tensor_shape_element_count(&shape, &count);
    float *numbers = calloc(count, sizeof(*numbers));
    if (numbers == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = number;
    }
    enum neuron_status status = neuron_graph_add_constant(graph, &shape, numbers, value, error);
    free(numbers);
    return status;
}

/* Turns d / sqrt(...), or d * (1 / sqrt(...)), into a layer_norm of x. */
static enum neuron_status
rewrite_quotient(struct neuron_rewrite *rewrite, struct neuron_node *node, uint32_t difference,
                 uint32_t deviation, struct neuron_error *error)
{
    struct neuron_node wanted = {.kind = NEURON_OPERATOR_LAYER_NORM, .input_count = 3};
    uint32_t inputs[3] = {0};

    if (!neuron_rewrite_is_float(rewrite, node->output) ||
        !neuron_rewrite_has_readers(rewrite, difference, 3) ||
        !is_deviation(rewrite, deviation, difference, &wanted.attributes) ||
        !find_centered(rewrite, difference, wanted.attributes.axis, &inputs[0])) {
        return NEURON_OK;
    }
    wanted.inputs = inputs;
    enum neuron_status status =
        add_filled(rewrite->graph, inputs[0], wanted.attributes.axis, 1.0F, &inputs[1], error);
    if (status == NEURON_OK) {
        status =
            add_filled(rewrite->graph, inputs[0], wanted.attributes.axis, 0.0F, &inputs[2], error);
    }
    return status == NEURON_OK ? neuron_rewrite_become(rewrite, node, &wanted, error) : status;
}

/* Adds a constant that is `left` times, or plus, `right`, of equal shapes. */
static enum neuron_status
combine(struct neuron_graph *graph, uint32_t left, uint32_t right, enum neuron_operator kind,
        uint32_t *value, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = graph->values[left].shape;
    const float *lefts = graph->values[left].constant;
    const float *rights = graph->values[right].constant;
    size_t count = 0;

    (void)neuron_tensor_shape_element_count(&shape, &count);
    enum neuron_status status = neuron_graph_add_constant(graph, &shape, lefts, value, error);
    if (status == NEURON_OK) {
        float *numbers = graph->values[*value].owned;

        neuron_weight_fix(graph, left);
        neuron_weight_fix(graph, right);
        for (size_t i = 0; i < count; i += 1) {
            numbers[i] =
                kind == NEURON_OPERATOR_ADD ? numbers[i] + rights[i] : numbers[i] * rights[i];
        }
    }
    return status;
}

/* Moves a constant factor or summand behind a layer_norm into it. */
static enum neuron_status
absorb(struct neuron_rewrite *rewrite, struct neuron_node *node, uint32_t side,
       struct neuron_error *error)
{
    struct neuron_graph *graph = rewrite->graph;
    const struct neuron_node *norm =
        neuron_rewrite_inner(rewrite, node->inputs[side], NEURON_OPERATOR_LAYER_NORM);
    uint32_t factor = node->inputs[1 - side];
    uint32_t inputs[3] = {0};
    enum neuron_status status = NEURON_OK;

    if (norm == NULL || !neuron_weight_is_fixed(graph, factor) ||
        !neuron_weight_is_fixed(graph, norm->inputs[1]) ||
        !neuron_weight_is_fixed(graph, norm->inputs[2]) ||
        !neuron_tensor_shape_equals(&graph->values[factor].shape,
                                    &graph->values[norm->inputs[1]].shape)) {
        return NEURON_OK;
    }
    memcpy(inputs, norm->inputs, sizeof(inputs));
    if (node->kind == NEURON_OPERATOR_MULTIPLY) {
        status = combine(graph, norm->inputs[1], factor, node->kind, &inputs[1], error);
    }
    if (status == NEURON_OK) {
        status = combine(graph, norm->inputs[2], factor, node->kind, &inputs[2], error);
    }
    const struct neuron_node wanted = {.kind = NEURON_OPERATOR_LAYER_NORM,
                                       .attributes = norm->attributes,
                                       .inputs = inputs,
                                       .input_count = 3};
    return status == NEURON_OK ? neuron_rewrite_become(rewrite, node, &wanted, error) : status;
}

static enum neuron_status
rewrite_sides(struct neuron_rewrite *rewrite, struct neuron_node *node, uint32_t side,
              struct neuron_error *error)
{
    enum neuron_operator kind = node->kind;
    const struct neuron_node *inverse =
        neuron_rewrite_inner(rewrite, node->inputs[1 - side], NEURON_OPERATOR_RECIPROCAL);
    enum neuron_status status = NEURON_OK;

    if (kind == NEURON_OPERATOR_MULTIPLY && inverse != NULL) {
        status = rewrite_quotient(rewrite, node, node->inputs[side], inverse->inputs[0], error);
    }
    if (status == NEURON_OK && node->kind == kind) {
        status = absorb(rewrite, node, side, error);
    }
    return status;
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (node->kind == NEURON_OPERATOR_DIVIDE) {
        return rewrite_quotient(rewrite, node, node->inputs[0], node->inputs[1], error);
    }
    for (uint32_t side = 0; status == NEURON_OK && side < 2; side += 1) {
        if (node->kind == NEURON_OPERATOR_MULTIPLY || node->kind == NEURON_OPERATOR_ADD) {
            status = rewrite_sides(rewrite, node, side, error);
        }
    }
    return status;
}

enum neuron_status
neuron_pass_layer_norm(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

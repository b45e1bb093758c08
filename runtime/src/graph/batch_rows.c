/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value has rows when its dimension 0 is the batch: row i of it is computed from row i of the
 * inputs and from constants. The inputs have rows; constants, and what is computed from constants
 * alone, have none. Each operator is asked whether it hands rows on. When in doubt it does not: a
 * model that is refused here runs all the same, only not cut into pieces.
 */
#include "graph/graph_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* An operator at hand, and which of its inputs have rows. */
struct node_rows {
    const struct neuron_graph *graph;
    const struct neuron_node *node;
    const bool *has_rows; /* by value */
    int64_t batch_rows;
};

static const struct neuron_tensor_shape *
input_shape(const struct node_rows *rows, uint32_t index)
{
    return &rows->graph->values[rows->node->inputs[index]].shape;
}

static bool
input_has_rows(const struct node_rows *rows, uint32_t index)
{
    return rows->has_rows[rows->node->inputs[index]];
}

static const struct neuron_tensor_shape *
result_shape(const struct node_rows *rows)
{
    return &rows->graph->values[rows->node->output].shape;
}

/*
 * Where operands are broadcast to the result: one with rows has them in the result's dimension 0,
 * and one without is the same for all of them.
 */
static bool
broadcasts_rows(const struct node_rows *rows, uint32_t operand_count)
{
    const struct neuron_tensor_shape *result = result_shape(rows);

    for (uint32_t i = 0; i < operand_count; i += 1) {
        const struct neuron_tensor_shape *operand = input_shape(rows, i);
        bool is_like_result = operand->rank == result->rank && operand->rank > 0 &&
                              operand->dims[0] == result->dims[0];
        bool is_shared =
            operand->rank < result->rank || operand->rank == 0 || operand->dims[0] == 1;

        if (input_has_rows(rows, i) ? !is_like_result : !is_shared) {
            return false;
        }
    }
    return true;
}

/* Only the first input carries rows; weights, bias, scale and shift are the same for all. */
static bool
only_first_has_rows(const struct node_rows *rows)
{
    for (uint32_t i = 1; i < rows->node->input_count; i += 1) {
        if (input_has_rows(rows, i)) {
            return false;
        }
    }
    return input_has_rows(rows, 0);
}

static bool
matmul_keeps_rows(const struct node_rows *rows)
{
    bool has_bias = rows->node->input_count == 3;

    if (has_bias && input_has_rows(rows, 2)) {
        return false;
    }
    if (result_shape(rows)->rank == 2) {
        return only_first_has_rows(rows) && !rows->node->attributes.transpose_left;
    }
    /* Dimension 0 is one of those that are broadcast before the matrices. */
    return broadcasts_rows(rows, 2);
}

/* A constant that is joined to each row has a row for it only where the batch is one row. */
static bool
concat_keeps_rows(const struct node_rows *rows)
{
    if (rows->node->attributes.axis == 0) {
        return false;
    }
    for (uint32_t i = 0; i < rows->node->input_count; i += 1) {
        if (!input_has_rows(rows, i) && input_shape(rows, i)->dims[0] != 1) {
            return false;
        }
    }
    return true;
}

/* At least one input has rows. */
static bool
keeps_rows(const struct node_rows *rows)
{
    const struct neuron_attributes *attributes = &rows->node->attributes;

    switch (rows->node->kind) {
    case NEURON_OPERATOR_ADD:
    case NEURON_OPERATOR_SUBTRACT:
    case NEURON_OPERATOR_MULTIPLY:
    case NEURON_OPERATOR_DIVIDE:
        return broadcasts_rows(rows, 2);
    case NEURON_OPERATOR_RELU:
    case NEURON_OPERATOR_GELU:
    case NEURON_OPERATOR_SIGMOID:
    case NEURON_OPERATOR_TANH:
    case NEURON_OPERATOR_CLIP:
    case NEURON_OPERATOR_MAX_POOL2D:
    case NEURON_OPERATOR_AVERAGE_POOL2D:
    case NEURON_OPERATOR_RESHAPE: /* which must not change dimension 0, as none must */
        return true;
    case NEURON_OPERATOR_SOFTMAX:
    case NEURON_OPERATOR_LAYER_NORM:
        return attributes->axis != 0 && only_first_has_rows(rows);
    case NEURON_OPERATOR_MATMUL:
        return matmul_keeps_rows(rows);
    case NEURON_OPERATOR_CONV2D:
        return only_first_has_rows(rows);
    case NEURON_OPERATOR_TRANSPOSE:
        return attributes->order[0] == 0;
    case NEURON_OPERATOR_CONCAT:
        return concat_keeps_rows(rows);
    case NEURON_OPERATOR_NONE:
    case NEURON_OPERATOR_END:
        break;
    }
    return false;
}

static enum neuron_status
refuse_node(const struct node_rows *rows, struct neuron_error *error)
{
    char first[80] = "";
    char second[80] = "";
    char result[80] = "";
    bool is_single = rows->node->input_count < 2;

    return NEURON_FAIL(
        error, NEURON_UNSUPPORTED_MODEL,
        "%s of %s%s%s to %s mixes the rows of a batch, which therefore cannot be cut",
        neuron_operator_name(rows->node->kind),
        neuron_tensor_shape_format(input_shape(rows, 0), first, sizeof(first)),
        is_single ? "" : " and ",
        is_single ? "" : neuron_tensor_shape_format(input_shape(rows, 1), second, sizeof(second)),
        neuron_tensor_shape_format(result_shape(rows), result, sizeof(result)));
}

/* Finds whether the node's result has rows. */
static enum neuron_status
follow_rows(const struct node_rows *rows, bool *result_has_rows, struct neuron_error *error)
{
    const struct neuron_tensor_shape *result = result_shape(rows);
    bool any_has_rows = false;

    for (uint32_t i = 0; i < rows->node->input_count; i += 1) {
        any_has_rows = any_has_rows || input_has_rows(rows, i);
    }
    if (any_has_rows &&
        (!keeps_rows(rows) || result->rank == 0 || result->dims[0] != rows->batch_rows)) {
        return refuse_node(rows, error);
    }
    *result_has_rows = any_has_rows;
    return NEURON_OK;
}

/* All inputs agree on how many rows a batch has. */
static enum neuron_status
check_inputs(const struct neuron_graph *graph, struct neuron_error *error)
{
    const struct neuron_graph_port *first = &graph->inputs[0];
    char first_text[80] = "";
    char text[80] = "";

    if (graph->input_count == 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the model has no inputs, so there is no batch to cut");
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        const struct neuron_graph_port *port = &graph->inputs[i];

        (void)neuron_tensor_shape_format(&port->spec.shape, text, sizeof(text));
        if (port->spec.shape.rank == 0 || port->spec.shape.dims[0] < 1) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "the input %.60s is %s and has no rows to cut a batch into",
                               port->spec.name, text);
        }
        if (port->spec.shape.dims[0] != first->spec.shape.dims[0]) {
            return NEURON_FAIL(
                error, NEURON_UNSUPPORTED_MODEL,
                "the inputs %.40s (%s) and %.40s (%s) disagree on the rows of a batch",
                first->spec.name,
                neuron_tensor_shape_format(&first->spec.shape, first_text, sizeof(first_text)),
                port->spec.name, text);
        }
    }
    return NEURON_OK;
}

/* `has_rows` has a place for each value, all false. */
static enum neuron_status
follow_all(const struct neuron_graph *graph, bool *has_rows, struct neuron_error *error)
{
    struct node_rows rows = {
        .graph = graph, .has_rows = has_rows, .batch_rows = graph->inputs[0].spec.shape.dims[0]};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        has_rows[graph->inputs[i].value] = true;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->node_count; i += 1) {
        rows.node = &graph->nodes[i];
        status = follow_rows(&rows, &has_rows[rows.node->output], error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->output_count; i += 1) {
        if (!has_rows[graph->outputs[i].value]) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "the output %.60s does not depend on the inputs, so it has no rows "
                               "to join a batch from",
                               graph->outputs[i].spec.name);
        }
    }
    return status;
}

enum neuron_status
neuron_graph_check_batchable(const struct neuron_graph *graph, struct neuron_error *error)
{
    enum neuron_status status = check_inputs(graph, error);

    if (status != NEURON_OK) {
        return status;
    }
    bool *has_rows = calloc((size_t)graph->value_count + 1, sizeof(*has_rows));
    if (has_rows == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    status = follow_all(graph, has_rows, error);
    free(has_rows);
    return status;
}

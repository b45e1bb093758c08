/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value has rows when its dimension 0 is the batch: row i of it is computed from row i of the
 * inputs and from what all rows share. Inputs that carry the batch have rows; the others,
 * constants, and what is computed from these alone, have none. Each operator is asked whether it
 * hands rows on. When in doubt it does not: a model that is refused here runs all the same, only
 * not cut into pieces.
 */
#include "graph/batch_rows.h"

#include "graph/resize_mode.h"

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

/* How many inputs a product has beside its residual. */
static uint32_t
own_input_count(const struct node_rows *rows)
{
    return rows->node->input_count - (rows->node->attributes.has_residual ? 1 : 0);
}

/* What is added to a result has the same rows, or is the one row of a batch of one. */
static bool
residual_keeps_rows(const struct node_rows *rows)
{
    uint32_t own_count = own_input_count(rows);

    return own_count == rows->node->input_count || input_has_rows(rows, own_count) ||
           input_shape(rows, own_count)->dims[0] == 1;
}

/* Only the first input carries rows; weights, bias, scale and shift are the same for all. */
static bool
only_first_has_rows(const struct node_rows *rows)
{
    for (uint32_t i = 1; i < own_input_count(rows); i += 1) {
        if (input_has_rows(rows, i)) {
            return false;
        }
    }
    return input_has_rows(rows, 0);
}

static bool
matmul_keeps_rows(const struct node_rows *rows)
{
    bool has_bias = own_input_count(rows) == 3;

    if ((has_bias && input_has_rows(rows, 2)) || !residual_keeps_rows(rows)) {
        return false;
    }
    if (result_shape(rows)->rank == 2) {
        return only_first_has_rows(rows) && !rows->node->attributes.transpose_left;
    }
    /* Dimension 0 is one of those that are broadcast before the matrices. */
    return broadcasts_rows(rows, 2);
}

/* A scale for each row is of as many rows as there are, so that a piece would have too many. */
static bool
quantize_keeps_rows(const struct node_rows *rows)
{
    size_t count = 0;

    return only_first_has_rows(rows) &&
           neuron_tensor_shape_element_count(input_shape(rows, 1), &count) &&
           (count == 1 || rows->node->attributes.axis != 0);
}

/* As a product of matrices, with one zero point for all rows. */
static bool
product_of_bytes_keeps_rows(const struct node_rows *rows)
{
    for (uint32_t i = 2; i < rows->node->input_count; i += 1) {
        size_t count = 0;

        if (input_has_rows(rows, i) ||
            !neuron_tensor_shape_element_count(input_shape(rows, i), &count) ||
            (count != 1 && (i == 2 || input_shape(rows, i)->rank != 1))) {
            return false;
        }
    }
    return result_shape(rows)->rank == 2 ? !input_has_rows(rows, 1) : broadcasts_rows(rows, 2);
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

static bool
resize_keeps_rows(const struct node_rows *rows)
{
    struct neuron_resize_mode mode = neuron_resize_mode_decode(rows->node->attributes.mode);

    return neuron_resize_keeps_axis(&mode, input_shape(rows, 0)->dims[0],
                                    result_shape(rows)->dims[0], rows->node->attributes.scales[0]);
}

/* Rows are looked up in a table that all share, or columns are chosen of each row. */
static bool
gather_keeps_rows(const struct node_rows *rows)
{
    bool is_lookup = rows->node->attributes.axis == 0 && !input_has_rows(rows, 0);

    return is_lookup || (rows->node->attributes.axis != 0 && only_first_has_rows(rows));
}

/* Dimension 0 is neither cut nor padded, and nothing else is in its place. */
static bool
leaves_rows_alone(const struct node_rows *rows)
{
    const struct neuron_attributes *attributes = &rows->node->attributes;

    return attributes->starts[0] == 0 && only_first_has_rows(rows) &&
           (rows->node->kind == NEURON_OPERATOR_PAD || attributes->steps[0] == 1);
}

/* Operators along other dimensions than the first one. */
static bool
keeps_rows_of_axes(const struct node_rows *rows)
{
    const struct neuron_attributes *attributes = &rows->node->attributes;
    enum neuron_operator kind = rows->node->kind;

    if (kind >= NEURON_OPERATOR_REDUCE_SUM && kind <= NEURON_OPERATOR_REDUCE_LOG_SUM_EXP) {
        return (attributes->axes & 1U) == 0 && only_first_has_rows(rows);
    }
    return kind >= NEURON_OPERATOR_ARG_MAX && kind <= NEURON_OPERATOR_TOP_K_INDICES &&
           attributes->axis != 0 && only_first_has_rows(rows);
}

/* At least one input has rows. */
static bool
keeps_rows(const struct node_rows *rows)
{
    const struct neuron_attributes *attributes = &rows->node->attributes;

    if (neuron_operator_is_elementwise(rows->node->kind)) {
        return broadcasts_rows(rows, rows->node->input_count);
    }
    switch ((int)rows->node->kind) {
    case NEURON_OPERATOR_MAX_POOL:
    case NEURON_OPERATOR_AVERAGE_POOL:
    case NEURON_OPERATOR_LP_POOL:
    case NEURON_OPERATOR_LRN:
    case NEURON_OPERATOR_RESHAPE: /* which must not change dimension 0, as none must */
        return true;
    case NEURON_OPERATOR_SOFTMAX:
    case NEURON_OPERATOR_LAYER_NORM:
        return attributes->axis != 0 && only_first_has_rows(rows);
    case NEURON_OPERATOR_MATMUL:
        return matmul_keeps_rows(rows);
    case NEURON_OPERATOR_CONV:
        return only_first_has_rows(rows) && residual_keeps_rows(rows);
    case NEURON_OPERATOR_CONV_TRANSPOSE:
    case NEURON_OPERATOR_CONV_INTEGER:
    case NEURON_OPERATOR_TREE_ENSEMBLE:
        return only_first_has_rows(rows);
    case NEURON_OPERATOR_RESIZE:
        return resize_keeps_rows(rows) && only_first_has_rows(rows);
    case NEURON_OPERATOR_QUANTIZE:
    case NEURON_OPERATOR_DEQUANTIZE:
        return quantize_keeps_rows(rows);
    case NEURON_OPERATOR_MATMUL_INTEGER:
        return product_of_bytes_keeps_rows(rows);
    case NEURON_OPERATOR_TRANSPOSE:
        return attributes->order[0] == 0;
    case NEURON_OPERATOR_CONCAT:
        return concat_keeps_rows(rows);
    case NEURON_OPERATOR_SLICE:
    case NEURON_OPERATOR_PAD:
        return leaves_rows_alone(rows);
    case NEURON_OPERATOR_TILE:
        return attributes->dims[0] == 1;
    case NEURON_OPERATOR_GATHER:
        return gather_keeps_rows(rows);
    case NEURON_OPERATOR_TRILU:
        return result_shape(rows)->rank > 2;
    default: /* when in doubt it does not */
        return keeps_rows_of_axes(rows);
    }
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

/* Says whether rows are rounded by what all of them have in common. */
static bool
shares_factor(const struct node_rows *rows)
{
    const struct neuron_attributes *attributes = &rows->node->attributes;

    return attributes->precision == NEURON_PRECISION_INT8 && attributes->input_peak == 0.0F &&
           rows->batch_rows > 1 && input_has_rows(rows, 0) &&
           rows->graph->values[rows->node->inputs[1]].origin == NEURON_VALUE_CONSTANT;
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
    if (shares_factor(rows)) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s of int8 rounds all rows of a run by one factor, which is found at "
                           "each run, so that they change each other; compile with --calibrate, "
                           "or for one row",
                           neuron_operator_name(rows->node->kind));
    }
    if (any_has_rows &&
        (!keeps_rows(rows) || result->rank == 0 || result->dims[0] != rows->batch_rows)) {
        return refuse_node(rows, error);
    }
    *result_has_rows = any_has_rows;
    return NEURON_OK;
}

enum neuron_status
neuron_batch_rows_follow(const struct neuron_graph *graph, const bool *carries_batch,
                         int64_t batch_rows, bool *has_rows, struct neuron_error *error)
{
    struct node_rows rows = {.graph = graph, .has_rows = has_rows, .batch_rows = batch_rows};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        has_rows[i] = false;
    }
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        has_rows[graph->inputs[i].value] = carries_batch[i];
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->node_count; i += 1) {
        rows.node = &graph->nodes[i];
        status = follow_rows(&rows, &has_rows[rows.node->output], error);
    }
    return status;
}

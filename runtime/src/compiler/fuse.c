/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One walk over the nodes in their order. A node that moves into the one before it computes
 * nothing any more: from then on, whoever reads its result reads that of the other, which has the
 * same shape. That the other's result has no reader of its own is the condition of every fusion:
 * it is no longer to be had.
 */
#include "compiler/pass.h"

#include <stdlib.h>

/* What is known of a value that the graph had at first. */
struct value_use {
    uint32_t producer;   /* the number of the node that computes it plus one, or 0 */
    uint32_t reads;      /* by nodes and by the outputs of the graph */
    uint32_t stands_for; /* the value to read in its stead, mostly itself */
};

static void
count_uses(const struct neuron_graph *graph, struct value_use *uses)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        uses[i] = (struct value_use){.stands_for = i};
    }
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        for (uint32_t j = 0; j < node->input_count; j += 1) {
            uses[node->inputs[j]].reads += 1;
        }
        uses[node->output].producer = i + 1;
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        uses[graph->outputs[i].value].reads += 1;
    }
}

/*
 * The node that computes a value, when it is a matmul or conv2d that can take in what follows:
 * nothing else reads the value, and no activation was applied yet. Else NULL.
 */
static struct neuron_node *
find_open_producer(const struct neuron_graph *graph, const struct value_use *uses, uint32_t value)
{
    const struct value_use *use = &uses[value];

    if (use->producer == 0 || use->reads != 1) {
        return NULL;
    }
    struct neuron_node *node = &graph->nodes[use->producer - 1];
    bool is_fusible = node->kind == NEURON_OPERATOR_MATMUL || node->kind == NEURON_OPERATOR_CONV2D;
    return is_fusible && node->attributes.activation == NEURON_OPERATOR_NONE ? node : NULL;
}

/* The result of a node that moved into `producer` is now what that one computes. */
static void
replace_result(struct value_use *uses, const struct neuron_node *node,
               const struct neuron_node *producer)
{
    uses[node->output].stands_for = producer->output;
    uses[producer->output].reads = uses[node->output].reads;
}

/*
 * Says whether a constant, broadcast to the result, gives each column of a matmul, or each channel
 * of a conv2d, one number, and leaves the result's shape as it is.
 */
static bool
is_bias(const struct neuron_tensor_shape *constant, const struct neuron_tensor_shape *result,
        uint32_t axis)
{
    if (constant->type != result->type || constant->rank > result->rank) {
        return false;
    }
    for (uint32_t i = 0; i < result->rank; i += 1) {
        uint32_t missing = result->rank - constant->rank;
        int64_t extent = i < missing ? 1 : constant->dims[i - missing];

        if (extent != (i == axis ? result->dims[i] : 1)) {
            return false;
        }
    }
    return true;
}

/* Gives a node a third input: the constant as a vector. */
static enum neuron_status
add_bias(struct neuron_graph *graph, struct neuron_node *node, uint32_t constant, int64_t length,
         struct neuron_error *error)
{
    struct neuron_tensor_shape shape = {
        .type = graph->values[constant].shape.type, .rank = 1, .dims = {length}};
    enum neuron_status status = NEURON_OK;
    uint32_t bias = constant;

    if (!neuron_tensor_shape_equals(&graph->values[constant].shape, &shape)) {
        /* A copy, because the bytes of the other may go with it. */
        status = neuron_graph_add_constant(graph, &shape, graph->values[constant].constant, &bias,
                                           error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    uint32_t *inputs = realloc(node->inputs, 3 * sizeof(*inputs));
    if (inputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    inputs[2] = bias;
    node->inputs = inputs;
    node->input_count = 3;
    return NEURON_OK;
}

/* Tries one side of an addition as the product and the other as the bias. */
static enum neuron_status
fuse_bias(struct neuron_graph *graph, struct value_use *uses, const struct neuron_node *node,
          uint32_t side, struct neuron_error *error)
{
    uint32_t constant = node->inputs[1 - side];
    struct neuron_node *producer = find_open_producer(graph, uses, node->inputs[side]);

    if (producer == NULL || producer->input_count != 2 ||
        graph->values[constant].origin != NEURON_VALUE_CONSTANT) {
        return NEURON_OK;
    }
    struct neuron_tensor_shape result = graph->values[producer->output].shape;
    uint32_t axis = producer->kind == NEURON_OPERATOR_CONV2D ? 1 : result.rank - 1;
    if (!is_bias(&graph->values[constant].shape, &result, axis)) {
        return NEURON_OK;
    }
    enum neuron_status status = add_bias(graph, producer, constant, result.dims[axis], error);
    if (status == NEURON_OK) {
        replace_result(uses, node, producer);
    }
    return status;
}

static void
fuse_activation(const struct neuron_graph *graph, struct value_use *uses,
                const struct neuron_node *node)
{
    struct neuron_node *producer = find_open_producer(graph, uses, node->inputs[0]);

    if (producer != NULL) {
        producer->attributes.activation = node->kind;
        producer->attributes.low = node->attributes.low;
        producer->attributes.high = node->attributes.high;
        replace_result(uses, node, producer);
    }
}

static enum neuron_status
fuse_node(struct neuron_graph *graph, struct value_use *uses, const struct neuron_node *node,
          struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < node->input_count; i += 1) {
        node->inputs[i] = uses[node->inputs[i]].stands_for;
    }
    if (neuron_operator_is_activation(node->kind)) {
        fuse_activation(graph, uses, node);
    } else if (node->kind == NEURON_OPERATOR_ADD) {
        status = fuse_bias(graph, uses, node, 0, error);
        if (status == NEURON_OK && uses[node->output].stands_for == node->output) {
            status = fuse_bias(graph, uses, node, 1, error);
        }
    }
    return status;
}

enum neuron_status
neuron_pass_fuse(struct neuron_graph *graph, struct neuron_error *error)
{
    struct value_use *uses = calloc((size_t)graph->value_count + 1, sizeof(*uses));
    enum neuron_status status = NEURON_OK;

    if (uses == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    count_uses(graph, uses);
    for (uint32_t i = 0; status == NEURON_OK && i < graph->node_count; i += 1) {
        status = fuse_node(graph, uses, &graph->nodes[i], error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < graph->output_count; i += 1) {
        graph->outputs[i].value = uses[graph->outputs[i].value].stands_for;
    }
    free(uses);
    return status;
}

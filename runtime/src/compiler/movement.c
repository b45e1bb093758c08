/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reshapes and transposes that follow one another become one; a transpose that moves dimensions of
 * 1 alone becomes a reshape, which moves nothing; and a transpose that an elementwise operator
 * separates from its counterpart goes with it.
 */
#include "compiler/pass.h"

#include <string.h>

#include "compiler/rewrite.h"

/* reshape(reshape(x)): the shape between does not matter. */
static enum neuron_status
join_reshapes(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    const struct neuron_node *inner = neuron_rewrite_producer(rewrite, node->inputs[0]);
    struct neuron_node wanted = *node;

    if (inner == NULL || inner->kind != NEURON_OPERATOR_RESHAPE) {
        return NEURON_OK;
    }
    wanted.inputs = inner->inputs;
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

/* transpose(transpose(x)): one order behind the other. */
static enum neuron_status
join_transposes(struct neuron_rewrite *rewrite, struct neuron_node *node,
                struct neuron_error *error)
{
    const struct neuron_node *inner = neuron_rewrite_producer(rewrite, node->inputs[0]);
    uint32_t rank = rewrite->graph->values[node->output].shape.rank;
    struct neuron_node wanted = *node;

    if (inner == NULL || inner->kind != NEURON_OPERATOR_TRANSPOSE) {
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < rank; i += 1) {
        wanted.attributes.order[i] = inner->attributes.order[node->attributes.order[i]];
    }
    wanted.inputs = inner->inputs;
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

/* Says whether dimensions of more than 1 stay in their order. */
static bool
keeps_order(const struct neuron_tensor_shape *input, const uint32_t *order)
{
    uint32_t last = 0;

    for (uint32_t i = 0; i < input->rank; i += 1) {
        if (input->dims[order[i]] == 1) {
            continue;
        }
        if (order[i] < last) {
            return false;
        }
        last = order[i];
    }
    return true;
}

static enum neuron_status
become_reshape(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    const struct neuron_tensor_shape *shape = &rewrite->graph->values[node->output].shape;
    struct neuron_node wanted = {.kind = NEURON_OPERATOR_RESHAPE,
                                 .attributes = {.rank = shape->rank},
                                 .inputs = node->inputs,
                                 .input_count = 1};

    if (!keeps_order(&rewrite->graph->values[node->inputs[0]].shape, node->attributes.order)) {
        return NEURON_OK;
    }
    memcpy(wanted.attributes.dims, shape->dims, shape->rank * sizeof(shape->dims[0]));
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

/*
 * transpose(f(transpose(x))) where the two cancel: f takes x, and its readers read it. The node in
 * the middle keeps its place, and its value gets the shape of x.
 */
static void
skip_elementwise(struct neuron_rewrite *rewrite, const struct neuron_node *node)
{
    struct neuron_graph *graph = rewrite->graph;
    struct neuron_node *middle = neuron_rewrite_producer(rewrite, node->inputs[0]);

    if (middle == NULL || middle->input_count != 1 ||
        !neuron_operator_is_elementwise(middle->kind) ||
        !neuron_rewrite_has_readers(rewrite, middle->output, 1)) {
        return;
    }
    const struct neuron_node *first =
        neuron_rewrite_inner(rewrite, middle->inputs[0], NEURON_OPERATOR_TRANSPOSE);
    uint32_t rank = graph->values[node->output].shape.rank;
    for (uint32_t i = 0; first != NULL && i < rank; i += 1) {
        if (first->attributes.order[node->attributes.order[i]] != i) {
            return;
        }
    }
    if (first != NULL) {
        middle->inputs[0] = first->inputs[0];
        if (first->inputs[0] < rewrite->use_count) {
            rewrite->uses[first->inputs[0]].reads += 1;
        }
        graph->values[middle->output].shape = graph->values[node->output].shape;
        neuron_rewrite_forward(rewrite, node, middle->output);
    }
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (node->kind == NEURON_OPERATOR_TRANSPOSE) {
        status = join_transposes(rewrite, node, error);
        if (status == NEURON_OK) {
            status = become_reshape(rewrite, node, error);
        }
    }
    if (status == NEURON_OK && node->kind == NEURON_OPERATOR_TRANSPOSE) {
        skip_elementwise(rewrite, node);
    }
    if (status == NEURON_OK && node->kind == NEURON_OPERATOR_RESHAPE) {
        status = join_reshapes(rewrite, node, error);
    }
    return status;
}

enum neuron_status
neuron_pass_movement(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

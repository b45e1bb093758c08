/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax taken apart, e / sum(e) with e = exp(x - max(x)) or exp(x), over one axis; and the
 * logarithm of a softmax, which is an operator of its own because it loses less.
 */
#include "compiler/pass.h"

#include "compiler/rewrite.h"

/* Says whether a node reduces over one axis, which stays as a dimension of 1. */
static bool
reduces_one_axis(const struct neuron_node *node, uint32_t *axes)
{
    *axes = node->attributes.axes;
    return node->attributes.keep_dims && *axes != 0 && (*axes & (*axes - 1)) == 0;
}

/* What e = exp(x - max(x)) or exp(x) is computed from; max over the same axis. */
static uint32_t
find_exponent(const struct neuron_rewrite *rewrite, const struct neuron_node *exponential,
              uint32_t axes)
{
    uint32_t value = exponential->inputs[0];
    const struct neuron_node *difference =
        neuron_rewrite_inner(rewrite, value, NEURON_OPERATOR_SUBTRACT);
    const struct neuron_node *largest =
        difference == NULL
            ? NULL
            : neuron_rewrite_inner(rewrite, difference->inputs[1], NEURON_OPERATOR_REDUCE_MAX);
    uint32_t axes_of_largest = 0;

    if (largest != NULL && largest->inputs[0] == difference->inputs[0] &&
        reduces_one_axis(largest, &axes_of_largest) && axes_of_largest == axes) {
        return difference->inputs[0];
    }
    return value;
}

static enum neuron_status
rewrite_quotient(struct neuron_rewrite *rewrite, struct neuron_node *node,
                 struct neuron_error *error)
{
    const struct neuron_node *sum =
        neuron_rewrite_inner(rewrite, node->inputs[1], NEURON_OPERATOR_REDUCE_SUM);
    const struct neuron_node *exponential = neuron_rewrite_producer(rewrite, node->inputs[0]);
    uint32_t axes = 0;

    if (sum == NULL || exponential == NULL || exponential->kind != NEURON_OPERATOR_EXP ||
        sum->inputs[0] != node->inputs[0] || !reduces_one_axis(sum, &axes) ||
        !neuron_rewrite_has_readers(rewrite, node->inputs[0], 2)) {
        return NEURON_OK;
    }
    uint32_t input = find_exponent(rewrite, exponential, axes);
    const struct neuron_node wanted = {.kind = NEURON_OPERATOR_SOFTMAX,
                                       .attributes = {.axis = (int32_t)__builtin_ctz(axes)},
                                       .inputs = &input,
                                       .input_count = 1};
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

static enum neuron_status
rewrite_logarithm(struct neuron_rewrite *rewrite, struct neuron_node *node,
                  struct neuron_error *error)
{
    const struct neuron_node *softmax =
        neuron_rewrite_inner(rewrite, node->inputs[0], NEURON_OPERATOR_SOFTMAX);

    if (softmax == NULL) {
        return NEURON_OK;
    }
    struct neuron_node wanted = *softmax;
    wanted.kind = NEURON_OPERATOR_LOG_SOFTMAX;
    return neuron_rewrite_become(rewrite, node, &wanted, error);
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    if (node->kind == NEURON_OPERATOR_DIVIDE) {
        return rewrite_quotient(rewrite, node, error);
    }
    return node->kind == NEURON_OPERATOR_LOG ? rewrite_logarithm(rewrite, node, error) : NEURON_OK;
}

enum neuron_status
neuron_pass_softmax(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activations that are x times a function of x, as exporters write them:
 *     swish        x * sigmoid(x)
 *     hard_swish   x * clip(x + 3, 0, 6) / 6, or x * hard_sigmoid(x) with 1/6 and 1/2
 *     mish         x * tanh(softplus(x))
 */
#include "compiler/pass.h"

#include "compiler/product.h"

static bool
is_sigmoid(const struct neuron_rewrite *rewrite, uint32_t gate, uint32_t x)
{
    const struct neuron_node *node = neuron_rewrite_inner(rewrite, gate, NEURON_OPERATOR_SIGMOID);

    return node != NULL && node->inputs[0] == x;
}

static bool
is_hard_sigmoid(const struct neuron_rewrite *rewrite, uint32_t gate, uint32_t x)
{
    const struct neuron_node *node =
        neuron_rewrite_inner(rewrite, gate, NEURON_OPERATOR_HARD_SIGMOID);

    return node != NULL && node->inputs[0] == x &&
           neuron_rewrite_is_near(node->attributes.alpha, 1.0 / 6.0) &&
           node->attributes.beta == 0.5F;
}

/* clip(x + 3, 0, 6) */
static bool
is_clipped_sum(const struct neuron_rewrite *rewrite, uint32_t gate, uint32_t x)
{
    const struct neuron_node *clip = neuron_rewrite_inner(rewrite, gate, NEURON_OPERATOR_CLIP);
    uint32_t other = 0;
    double number = 0.0;

    if (clip == NULL || clip->attributes.low != 0.0F || clip->attributes.high != 6.0F) {
        return false;
    }
    const struct neuron_node *sum =
        neuron_rewrite_inner(rewrite, clip->inputs[0], NEURON_OPERATOR_ADD);
    return sum != NULL && neuron_rewrite_split(rewrite, sum, &number, &other) && number == 3.0 &&
           other == x;
}

static bool
is_tanh_of_softplus(const struct neuron_rewrite *rewrite, uint32_t gate, uint32_t x)
{
    const struct neuron_node *outer = neuron_rewrite_inner(rewrite, gate, NEURON_OPERATOR_TANH);
    const struct neuron_node *inner =
        outer == NULL ? NULL
                      : neuron_rewrite_inner(rewrite, outer->inputs[0], NEURON_OPERATOR_SOFTPLUS);

    return inner != NULL && inner->inputs[0] == x;
}

/* Says what number * x * gate is; NONE for nothing that has a name. */
static enum neuron_operator
find_kind(const struct neuron_rewrite *rewrite, double number, uint32_t gate, uint32_t x)
{
    if (neuron_rewrite_is_near(number, 1.0 / 6.0)) {
        return is_clipped_sum(rewrite, gate, x) ? NEURON_OPERATOR_HARD_SWISH : NEURON_OPERATOR_NONE;
    }
    if (number != 1.0) {
        return NEURON_OPERATOR_NONE;
    }
    if (is_sigmoid(rewrite, gate, x)) {
        return NEURON_OPERATOR_SWISH;
    }
    if (is_hard_sigmoid(rewrite, gate, x)) {
        return NEURON_OPERATOR_HARD_SWISH;
    }
    return is_tanh_of_softplus(rewrite, gate, x) ? NEURON_OPERATOR_MISH : NEURON_OPERATOR_NONE;
}

static enum neuron_status
rewrite_node(struct neuron_rewrite *rewrite, struct neuron_node *node, struct neuron_error *error)
{
    struct neuron_product product;

    if ((node->kind != NEURON_OPERATOR_MULTIPLY && node->kind != NEURON_OPERATOR_DIVIDE) ||
        !neuron_product_read(rewrite, node->output, true, &product) || product.factor_count != 2) {
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < 2; i += 1) {
        uint32_t x = product.factors[i];
        enum neuron_operator kind = find_kind(rewrite, product.number, product.factors[1 - i], x);

        if (kind != NEURON_OPERATOR_NONE) {
            return neuron_rewrite_become_unary(rewrite, node, kind, x, error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_pass_gate(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

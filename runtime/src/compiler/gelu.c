/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GELU as exporters write it:
 *     x * 0.5 * (1 + erf(x / sqrt(2)))
 *     x * 0.5 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
 * The factors come in any order and brackets, each division may be a multiplication, and the cube
 * may be a power, a product, or taken apart: x * (1 + 0.044715 * x * x).
 */
#include "compiler/pass.h"

#include "compiler/product.h"

static const double root_half = 0.70710678118654752;
static const double root_two_over_pi = 0.79788456080286536;
static const double cube_factor = 0.044715;

/* Says whether a value is x^power times a number, which is returned. */
static bool
is_power(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t x, uint32_t power,
         double *number)
{
    struct neuron_product product;
    double exponent = 0.0;

    if (!neuron_product_read(rewrite, value, false, &product)) {
        return false;
    }
    *number = product.number;
    while (neuron_product_take(&product, x)) {
        if (power == 0) {
            return false;
        }
        power -= 1;
    }
    if (product.factor_count == 0) {
        return power == 0;
    }
    const struct neuron_node *node =
        neuron_rewrite_inner(rewrite, product.factors[0], NEURON_OPERATOR_POWER);
    return product.factor_count == 1 && node != NULL && node->inputs[0] == x &&
           neuron_rewrite_scalar(rewrite, node->inputs[1], &exponent) && exponent == (double)power;
}

/* x + 0.044715 * x^3, with the sum's sides either way. */
static bool
is_cubic_sum(const struct neuron_rewrite *rewrite, const struct neuron_node *sum, uint32_t x)
{
    for (uint32_t side = 0; side < 2; side += 1) {
        double number = 0.0;

        if (sum->inputs[side] == x && is_power(rewrite, sum->inputs[1 - side], x, 3, &number)) {
            return neuron_rewrite_is_near(number, cube_factor);
        }
    }
    return false;
}

/* 1 + 0.044715 * x^2. */
static bool
is_square_sum(const struct neuron_rewrite *rewrite, const struct neuron_node *sum, uint32_t x)
{
    uint32_t square = 0;
    double one = 0.0;
    double number = 0.0;

    return neuron_rewrite_split(rewrite, sum, &one, &square) && one == 1.0 &&
           is_power(rewrite, square, x, 2, &number) && neuron_rewrite_is_near(number, cube_factor);
}

/* sqrt(2 / pi) * (x + 0.044715 * x^3) */
static bool
is_tanh_argument(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t x)
{
    struct neuron_product product;

    if (!neuron_product_read(rewrite, value, false, &product) ||
        !neuron_rewrite_is_near(product.number, root_two_over_pi)) {
        return false;
    }
    bool is_taken_apart = neuron_product_take(&product, x);
    const struct neuron_node *sum =
        product.factor_count == 1
            ? neuron_rewrite_inner(rewrite, product.factors[0], NEURON_OPERATOR_ADD)
            : NULL;
    if (sum == NULL) {
        return false;
    }
    return is_taken_apart ? is_square_sum(rewrite, sum, x) : is_cubic_sum(rewrite, sum, x);
}

/* Says which GELU has the function `value` of x behind its 1 +; NONE for neither. */
static enum neuron_operator
find_kind(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t x)
{
    const struct neuron_node *node = neuron_rewrite_inner(rewrite, value, NEURON_OPERATOR_ERF);
    double number = 0.0;

    if (node != NULL) {
        return is_power(rewrite, node->inputs[0], x, 1, &number) &&
                       neuron_rewrite_is_near(number, root_half)
                   ? NEURON_OPERATOR_GELU
                   : NEURON_OPERATOR_NONE;
    }
    node = neuron_rewrite_inner(rewrite, value, NEURON_OPERATOR_TANH);
    return node != NULL && is_tanh_argument(rewrite, node->inputs[0], x) ? NEURON_OPERATOR_GELU_TANH
                                                                         : NEURON_OPERATOR_NONE;
}

/* `outer` times the gate (a + b * function(x)) must be half of (1 + function(x)). */
static enum neuron_operator
find_gate(const struct neuron_rewrite *rewrite, double outer, uint32_t gate, uint32_t x)
{
    const struct neuron_node *sum = neuron_rewrite_inner(rewrite, gate, NEURON_OPERATOR_ADD);
    struct neuron_product product;
    uint32_t other = 0;
    double number = 0.0;

    if (sum == NULL || !neuron_rewrite_split(rewrite, sum, &number, &other) ||
        !neuron_product_read(rewrite, other, false, &product) || product.factor_count != 1 ||
        !neuron_rewrite_is_near(outer * number, 0.5) ||
        !neuron_rewrite_is_near(outer * product.number, 0.5)) {
        return NEURON_OPERATOR_NONE;
    }
    return find_kind(rewrite, product.factors[0], x);
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
        enum neuron_operator kind = find_gate(rewrite, product.number, product.factors[1 - i], x);

        if (kind != NEURON_OPERATOR_NONE) {
            return neuron_rewrite_become_unary(rewrite, node, kind, x, error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_pass_gelu(struct neuron_graph *graph, struct neuron_error *error)
{
    return neuron_rewrite_nodes(graph, rewrite_node, error);
}

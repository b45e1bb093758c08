/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/product.h"

/* Values whose trees are still to be read. */
struct pending {
    uint32_t values[NEURON_FACTOR_LIMIT];
    uint32_t count;
};

static bool
push(struct pending *pending, uint32_t value)
{
    if (pending->count == NEURON_FACTOR_LIMIT) {
        return false;
    }
    pending->values[pending->count] = value;
    pending->count += 1;
    return true;
}

/* The multiplication or division that a value is taken apart into, or NULL. */
static const struct neuron_node *
find_operation(const struct neuron_rewrite *rewrite, uint32_t value, bool is_root)
{
    const struct neuron_node *node = neuron_rewrite_producer(rewrite, value);

    if (node == NULL || !neuron_rewrite_is_float(rewrite, value) ||
        (node->kind != NEURON_OPERATOR_MULTIPLY && node->kind != NEURON_OPERATOR_DIVIDE)) {
        return NULL;
    }
    return is_root || neuron_rewrite_has_readers(rewrite, value, 1) ? node : NULL;
}

static bool
add_factor(struct neuron_product *product, uint32_t value)
{
    if (product->factor_count == NEURON_FACTOR_LIMIT) {
        return false;
    }
    product->factors[product->factor_count] = value;
    product->factor_count += 1;
    return true;
}

/* Takes one value apart. */
static bool
read_one(const struct neuron_rewrite *rewrite, uint32_t value, bool is_root,
         struct pending *pending, struct neuron_product *product)
{
    const struct neuron_node *node = find_operation(rewrite, value, is_root);
    uint32_t other = 0;
    double number = 0.0;

    if (node == NULL) {
        return add_factor(product, value);
    }
    if (neuron_rewrite_split(rewrite, node, &number, &other)) {
        product->number *= node->kind == NEURON_OPERATOR_DIVIDE ? 1.0 / number : number;
        return push(pending, other);
    }
    if (node->kind == NEURON_OPERATOR_DIVIDE) {
        return add_factor(product, value);
    }
    return push(pending, node->inputs[0]) && push(pending, node->inputs[1]);
}

bool
neuron_product_read(const struct neuron_rewrite *rewrite, uint32_t value, bool is_root,
                    struct neuron_product *product)
{
    struct pending pending = {.values = {value}, .count = 1};
    bool is_first = is_root;

    *product = (struct neuron_product){.number = 1.0};
    while (pending.count > 0) {
        pending.count -= 1;
        if (!read_one(rewrite, pending.values[pending.count], is_first, &pending, product)) {
            return false;
        }
        is_first = false;
    }
    return true;
}

bool
neuron_product_take(struct neuron_product *product, uint32_t factor)
{
    for (uint32_t i = 0; i < product->factor_count; i += 1) {
        if (product->factors[i] == factor) {
            product->factor_count -= 1;
            product->factors[i] = product->factors[product->factor_count];
            return true;
        }
    }
    return false;
}

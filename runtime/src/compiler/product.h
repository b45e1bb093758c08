/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of multiplications as one product, whatever its order and brackets. */
#ifndef NEURON_COMPILER_PRODUCT_H
#define NEURON_COMPILER_PRODUCT_H

#include "compiler/rewrite.h"

enum { NEURON_FACTOR_LIMIT = 4 };

struct neuron_product {
    double number;                         /* all constant scalars in it */
    uint32_t factors[NEURON_FACTOR_LIMIT]; /* values */
    uint32_t factor_count;
};

/*
 * Reads the product that ends in a value: multiplications, and divisions by a constant scalar,
 * whose results nobody else reads. A value that is none of these is its own only factor.
 *
 * is_root  the value's own readers do not matter: it is what gets replaced.
 *
 * Returns false where it has more factors than there is room for.
 */
bool
neuron_product_read(const struct neuron_rewrite *rewrite, uint32_t value, bool is_root,
                    struct neuron_product *product);

/* Takes one factor out of a product; false when it is not in it. */
bool
neuron_product_take(struct neuron_product *product, uint32_t factor);

#endif

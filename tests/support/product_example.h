/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed products with all their arrays, which end where a page begins that cannot be read, so that
 * a step outside ends the test.
 */
#ifndef NEURON_TESTS_PRODUCT_EXAMPLE_H
#define NEURON_TESTS_PRODUCT_EXAMPLE_H

#include <stdbool.h>

#include "engine/kernels/packed_product.h"

/* Numbers before a page that cannot be read. */
struct guarded {
    unsigned char *pages;
    size_t size_bytes;
    float *numbers;
};

/* A product with all its arrays. */
struct product_example {
    struct neuron_packed_product product;
    struct neuron_attributes attributes;
    struct guarded left;
    struct guarded weights;
    struct guarded packed;
    struct guarded bias;
    struct guarded result;
    struct guarded before; /* what the result held */
    struct neuron_packed_product_call call;
};

/* Begins one without activation, whose arrays are still to be made. Does its code run here? */
bool
product_example_begin(struct product_example *example, int code, int64_t depth, int64_t columns);

/* Makes arrays full of numbers between -1 and 1. Rows lie `gap` elements apart. */
void
product_example_make(struct product_example *example, int64_t rows, int64_t gap);

/* Runs it, and fails the test where the result is not what doubles say. */
void
product_example_expect(const struct product_example *example);

void
product_example_release(struct product_example *example);

/* The number that an activation makes of one. */
double
product_example_activate(const struct neuron_packed_product *product, double x);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of any type, a strip at a time, as the two types that kernels compute in: reals as
 * double, which for sums, products, quotients and roots of float32 rounds as float32 itself would,
 * and whole numbers and bool as int64.
 */
#ifndef NEURON_ENGINE_KERNELS_STRIP_H
#define NEURON_ENGINE_KERNELS_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

enum { NEURON_STRIP_ELEMENTS = 256 };

union neuron_strip {
    double real[NEURON_STRIP_ELEMENTS];
    int64_t whole[NEURON_STRIP_ELEMENTS];
};

/* Says whether elements of a type have a fraction. */
bool
neuron_type_is_real(enum neuron_type type);

/* Loads `count` elements, up to a strip, that lie `stride` elements apart, as real numbers. */
void
neuron_strip_load_real(enum neuron_type type, const void *from, int64_t stride, size_t count,
                       double *to);

/* Loads them as whole numbers: reals lose their fraction, and stop at the ends of int64. */
void
neuron_strip_load_whole(enum neuron_type type, const void *from, int64_t stride, size_t count,
                        int64_t *to);

/* Stores dense elements. Whole types get what is left of the fraction and keep their low bits;
   bool says whether the number is not zero. */
void
neuron_strip_store_real(enum neuron_type type, void *to, size_t count, const double *from);
void
neuron_strip_store_whole(enum neuron_type type, void *to, size_t count, const int64_t *from);

/* The address of an element. */
const void *
neuron_element(const struct neuron_tensor_view *view, int64_t position);
void *
neuron_output_element(const struct neuron_tensor_view *view, int64_t position);

#endif

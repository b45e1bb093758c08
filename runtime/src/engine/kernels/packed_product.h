/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of float32 matrices with constant weights, which are packed once: result = activation(
 * left x weights + bias + what the result held). Weights that come from afar are fetched ahead of
 * their use, so that a network whose weights do not stay in the cache runs as if they did.
 *
 * A row of the result depends on that row of the left side alone, and is the same to the last bit
 * however many rows there are and wherever it stands: what a batch is cut into, or filled up to,
 * changes no number. The numbers of two codes below differ by rounding.
 *
 * Any thread, at once, as long as the results do not overlap.
 */
#ifndef NEURON_ENGINE_KERNELS_PACKED_PRODUCT_H
#define NEURON_ENGINE_KERNELS_PACKED_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/operator.h"

/* Of packed weights, in bytes. */
enum { NEURON_PRODUCT_ALIGNMENT = 64 };

/* The machine code that multiplies. Weights are packed for one of them. */
enum neuron_product_code {
    NEURON_PRODUCT_PLAIN,
    NEURON_PRODUCT_AVX2,
    NEURON_PRODUCT_AVX512,
    NEURON_PRODUCT_CODE_COUNT
};

/* Can this processor run it? */
bool
neuron_product_code_runs(enum neuron_product_code code);

/* The fastest that this processor runs. It asks the processor: keep the answer. */
enum neuron_product_code
neuron_product_code_best(void);

/* What is known of a product when its weights are packed. */
struct neuron_packed_product {
    enum neuron_product_code code;
    int64_t depth;   /* of the weights' rows, at least 1 */
    int64_t columns; /* of the weights, at least 1 */
    /* NEURON_OPERATOR_NONE, or what neuron_packed_product_activates() takes. */
    enum neuron_operator activation;
    const struct neuron_attributes *attributes; /* alpha, low, high of the activation, if it has */
};

/* Can the product be finished by this operator? */
bool
neuron_packed_product_activates(enum neuron_operator activation);

/*
 * How many bytes the packed weights take: those of the weights, but that the columns are filled up
 * to a multiple of 16.
 *
 * Returns 0 when the number does not fit.
 */
size_t
neuron_packed_product_bytes(const struct neuron_packed_product *product);

/*
 * Packs the weights.
 *
 * weights        element (k, n) stands at weights[k * row_stride + n * column_stride].
 * packed         as many bytes as said, aligned to NEURON_PRODUCT_ALIGNMENT.
 */
void
neuron_packed_product_pack(const struct neuron_packed_product *product, const float *weights,
                           int64_t row_stride, int64_t column_stride, float *packed);

/* One run of a product. Strides are in elements, and not less than a row has. */
struct neuron_packed_product_call {
    const float *left; /* rows of `depth` elements; the elements of a row lie side by side */
    int64_t left_stride;
    int64_t rows; /* 0 or more */
    const float *packed;
    const float *bias; /* `columns` elements; or NULL */
    float *result;     /* rows of `columns` elements; overlaps nothing that is read */
    int64_t result_stride;
    bool adds_result; /* what the result holds is added, after the bias */
    /* Packed weights that will be needed next, of which the first part is fetched; or NULL. */
    const float *next;
    size_t next_bytes;
};

/* Multiplies. Nothing outside of the arrays is read or written. */
void
neuron_packed_product_run(const struct neuron_packed_product *product,
                          const struct neuron_packed_product_call *call);

#endif

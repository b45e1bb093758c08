/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise arithmetic of two dense float32 tensors whose shapes are broadcast. */
#ifndef NEURON_ENGINE_BROADCAST_H
#define NEURON_ENGINE_BROADCAST_H

#include <stdint.h>

#include "graph/operator.h"
#include "neuron/tensor.h"

/* A loop nest over the result, outermost first; an operand that stretches has a stride of 0. */
struct neuron_broadcast {
    enum neuron_operator kind;
    uint32_t rank; /* at least 1 */
    int64_t dims[NEURON_RANK_LIMIT];
    int64_t left_strides[NEURON_RANK_LIMIT]; /* in elements; 0 or 1 in the innermost loop */
    int64_t right_strides[NEURON_RANK_LIMIT];
};

/* Plans the loops for two shapes that neuron_operator_infer() accepted; joins what can be one. */
struct neuron_broadcast
neuron_broadcast_plan(enum neuron_operator kind, const struct neuron_tensor_shape *left,
                      const struct neuron_tensor_shape *right,
                      const struct neuron_tensor_shape *result);

/* Computes the result. It overlaps no operand. */
void
neuron_broadcast_run(const struct neuron_broadcast *broadcast, const float *left,
                     const float *right, float *result);

#endif

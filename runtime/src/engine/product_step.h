/* SPDX-License-Identifier: Apache-2.0 */
/* Products by our own kernel as steps of a plan. */
#ifndef NEURON_ENGINE_PRODUCT_STEP_H
#define NEURON_ENGINE_PRODUCT_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/packed_product.h"

/* What a step multiplies. */
struct neuron_product_step {
    struct neuron_packed_product product;
    int64_t rows;
    bool has_bias;
    bool adds_result;
    const float *next; /* packed weights of the next such step of the plan; NULL for none */
    size_t next_bytes;
};

/* A product of the rows of a dense left side with constant weights, as a node has it. */
struct neuron_product_shape {
    int64_t rows;
    int64_t depth;
    int64_t columns;
    int64_t row_stride; /* of the weights as they are stored, in elements */
    int64_t column_stride;
};

struct neuron_lowering;

/* Says whether our kernel can do a node on this machine: in float32, with weights that are
   constant, by one core. */
bool
neuron_product_step_fits(const struct neuron_lowering *lowering);

/*
 * Adds the step of a node, whose weights are packed.
 *
 * left    a buffer of the rows, dense.
 * output  a buffer for the result, dense rows, which holds the residual where there is one.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_product_step_add(struct neuron_lowering *lowering, const struct neuron_product_shape *shape,
                        uint32_t left, uint32_t output);

struct neuron_plan;

/* Tells each such step of a complete plan where the weights of the next one are. */
void
neuron_product_steps_link(struct neuron_plan *plan);

#endif

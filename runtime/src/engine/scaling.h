/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of integers of 8 bits that stand for reals. Each channel of the weights has a factor of
 * its own, found when the plan is made; the other operand has one for all of it, found at each run.
 */
#ifndef NEURON_ENGINE_SCALING_H
#define NEURON_ENGINE_SCALING_H

#include <stdbool.h>
#include <stdint.h>

#include <oneapi/dnnl/dnnl.h>

#include "engine/lowering.h"

struct neuron_scaling {
    float *factors; /* of the channels of the weights; the plan's, until it is complete */
    uint32_t axis;  /* of the weights: their channels */
    int64_t channel_count;
    int channel_dim;  /* of the result */
    uint32_t weights; /* the buffer of the rounded weights, dense; empty at first */
    dnnl_memory_desc_t operand_factor; /* the other operand's, broadcast over the result */
    bool has_bias;
    dnnl_memory_desc_t bias; /* likewise */
};

/*
 * Says whether a node is one whose product is to be of 8 bits, and can be here: its weights, the
 * second input, are constant.
 */
bool
neuron_scaling_applies(const struct neuron_lowering *lowering);

/*
 * Lowers a node in 8 bits: rounds its weights, and calls `lower` with the scaling and the operand's
 * type set; where there is no kernel for that, once more without, for float32.
 *
 * axis  of the weights: their channels.
 * rank  of the result as the kernel sees it.
 * dim   of the result: the channels.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_scaling_lower(struct neuron_lowering *lowering, uint32_t axis, int rank, int dim,
                     neuron_lower_fn *lower);

/* Rounds the weights of the node that is being lowered, into their buffer. */
NEURON_MUST_CHECK enum neuron_status
neuron_scaling_round_weights(struct neuron_lowering *lowering);

/* Tells a kernel of the factors, and what it multiplies and adds before all else. */
dnnl_status_t
neuron_scaling_set_factors(const struct neuron_scaling *scaling, dnnl_primitive_attr_t attributes);
dnnl_status_t
neuron_scaling_append(const struct neuron_scaling *scaling, dnnl_post_ops_t after);

/*
 * Adds the step that rounds an operand, and finds the arguments of the kernel for it and for what
 * neuron_scaling_append() appended.
 *
 * operand         a buffer of float32, in the layout that the kernel takes.
 * arguments       receives the operand as the first, and up to two from the third on.
 * argument_count  receives how many there are, the weights included, which stand second.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_scaling_bind(struct neuron_lowering *lowering, uint32_t operand,
                    struct neuron_step_argument *arguments, uint32_t *argument_count);

#endif

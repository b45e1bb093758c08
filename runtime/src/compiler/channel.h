/* SPDX-License-Identifier: Apache-2.0 */
/* Products of float32, conv2d and matmul, and constants that have a number for each channel. */
#ifndef NEURON_COMPILER_CHANNEL_H
#define NEURON_COMPILER_CHANNEL_H

#include "compiler/rewrite.h"

/* The conv2d or matmul of float32 that computes a value which nobody else reads, or NULL. */
struct neuron_node *
neuron_channel_product(const struct neuron_rewrite *rewrite, uint32_t value);

/* The dimension of a product's result that its bias goes along. */
uint32_t
neuron_channel_axis(const struct neuron_graph *graph, const struct neuron_node *product);

/*
 * Says whether a constant, broadcast to a product's result, gives each channel one number, and
 * leaves the shape as it is.
 */
bool
neuron_channel_fits(const struct neuron_graph *graph, const struct neuron_node *product,
                    uint32_t constant);

/*
 * Reads such a constant, or one with a single number for all, unless it is one that is replaced.
 * What is read becomes part of something else: a weight loses its name.
 *
 * numbers  receives one for each channel, which the caller frees; NULL where it is neither.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_channel_read(struct neuron_graph *graph, const struct neuron_node *product,
                    uint32_t constant, double **numbers, struct neuron_error *error);

#endif

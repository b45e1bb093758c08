/* SPDX-License-Identifier: Apache-2.0 */
/* Random networks of convolutions and what stands between them. */
#ifndef NEURON_TESTS_RANDOM_NETWORK_H
#define NEURON_TESTS_RANDOM_NETWORK_H

#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/tensor.h"

enum {
    RANDOM_CHANNELS = 16, /* a block of the layouts that kernels choose */
    RANDOM_EXTENT = 5,
    RANDOM_OUTPUTS = 4
};

/* What a network is made from: the same seed gives the same one. */
struct recipe {
    uint32_t seed;
    uint32_t random;
    float *input; /* that is a constant; NULL for a network with an input */
};

/* The next random number, below a limit. */
uint32_t
recipe_draw(struct recipe *recipe, uint32_t limit);

/* Of the input, and of each output. */
struct neuron_tensor_view
random_network_view(void);

/* Traces the network over an input, or over a constant. The caller destroys it. */
struct neuron_graph *
random_network_trace(struct recipe *recipe);

/*
 * Fails the test unless outputs are what the network over the constant gives, node by node by
 * kernels of our own.
 *
 * input  what the network ran on.
 */
void
random_network_check(uint32_t seed, const struct neuron_tensor_view *input,
                     const struct neuron_tensor_view outputs[RANDOM_OUTPUTS]);

#endif

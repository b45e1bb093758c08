/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a recurrent network as an operator of the graph. */
#ifndef NEURON_GRAPH_RECURRENT_H
#define NEURON_GRAPH_RECURRENT_H

#include "graph/operator.h"

/*
 * Inputs: what is fed in, multiplied by the weights and with both biases, [T,B,G*H]; the recurrence
 * [H,G*H]; then those that the bits of the mode name, in the order of the bits. The result is
 * [T+1,B,H]: the hidden states of all steps, then that which is left at the end; behind them LSTM
 * has the cells that are left.
 *
 * attributes  mode; order: the gates' functions; scales: their three alphas, then three betas;
 *             high: the clip, 0 for none.
 */
enum neuron_recurrent_mode {
    NEURON_RECURRENT_HAS_HIDDEN = 1 << 0,  /* [B,H] to begin with */
    NEURON_RECURRENT_HAS_CELL = 1 << 1,    /* LSTM: [B,H] */
    NEURON_RECURRENT_HAS_PEEPS = 1 << 2,   /* LSTM: [3*H] */
    NEURON_RECURRENT_HAS_BIAS = 1 << 3,    /* GRU: [H], what is reset together with its product */
    NEURON_RECURRENT_HAS_LENGTHS = 1 << 4, /* int32 [B] */
    NEURON_RECURRENT_IS_REVERSE = 1 << 5,
    NEURON_RECURRENT_COUPLES_FORGET = 1 << 6, /* LSTM */
    NEURON_RECURRENT_RESETS_AFTER = 1 << 7    /* GRU */
};

enum {
    NEURON_RECURRENT_OPTIONAL_INPUTS = 5,
    NEURON_RECURRENT_FEWEST_INPUTS = 2,
    NEURON_RECURRENT_MOST_INPUTS = 7
};

/* How many gates, and states, an operator has. */
uint32_t
neuron_recurrent_gate_count(enum neuron_operator kind);
uint32_t
neuron_recurrent_state_count(enum neuron_operator kind);

/* The number of the input that a bit names; UINT32_MAX when the mode does not have it. */
uint32_t
neuron_recurrent_input(uint32_t mode, enum neuron_recurrent_mode input);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent networks in a traced function. */
#ifndef NEURON_TRACE_RECURRENT_H
#define NEURON_TRACE_RECURRENT_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that neuron/trace.h says of operators holds here. Weights lie, and results come, as in
 * ONNX. T is the number of time steps, B the batch, I the input's size, H the hidden size, D the
 * number of directions, and G that of the gates: 4 of LSTM (input, output, forget, cell), 3 of GRU
 * (update, reset, hidden) and 1 of a plain network. All numbers are float32, lengths int32.
 */

/* Which way the steps are walked. */
enum neuron_recurrent_direction {
    NEURON_RECURRENT_FORWARD = 0,
    NEURON_RECURRENT_REVERSE = 1,
    NEURON_RECURRENT_BIDIRECTIONAL = 2 /* forward, then reverse */
};

/* What is applied to a gate. Values stand in compiled files and are never reused. */
enum neuron_gate_function {
    NEURON_GATE_DEFAULT = 0, /* sigmoid for the first of LSTM and GRU, tanh for all else */
    NEURON_GATE_SIGMOID = 1,
    NEURON_GATE_TANH = 2,
    NEURON_GATE_RELU = 3,
    NEURON_GATE_AFFINE = 4,           /* alpha * x + beta */
    NEURON_GATE_LEAKY_RELU = 5,       /* alpha */
    NEURON_GATE_THRESHOLDED_RELU = 6, /* alpha */
    NEURON_GATE_SCALED_TANH = 7,      /* alpha * tanh(beta * x) */
    NEURON_GATE_HARD_SIGMOID = 8,     /* alpha, beta */
    NEURON_GATE_ELU = 9,              /* alpha */
    NEURON_GATE_SOFTSIGN = 10,
    NEURON_GATE_SOFTPLUS = 11
};

struct neuron_gate {
    enum neuron_gate_function function;
    float alpha;
    float beta;
};

enum { NEURON_GATE_FUNCTIONS = 3 /* f, g and h of LSTM; GRU has two, a plain network one */ };

/* What goes in. A zeroed value is one that is left out. */
struct neuron_recurrent_inputs {
    struct neuron_value input;      /* [T,B,I] */
    struct neuron_value weights;    /* [D,G*H,I] */
    struct neuron_value recurrence; /* [D,G*H,H] */
    struct neuron_value bias;       /* [D,2*G*H], of the weights, then of the recurrence; or none */
    struct neuron_value lengths;    /* int32 [B], how many steps each of the batch has; or none */
    struct neuron_value initial_hidden; /* [D,B,H], or none for zeros */
    struct neuron_value initial_cell;   /* LSTM: [D,B,H], or none for zeros */
    struct neuron_value peepholes;      /* LSTM: [D,3*H], of input, output, forget; or none */
};

/* How it is done. A zeroed one has all defaults. */
struct neuron_recurrent_options {
    enum neuron_recurrent_direction direction;
    struct neuron_gate gates[2][NEURON_GATE_FUNCTIONS]; /* of each direction */
    float clip; /* what goes into a gate's function lies between -clip and clip; 0 for no bound */
    bool couples_forget;      /* LSTM: the forget gate is 1 less the input gate */
    bool resets_after_matmul; /* GRU: ONNX's linear_before_reset */
    bool is_batch_first; /* [B,T,I] goes in, and results have the batch first, as do the states */
};

/* What comes out; a step past the length of its row is zero. */
struct neuron_recurrent_results {
    struct neuron_value hidden;      /* [T,D,B,H], of all steps; batch first: [B,T,D,H] */
    struct neuron_value last_hidden; /* [D,B,H]; batch first: [B,D,H] */
    struct neuron_value last_cell;   /* LSTM, of the same shape; else invalid */
};

/* Both are borrowed for the call; `options` may be NULL for all defaults. */
NEURON_API struct neuron_recurrent_results
neuron_lstm(struct neuron_trace *trace, const struct neuron_recurrent_inputs *inputs,
            const struct neuron_recurrent_options *options);
NEURON_API struct neuron_recurrent_results
neuron_gru(struct neuron_trace *trace, const struct neuron_recurrent_inputs *inputs,
           const struct neuron_recurrent_options *options);
NEURON_API struct neuron_recurrent_results
neuron_rnn(struct neuron_trace *trace, const struct neuron_recurrent_inputs *inputs,
           const struct neuron_recurrent_options *options);

#ifdef __cplusplus
}
#endif

#endif

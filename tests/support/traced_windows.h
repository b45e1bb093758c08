/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of neuron/trace_window.h that slide a window, to trace, and as loops in double. */
#ifndef NEURON_TESTS_TRACED_WINDOWS_H
#define NEURON_TESTS_TRACED_WINDOWS_H

#include "neuron/trace_window.h"

#include "reference_operators.h"

enum window_call {
    WINDOW_CONV,
    WINDOW_CONV_TRANSPOSE,
    WINDOW_MAX_POOL,
    WINDOW_AVERAGE_POOL,
    WINDOW_LP_POOL
};

/* `options` of a struct operator_choice. */
struct window_choice {
    enum window_call call;
    struct neuron_conv_options conv;
    struct neuron_conv_transpose_options transposed;
    struct neuron_pool_options pool;
    float power;
    enum neuron_type type; /* NEURON_NO_TYPE for float32; else arguments are rounded to whole
                              numbers from -8 to 8 and cast, and the result is cast back */
};

/* Records the call over the arguments: input, weights, bias. */
neuron_trace_fn record_window;

/* Computes it. */
reference_fn reference_window;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Functions to trace that consist of one operator, chosen and configured by `user`. */
#ifndef NEURON_TESTS_TRACED_OPERATORS_H
#define NEURON_TESTS_TRACED_OPERATORS_H

#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/trace.h"

#include "tensor_text.h"

typedef struct neuron_value
unary_fn(struct neuron_trace *trace, struct neuron_value input);

typedef struct neuron_value
binary_fn(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

/* The arguments of an operator: the first `input_count` are inputs, the rest constants. */
struct operator_arguments {
    struct neuron_tensor_view tensors[TENSOR_TEXT_LIMIT];
    uint32_t count;
    uint32_t input_count;
};

/* What to record. An operator reads the fields that it needs. */
struct operator_choice {
    unary_fn *unary;
    binary_fn *binary;
    int32_t axis;
    float epsilon;
    float low; /* clip */
    float high;
    const struct neuron_gemm_options *gemm;
    const struct neuron_conv2d_options *conv2d;
    const struct neuron_pool2d_options *pool2d;
    const int64_t *dims;
    const uint32_t *order;
    uint32_t rank;
    const void *options;                        /* of operators in headers of their own */
    const struct operator_arguments *arguments; /* set by trace_operator() */
};

/* Each is a neuron_trace_fn with a struct operator_choice as `user`. */
neuron_trace_fn record_unary;
neuron_trace_fn record_binary;
neuron_trace_fn record_clip;
neuron_trace_fn record_softmax;
neuron_trace_fn record_layer_norm;
neuron_trace_fn record_matmul;
neuron_trace_fn record_gemm;
neuron_trace_fn record_conv2d;
neuron_trace_fn record_max_pool2d;
neuron_trace_fn record_average_pool2d;
neuron_trace_fn record_reshape;
neuron_trace_fn record_flatten;
neuron_trace_fn record_transpose;
neuron_trace_fn record_concat;

/* Traces one operator over its arguments. */
enum neuron_status
trace_operator(neuron_trace_fn *record, const struct operator_choice *choice,
               const struct operator_arguments *arguments, struct neuron_graph **graph,
               struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Records a C function over symbolic values as a graph. */
#ifndef NEURON_TRACE_H
#define NEURON_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A traced function is called once, with symbolic inputs of the example's types and shapes, and
 * every operator that it calls is written down. Control flow and shapes are therefore fixed.
 *
 * Operators check types and shapes at once. The first one that fails is remembered with its name
 * and both shapes; it and all that follow yield an invalid value and record nothing, so a function
 * may call one after another and return neuron_trace_status() at its end.
 *
 * The inputs of an operator have one type; where that is none that it takes, its error names those.
 * Broadcasting is that of ONNX and NumPy: shapes are aligned at the last dimension, and a dimension
 * of 1 stretches.
 *
 * One thread at a time for a trace and all its values, which live until neuron_trace() returns.
 */
struct neuron_trace;

/* A symbolic tensor. A zeroed one is invalid. */
struct neuron_value {
    uint32_t id;
};

/*
 * The function to record.
 *
 * inputs   one value per example, in the same order.
 * outputs  to be filled, as many as neuron_trace() was asked for.
 * user     what was given to neuron_trace().
 *
 * Returns neuron_trace_status(), or a status of its own, which ends the trace.
 */
typedef enum neuron_status
neuron_trace_fn(struct neuron_trace *trace, const struct neuron_value *inputs,
                struct neuron_value *outputs, void *user);

/*
 * What goes into and comes out of the function. Borrowed for the call.
 *
 * An input that carries no batch, a table or a threshold, is the same for all rows of one: it is
 * given whole to each run, and any shape will do. It is like the other inputs but for where a batch
 * is cut into pieces (neuron_model_input_is_shared()). The compiler finds it where no other way to
 * cut a batch is proved; where there are several, it is to be declared.
 */
struct neuron_trace_signature {
    const struct neuron_tensor_view *example_inputs; /* types, shapes without a 0; data unread */
    uint32_t input_count;
    uint32_t output_count;
    const char *const *input_names;  /* NULL for "input_0", "input_1", ... */
    const char *const *output_names; /* NULL for "output_0", ... */
    const bool *input_is_shared;     /* one per input: it carries no batch; NULL for none */
};

/*
 * Runs a function over symbolic values and records the graph.
 *
 * user   handed to the function. May be NULL.
 * graph  receives a new graph, which the caller destroys. Unchanged on failure.
 * error  receives the reason on failure: the operator, and the shapes it was given. May be NULL.
 *
 * Returns what the first failing operator reported, what the function returned,
 * NEURON_INVALID_ARGUMENT when an output was not set or a name is used twice, or
 * NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_trace(neuron_trace_fn *function, const struct neuron_trace_signature *signature, void *user,
             struct neuron_graph **graph, struct neuron_error *error);

/* The status of the first operator that failed, or NEURON_OK. */
NEURON_API enum neuron_status
neuron_trace_status(const struct neuron_trace *trace);

/* The type and shape of a value; all zero for an invalid one. */
NEURON_API struct neuron_tensor_shape
neuron_value_shape(const struct neuron_trace *trace, struct neuron_value value);

/* A float32 scalar that is part of the model. */
NEURON_API struct neuron_value
neuron_scalar(struct neuron_trace *trace, float number);

/* A tensor that is part of the model: weights. Its bytes are copied. */
NEURON_API struct neuron_value
neuron_constant(struct neuron_trace *trace, const struct neuron_tensor_view *weights);

/*
 * Weights with a name, by which others can take their place (neuron/model_weights.h): 1 to 255
 * bytes that no other constant of the trace has.
 */
NEURON_API struct neuron_value
neuron_constant_named(struct neuron_trace *trace, const char *name,
                      const struct neuron_tensor_view *weights);

/* Elementwise, with broadcasting. */
NEURON_API struct neuron_value
neuron_add(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_subtract(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_multiply(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_divide(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

/* Elementwise. Gelu is x times the normal distribution up to x, by erf. */
NEURON_API struct neuron_value
neuron_relu(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_gelu(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_sigmoid(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_tanh(struct neuron_trace *trace, struct neuron_value input);

/* Elementwise: what is below `low` becomes `low`, what is above `high` becomes `high`. */
NEURON_API struct neuron_value
neuron_clip(struct neuron_trace *trace, struct neuron_value input, float low, float high);

/* Softmax along one axis; a negative axis counts from the end. */
NEURON_API struct neuron_value
neuron_softmax(struct neuron_trace *trace, struct neuron_value input, int32_t axis);

/*
 * Normalizes over the dimensions from `axis` to the last to mean 0 and variance 1, then multiplies
 * by `scale` and adds `shift`, which have the shape of those dimensions. A zeroed shift, or both
 * zeroed, for none.
 */
NEURON_API struct neuron_value
neuron_layer_norm(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                  struct neuron_value shift, int32_t axis, float epsilon);

/* Matrix product of the last two dimensions, rank 2 or more; those before are broadcast. */
NEURON_API struct neuron_value
neuron_matmul(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

/* Options of neuron_gemm(). */
struct neuron_gemm_options {
    float alpha;
    float beta;
    bool transpose_a;
    bool transpose_b;
};

/*
 * alpha * A * B + beta * C over matrices, each of A and B transposed on demand.
 *
 * c        broadcast to the result; a zeroed value for none.
 * options  NULL for alpha 1, beta 1, nothing transposed.
 */
NEURON_API struct neuron_value
neuron_gemm(struct neuron_trace *trace, struct neuron_value a, struct neuron_value b,
            struct neuron_value c, const struct neuron_gemm_options *options);

/* Options of neuron_conv2d(). A zero stride, dilation or group count stands for 1. */
struct neuron_conv2d_options {
    uint32_t strides[2];   /* height, width */
    uint32_t dilations[2]; /* height, width; 1 is dense */
    uint32_t pads[4];      /* top, left, bottom, right, in rows and columns of zeros */
    uint32_t groups;
};

/*
 * Convolution of [N,C,H,W] with weights [O,C/groups,KH,KW] (a correlation, as everywhere).
 *
 * bias     [O]; a zeroed value for none.
 * options  NULL for all defaults.
 */
NEURON_API struct neuron_value
neuron_conv2d(struct neuron_trace *trace, struct neuron_value input, struct neuron_value weights,
              struct neuron_value bias, const struct neuron_conv2d_options *options);

/* Options of the pooling operators. A zero stride stands for 1. */
struct neuron_pool2d_options {
    uint32_t kernel[2];  /* height, width, at least 1 */
    uint32_t strides[2]; /* height, width */
    uint32_t pads[4];    /* top, left, bottom, right */
    bool count_padding;  /* averages divide by the whole kernel's size, padding included */
};

/* Largest element, or average, of each window of [N,C,H,W]. `options` is not NULL. */
NEURON_API struct neuron_value
neuron_max_pool2d(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_pool2d_options *options);
NEURON_API struct neuron_value
neuron_average_pool2d(struct neuron_trace *trace, struct neuron_value input,
                      const struct neuron_pool2d_options *options);

/* The same elements in a new shape; one dimension may be -1: what is left over. */
NEURON_API struct neuron_value
neuron_reshape(struct neuron_trace *trace, struct neuron_value input, const int64_t *dims,
               uint32_t rank);

/* A matrix: the dimensions before `axis`, and those from it on, each multiplied up. */
NEURON_API struct neuron_value
neuron_flatten(struct neuron_trace *trace, struct neuron_value input, int32_t axis);

/* Reorders dimensions: the result's dimension i is the input's `order[i]`. NULL reverses all. */
NEURON_API struct neuron_value
neuron_transpose(struct neuron_trace *trace, struct neuron_value input, const uint32_t *order);

/* Joins values along one axis; all other dimensions are equal. */
NEURON_API struct neuron_value
neuron_concat(struct neuron_trace *trace, const struct neuron_value *inputs, uint32_t count,
              int32_t axis);

#ifdef __cplusplus
}
#endif

#endif

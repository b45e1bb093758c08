/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and pooling over one to three dimensions, in a traced function. */
#ifndef NEURON_TRACE_WINDOW_H
#define NEURON_TRACE_WINDOW_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Inputs are [N,C,...] with one to three dimensions more, over which the window moves: [N,C,W],
 * [N,C,H,W] or [N,C,D,H,W]. Options have a number for each of these, in their order, and pads
 * first all those before, then all those behind: {left, right}, {top, left, bottom, right}, ...
 * Strides and dilations of 0, and 0 groups, stand for 1. Every window of a pooling sees an element
 * of the input; others are refused. All take real numbers, max_pool also bytes.
 */
enum { NEURON_WINDOW_DIMENSIONS = 3 };

/* Options of neuron_conv(). */
struct neuron_conv_options {
    uint32_t strides[NEURON_WINDOW_DIMENSIONS];
    uint32_t dilations[NEURON_WINDOW_DIMENSIONS]; /* 1 is dense */
    uint32_t pads[2 * NEURON_WINDOW_DIMENSIONS];  /* zeros around the input */
    uint32_t groups;
};

/*
 * Convolution with weights [O,C/groups,...] (a correlation, as everywhere).
 *
 * bias     [O]; a zeroed value for none.
 * options  NULL for all defaults.
 */
NEURON_API struct neuron_value
neuron_conv(struct neuron_trace *trace, struct neuron_value input, struct neuron_value weights,
            struct neuron_value bias, const struct neuron_conv_options *options);

/* Options of neuron_conv_transpose(). */
struct neuron_conv_transpose_options {
    uint32_t strides[NEURON_WINDOW_DIMENSIONS];
    uint32_t dilations[NEURON_WINDOW_DIMENSIONS];
    uint32_t pads[2 * NEURON_WINDOW_DIMENSIONS];       /* cut off from the result */
    uint32_t output_padding[NEURON_WINDOW_DIMENSIONS]; /* more of it behind */
    uint32_t groups;
};

/*
 * The transposition of a convolution, by which gradients and decoders enlarge: each element of the
 * input, times the weights [C,O/groups,...], is added to the result where the window lies.
 *
 * bias     [O]; a zeroed value for none.
 * options  NULL for all defaults.
 */
NEURON_API struct neuron_value
neuron_conv_transpose(struct neuron_trace *trace, struct neuron_value input,
                      struct neuron_value weights, struct neuron_value bias,
                      const struct neuron_conv_transpose_options *options);

/* Options of the pooling operators. */
struct neuron_pool_options {
    uint32_t kernel[NEURON_WINDOW_DIMENSIONS]; /* at least 1 */
    uint32_t strides[NEURON_WINDOW_DIMENSIONS];
    uint32_t dilations[NEURON_WINDOW_DIMENSIONS];
    uint32_t pads[2 * NEURON_WINDOW_DIMENSIONS];
    bool rounds_up;     /* a last window hangs over the end, if it begins before that */
    bool count_padding; /* averages divide by the window's size with its padding */
    bool column_major;  /* indices: the first of the window's dimensions runs fastest */
};

/* Largest element, or average, of each window. `options` is not NULL. */
NEURON_API struct neuron_value
neuron_max_pool(struct neuron_trace *trace, struct neuron_value input,
                const struct neuron_pool_options *options);
NEURON_API struct neuron_value
neuron_average_pool(struct neuron_trace *trace, struct neuron_value input,
                    const struct neuron_pool_options *options);

/* int64: where the largest element of each window stands in the dense input, counted from 0. */
NEURON_API struct neuron_value
neuron_max_pool_indices(struct neuron_trace *trace, struct neuron_value input,
                        const struct neuron_pool_options *options);

/* The sum of |x|^power over each window, to the power of 1 / power, which is from 1 to 1024. */
NEURON_API struct neuron_value
neuron_lp_pool(struct neuron_trace *trace, struct neuron_value input, float power,
               const struct neuron_pool_options *options);

/* The same over all of the dimensions that a window moves over, which become 1. */
NEURON_API struct neuron_value
neuron_global_max_pool(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_global_average_pool(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_global_lp_pool(struct neuron_trace *trace, struct neuron_value input, float power);

/*
 * Zeros, with each element at its index: what neuron_max_pool_indices() gave.
 *
 * counted  the shape that the indices count in, none of whose dimensions is above that of `dims`.
 * dims     the shape of the result. Both have as many numbers as the input dimensions.
 *
 * A run fails with NEURON_INVALID_ARGUMENT at an index outside of `counted`.
 */
NEURON_API struct neuron_value
neuron_max_unpool(struct neuron_trace *trace, struct neuron_value input,
                  struct neuron_value indices, const int64_t *counted, const int64_t *dims);

/*
 * Divides each element by (bias + alpha / size * s) ^ beta, where s is the sum of squares of `size`
 * channels around its own, at the same place.
 */
NEURON_API struct neuron_value
neuron_lrn(struct neuron_trace *trace, struct neuron_value input, uint32_t size, float alpha,
           float beta, float bias);

#ifdef __cplusplus
}
#endif

#endif

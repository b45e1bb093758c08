/* SPDX-License-Identifier: Apache-2.0 */
/* Reductions of a traced function, and operators along one axis. */
#ifndef NEURON_TRACE_REDUCE_H
#define NEURON_TRACE_REDUCE_H

#include "neuron/operator_mode.h"
#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that neuron/trace.h says of operators holds here. All take every number, and negative
 * axes count from the end.
 */

/* What is reduced. */
struct neuron_reduce_options {
    const int32_t *axes; /* each once; borrowed for the call */
    uint32_t axis_count; /* 0 for all axes */
    bool keep_dims;      /* what is reduced stays as a dimension of 1 */
};

/*
 * Sum, mean, product, smallest, largest, sum of absolute values, root of the sum of squares, sum of
 * squares, logarithm of the sum, logarithm of the sum of exponentials. Sums of whole numbers wrap
 * around, what is no whole number loses its fraction. There is no mean, smallest or largest of
 * nothing.
 *
 * options  NULL for all axes, none of which stays.
 */
NEURON_API struct neuron_value
neuron_reduce_sum(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_mean(struct neuron_trace *trace, struct neuron_value input,
                   const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_prod(struct neuron_trace *trace, struct neuron_value input,
                   const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_min(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_max(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_l1(struct neuron_trace *trace, struct neuron_value input,
                 const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_l2(struct neuron_trace *trace, struct neuron_value input,
                 const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_sum_square(struct neuron_trace *trace, struct neuron_value input,
                         const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_log_sum(struct neuron_trace *trace, struct neuron_value input,
                      const struct neuron_reduce_options *options);
NEURON_API struct neuron_value
neuron_reduce_log_sum_exp(struct neuron_trace *trace, struct neuron_value input,
                          const struct neuron_reduce_options *options);

/* Logarithm of the softmax; and 1 at the first largest element along the axis, 0 elsewhere. Both
   are of real numbers. */
NEURON_API struct neuron_value
neuron_log_softmax(struct neuron_trace *trace, struct neuron_value input, int32_t axis);
NEURON_API struct neuron_value
neuron_hardmax(struct neuron_trace *trace, struct neuron_value input, int32_t axis);

/* Options of neuron_arg_max() and neuron_arg_min(). */
struct neuron_arg_options {
    int32_t axis;
    bool keep_dims;  /* the axis stays as a dimension of 1 */
    bool takes_last; /* of equal elements; the first else */
};

/* The index, of int64, of the largest or smallest element along an axis. `options` is not NULL. */
NEURON_API struct neuron_value
neuron_arg_max(struct neuron_trace *trace, struct neuron_value input,
               const struct neuron_arg_options *options);
NEURON_API struct neuron_value
neuron_arg_min(struct neuron_trace *trace, struct neuron_value input,
               const struct neuron_arg_options *options);

/* Adds up along an axis. `mode` has bits of enum neuron_cum_sum_mode. */
NEURON_API struct neuron_value
neuron_cum_sum(struct neuron_trace *trace, struct neuron_value input, int32_t axis, uint32_t mode);

/* Options of neuron_top_k(). */
struct neuron_top_k_options {
    int64_t count; /* how many elements are wanted, at most as many as there are */
    int32_t axis;
    bool is_smallest; /* the smallest ones are wanted; else the largest */
};

/*
 * The largest or smallest elements along an axis, the best one first, of equal ones the first.
 *
 * options  not NULL.
 * indices  receives their indices, of int64.
 *
 * Returns the elements.
 */
NEURON_API struct neuron_value
neuron_top_k(struct neuron_trace *trace, struct neuron_value input,
             const struct neuron_top_k_options *options, struct neuron_value *indices);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of a traced function that move elements, beyond those of neuron/trace.h. */
#ifndef NEURON_TRACE_MOVE_H
#define NEURON_TRACE_MOVE_H

#include "neuron/operator_mode.h"
#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that neuron/trace.h says of operators holds here. All take every type, and negative
 * axes count from the end. Indices are of int32 or int64; negative ones count from the end of their
 * dimension, and a run fails with NEURON_INVALID_ARGUMENT where one is outside of it.
 */

/* What is cut out of one axis: start, start + step, ... before end. */
struct neuron_slice_cut {
    int32_t axis;
    int64_t start; /* negative ones count from the end; what is beyond an end stops there */
    int64_t end;   /* the same */
    int64_t step;  /* not 0; negative ones walk backwards */
};

/* Cuts a part out. Each axis is named once at most; the others stay whole. */
NEURON_API struct neuron_value
neuron_slice(struct neuron_trace *trace, struct neuron_value input,
             const struct neuron_slice_cut *cuts, uint32_t cut_count);

/* Cuts a value into parts along one axis. `sizes`, one for each part, add up to the whole. */
NEURON_API void
neuron_split(struct neuron_trace *trace, struct neuron_value input, int32_t axis,
             const int64_t *sizes, uint32_t part_count, struct neuron_value *parts);

/* Repeats dimensions of 1, and adds dimensions in front, until the shape is `dims`. */
NEURON_API struct neuron_value
neuron_expand(struct neuron_trace *trace, struct neuron_value input, const int64_t *dims,
              uint32_t rank);

/* Repeats the whole: `times`, at least 0, has a number for each dimension. */
NEURON_API struct neuron_value
neuron_tile(struct neuron_trace *trace, struct neuron_value input, const int64_t *times);

/* Chooses along one axis: the axis' place is taken by the dimensions of the indices. */
NEURON_API struct neuron_value
neuron_gather(struct neuron_trace *trace, struct neuron_value input, struct neuron_value indices,
              int32_t axis);

/* Chooses an element for each index, of the index' place but for the axis. */
NEURON_API struct neuron_value
neuron_gather_elements(struct neuron_trace *trace, struct neuron_value input,
                       struct neuron_value indices, int32_t axis);

/*
 * Chooses by tuples, the last dimension of the indices: each names a place in as many dimensions of
 * the input. The first `batch_dims` dimensions of both are equal, and walked through together.
 */
NEURON_API struct neuron_value
neuron_gather_nd(struct neuron_trace *trace, struct neuron_value input, struct neuron_value indices,
                 uint32_t batch_dims);

/*
 * Copies the input, and takes an update to each index, of the index' place but for the axis. Which
 * of several updates of one element stays is not said, unless they are added up or such.
 */
NEURON_API struct neuron_value
neuron_scatter_elements(struct neuron_trace *trace, struct neuron_value input,
                        struct neuron_value indices, struct neuron_value updates, int32_t axis,
                        enum neuron_scatter_mode mode);

/* The same by tuples, the last dimension of the indices, as in neuron_gather_nd(). */
NEURON_API struct neuron_value
neuron_scatter_nd(struct neuron_trace *trace, struct neuron_value input,
                  struct neuron_value indices, struct neuron_value updates,
                  enum neuron_scatter_mode mode);

/*
 * Gives each index, of any number, `depth` places along a new axis of the result: all are values[0]
 * but that of the index, which is values[1]. There is none for an index outside of the depth.
 */
NEURON_API struct neuron_value
neuron_one_hot(struct neuron_trace *trace, struct neuron_value indices, struct neuron_value values,
               int64_t depth, int32_t axis);

/* How a tensor is padded. Both lists have a number for each dimension; negative ones cut off. */
struct neuron_pad_options {
    enum neuron_pad_mode mode;
    const int64_t *before; /* borrowed for the call */
    const int64_t *after;
};

/* Pads. `constant` is one element of the input's type; a zeroed value for zeros. */
NEURON_API struct neuron_value
neuron_pad(struct neuron_trace *trace, struct neuron_value input, struct neuron_value constant,
           const struct neuron_pad_options *options);

/* The lower or upper triangle of each matrix, the last two dimensions: zeros are above or below the
   diagonal that begins `diagonal` columns to the right of the first element. */
NEURON_API struct neuron_value
neuron_tril(struct neuron_trace *trace, struct neuron_value input, int64_t diagonal);
NEURON_API struct neuron_value
neuron_triu(struct neuron_trace *trace, struct neuron_value input, int64_t diagonal);

/* Turns the first elements along the axis of time around, as many as the sequence has. `lengths`,
   of int32 or int64, has a number for each place of the batch's axis. */
NEURON_API struct neuron_value
neuron_reverse_sequence(struct neuron_trace *trace, struct neuron_value input,
                        struct neuron_value lengths, int32_t time_axis, int32_t batch_axis);

/* Turns [N,C,H,W] into [N,C/b/b,H*b,W*b]: channels become blocks of b times b; and back. */
NEURON_API struct neuron_value
neuron_depth_to_space(struct neuron_trace *trace, struct neuron_value input, int64_t block,
                      enum neuron_depth_mode mode);
NEURON_API struct neuron_value
neuron_space_to_depth(struct neuron_trace *trace, struct neuron_value input, int64_t block);

#ifdef __cplusplus
}
#endif

#endif

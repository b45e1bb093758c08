/* SPDX-License-Identifier: Apache-2.0 */
/* Normalizations of a traced function beyond neuron_layer_norm(). */
#ifndef NEURON_TRACE_NORMALIZATION_H
#define NEURON_TRACE_NORMALIZATION_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All take real numbers, and compute mean and variance of what they normalize, unless that is
 * given. Epsilon is added to a variance before its root is taken.
 */

/* Normalizes over the dimensions from `axis` to the last; nothing else. */
NEURON_API struct neuron_value
neuron_standardize(struct neuron_trace *trace, struct neuron_value input, int32_t axis,
                   float epsilon);

/* The mean over these dimensions, or one over the deviation, with dimensions of 1 for them. */
NEURON_API struct neuron_value
neuron_layer_norm_mean(struct neuron_trace *trace, struct neuron_value input, int32_t axis);
NEURON_API struct neuron_value
neuron_layer_norm_inverse_deviation(struct neuron_trace *trace, struct neuron_value input,
                                    int32_t axis, float epsilon);

/* What is known of each channel of a batch normalization: [C], of any real types. */
struct neuron_channel_moments {
    struct neuron_value scale;
    struct neuron_value shift;
    struct neuron_value mean;
    struct neuron_value variance;
};

/*
 * Normalizes each channel of [N,C,...] by moments that training found. With constants it is a
 * multiplication and an addition, which vanish in a convolution before them.
 */
NEURON_API struct neuron_value
neuron_batch_norm(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_channel_moments *moments, float epsilon);

/* Normalizes each channel of each element of the batch; scale and shift are [C]. */
NEURON_API struct neuron_value
neuron_instance_norm(struct neuron_trace *trace, struct neuron_value input,
                     struct neuron_value scale, struct neuron_value shift, float epsilon);

/* Options of neuron_group_norm(). */
struct neuron_group_norm_options {
    int64_t groups; /* that the channels fall into, all of one size */
    float epsilon;
};

/* The same over groups of neighbouring channels; scale and shift are [groups] or [C]. */
NEURON_API struct neuron_value
neuron_group_norm(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                  struct neuron_value shift, const struct neuron_group_norm_options *options);

/* Normalizes over any axes, given as a bit for each dimension. */
NEURON_API struct neuron_value
neuron_mean_variance_norm(struct neuron_trace *trace, struct neuron_value input, uint32_t axes);

/* Divides by the norm along an axis: the sum of |x|^power to the power of 1 / power. Zeros stay. */
NEURON_API struct neuron_value
neuron_lp_norm(struct neuron_trace *trace, struct neuron_value input, int32_t axis, float power);

#ifdef __cplusplus
}
#endif

#endif

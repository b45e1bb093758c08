/* SPDX-License-Identifier: Apache-2.0 */
/* The variants that operators come in. */
#ifndef NEURON_OPERATOR_MODE_H
#define NEURON_OPERATOR_MODE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Values stand in compiled files and are never reused. */

/* What a tensor is padded with. */
enum neuron_pad_mode {
    NEURON_PAD_CONSTANT = 0,
    NEURON_PAD_REFLECT = 1, /* the input, mirrored; the edge itself is there once */
    NEURON_PAD_EDGE = 2
};

/* What an update does to the element that it meets. */
enum neuron_scatter_mode {
    NEURON_SCATTER_REPLACE = 0,
    NEURON_SCATTER_ADD = 1,
    NEURON_SCATTER_MULTIPLY = 2,
    NEURON_SCATTER_MIN = 3,
    NEURON_SCATTER_MAX = 4
};

/* Bits: whether a cumulative sum is without the element itself, and from the end on. */
enum neuron_cum_sum_mode { NEURON_CUM_SUM_EXCLUSIVE = 1, NEURON_CUM_SUM_REVERSE = 2 };

/* How the channels of depth_to_space are numbered: block, then channel, or the other way round. */
enum neuron_depth_mode { NEURON_DEPTH_BLOCK_FIRST = 0, NEURON_DEPTH_CHANNEL_FIRST = 1 };

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Slices of a tensor along any dimension, packed into dense memory and unpacked from there. */
#ifndef NEURON_DP_SLICE_COPY_H
#define NEURON_DP_SLICE_COPY_H

#include <stddef.h>

/*
 * Where a slice stands in its tensor. All dimensions outside of the one that is cut are one, and so
 * are all inside: the slice is runs of bytes at equal distances.
 */
struct neuron_slice {
    size_t first_byte; /* from the start of the tensor to the first run */
    size_t run_bytes;
    size_t stride_bytes; /* from one run to the next */
    size_t run_count;
};

/* How many bytes a slice has: those of a dense tensor of its shape. */
size_t
neuron_slice_size_bytes(const struct neuron_slice *slice);

/*
 * Copies a slice out of a tensor into dense memory. A slice that is larger than the caches is
 * written past them.
 *
 * dense  neuron_slice_size_bytes() bytes, which do not overlap the tensor. NULL where that is 0.
 */
void
neuron_slice_pack(const struct neuron_slice *slice, const void *tensor, void *dense);

/* Copies dense memory into a slice of a tensor, whose other bytes it leaves alone. Else as above.
   Threads may unpack into slices of one tensor that do not overlap. */
void
neuron_slice_unpack(const struct neuron_slice *slice, const void *dense, void *tensor);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "slice_copy.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "batch_split.h"
#include "memory_lines.h"
#include "run_copy.h"

enum {
    /* Of a slice: more than what one core has of the caches, so that it will not be found there. */
    STREAM_BYTES = 8 * 1024 * 1024,
    /* Runs that are written closer than that fall to lines which their neighbours have brought. */
    SPREAD_STRIDE_BYTES = NEURON_LINE_BYTES / 2
};

size_t
neuron_slice_size_bytes(const struct neuron_slice *slice)
{
    return slice->run_bytes * slice->run_count;
}

/* Says whether runs begin and end with lines. */
static bool
are_lines(const void *address, size_t run_bytes, size_t stride_bytes)
{
    return ((uintptr_t)address | run_bytes | stride_bytes) % NEURON_LINE_BYTES == 0;
}

void
neuron_slice_pack(const struct neuron_slice *slice, const void *tensor, void *dense)
{
    struct neuron_run_copy copy = {.target = dense,
                                   .target_stride = slice->run_bytes,
                                   .source_stride = slice->stride_bytes,
                                   .run_bytes = slice->run_bytes,
                                   .run_count = slice->run_count};
    size_t size_bytes = neuron_slice_size_bytes(slice);

    if (size_bytes == 0) {
        return;
    }
    copy.source = (const unsigned char *)tensor + slice->first_byte;
    if (size_bytes < STREAM_BYTES) {
        neuron_run_copy(&copy);
    } else if (are_lines(dense, slice->run_bytes, 0) || slice->run_bytes > NEURON_TILE_BYTES) {
        neuron_run_copy_stream(&copy);
    } else {
        neuron_run_copy_stream_packed(&copy);
    }
}

/* Unpacks some of the runs. */
static void
unpack_runs(const struct neuron_slice *slice, const void *dense, void *tensor,
            struct neuron_row_range runs)
{
    size_t first = (size_t)runs.first;
    const struct neuron_run_copy copy = {
        .target = (unsigned char *)tensor + slice->first_byte + first * slice->stride_bytes,
        .source = (const unsigned char *)dense + first * slice->run_bytes,
        .target_stride = slice->stride_bytes,
        .source_stride = slice->run_bytes,
        .run_bytes = slice->run_bytes,
        .run_count = (size_t)runs.count};
    bool is_large = neuron_slice_size_bytes(slice) >= STREAM_BYTES;
    bool has_lines = slice->run_bytes > NEURON_LINE_BYTES ||
                     are_lines(copy.target, slice->run_bytes, slice->stride_bytes);

    if (runs.count == 0) {
        return;
    }
    if (is_large && has_lines) {
        neuron_run_copy_stream(&copy);
    } else if (is_large && slice->stride_bytes >= SPREAD_STRIDE_BYTES) {
        neuron_run_copy_spread(&copy);
    } else {
        neuron_run_copy(&copy);
    }
}

/*
 * The run that is unpacked first: as far through the runs as the slice is through the dimension.
 * Threads that unpack slices side by side would else write to the same lines at the same time,
 * where a run begins or ends within one.
 */
static int64_t
first_unpacked(const struct neuron_slice *slice)
{
    return (int64_t)((double)slice->run_count * (double)slice->first_byte /
                     (double)slice->stride_bytes);
}

void
neuron_slice_unpack(const struct neuron_slice *slice, const void *dense, void *tensor)
{
    if (neuron_slice_size_bytes(slice) == 0) {
        return;
    }

    const int64_t count = (int64_t)slice->run_count;
    const int64_t first = first_unpacked(slice);
    const struct neuron_row_range later = {.first = first, .count = count - first};
    const struct neuron_row_range earlier = {.first = 0, .count = first};

    unpack_runs(slice, dense, tensor, later);
    unpack_runs(slice, dense, tensor, earlier);
}

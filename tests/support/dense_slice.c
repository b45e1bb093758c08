/* SPDX-License-Identifier: Apache-2.0 */
#include "dense_slice.h"

#include <assert.h>

struct neuron_slice
dense_slice_of(const struct neuron_tensor_shape *shape, uint32_t dim, struct neuron_row_range range)
{
    size_t inner_bytes = neuron_type_size_bytes(shape->type);
    size_t outer_count = 1;

    assert(dim < shape->rank && range.first >= 0 && range.count >= 0);
    assert(range.first + range.count <= shape->dims[dim]);
    for (uint32_t i = 0; i < dim; i += 1) {
        outer_count *= (size_t)shape->dims[i];
    }
    for (uint32_t i = dim + 1; i < shape->rank; i += 1) {
        inner_bytes *= (size_t)shape->dims[i];
    }

    struct neuron_slice slice = {.first_byte = (size_t)range.first * inner_bytes,
                                 .run_bytes = (size_t)range.count * inner_bytes,
                                 .stride_bytes = (size_t)shape->dims[dim] * inner_bytes,
                                 .run_count = outer_count};

    if (slice.run_bytes == slice.stride_bytes && slice.run_count > 0) {
        /* The whole extent is one run. */
        slice.run_bytes *= slice.run_count;
        slice.stride_bytes = slice.run_bytes;
        slice.run_count = 1;
    }
    return slice;
}

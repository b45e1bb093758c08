/* SPDX-License-Identifier: Apache-2.0 */
/* The way back from a max_pool: each element to the place that its index tells. */
#include <inttypes.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/reals.h"
#include "engine/kernels/strip.h"

/* Where an index that counts in one shape lies in a larger one of the same rank. */
static int64_t
move_index(const struct neuron_kernel_call *call, int64_t index)
{
    int64_t position = 0;
    int64_t stride = 1;

    for (uint32_t i = call->output.rank; i > 0; i -= 1) {
        int64_t extent = call->attributes->starts[i - 1];

        position += index % extent * stride;
        index /= extent;
        stride *= call->output.shape[i - 1];
    }
    return position;
}

enum neuron_status
neuron_kernel_max_unpool(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const int64_t *indices = call->inputs[1].data;
    size_t element_bytes = neuron_type_size_bytes(call->output.type);
    int64_t limit = 1;

    for (uint32_t i = 0; i < call->output.rank; i += 1) {
        limit *= call->attributes->starts[i];
    }
    memset(call->output.data, 0, (size_t)neuron_view_count(&call->output) * element_bytes);
    for (int64_t i = 0; i < neuron_view_count(&call->inputs[0]); i += 1) {
        if (indices[i] < 0 || indices[i] >= limit) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "max_unpool: index %" PRId64 " is outside of %" PRId64 " elements",
                               indices[i], limit);
        }
        memcpy(neuron_output_element(&call->output, move_index(call, indices[i])),
               neuron_element(&call->inputs[0], i), element_bytes);
    }
    return NEURON_OK;
}

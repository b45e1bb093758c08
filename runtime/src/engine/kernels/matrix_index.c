/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/matrix_index.h"

int64_t
neuron_matrix_count(const struct neuron_tensor_view *tensor)
{
    int64_t count = 1;

    for (uint32_t i = 0; i + 2 < tensor->rank; i += 1) {
        count *= tensor->shape[i];
    }
    return count;
}

int64_t
neuron_matrix_index(const struct neuron_tensor_view *operand,
                    const struct neuron_tensor_view *result, int64_t index)
{
    int64_t found = 0;
    int64_t stride = 1;

    for (uint32_t i = 0; i + 2 < operand->rank; i += 1) {
        int64_t extent = operand->shape[operand->rank - 3 - i];
        int64_t whole = result->shape[result->rank - 3 - i];

        found += extent == 1 ? 0 : index % whole * stride;
        stride *= extent;
        index /= whole;
    }
    return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_views.h"

size_t
neuron_row_size_bytes(const struct neuron_tensor_shape *shape)
{
    struct neuron_tensor_shape row = *shape;

    row.dims[0] = 1;
    return neuron_tensor_shape_size_bytes(&row);
}

struct neuron_tensor_view
neuron_row_view(const struct neuron_tensor_view *view, uint64_t first, uint64_t count)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    unsigned char *start = view->data;
    size_t row_bytes = neuron_row_size_bytes(&shape);

    shape.dims[0] = (int64_t)count;
    return neuron_tensor_view_of(&shape, start == NULL ? NULL : start + first * row_bytes);
}

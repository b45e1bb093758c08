/* SPDX-License-Identifier: Apache-2.0 */
#include "row_layouts.h"

/* Lays a tensor out as blocks before `dim`, and rows of `row_extent` along it. */
static struct neuron_row_layout
layout_of(const struct neuron_program_tensor *tensor, uint32_t dim, int64_t row_extent)
{
    const struct neuron_tensor_shape *shape = &tensor->spec->shape;
    struct neuron_row_layout layout = {.outer_count = 1,
                                       .row_bytes = neuron_type_size_bytes(shape->type),
                                       .is_shared = tensor->is_shared};

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        if (tensor->is_shared || i > dim) {
            layout.row_bytes *= (size_t)shape->dims[i];
        } else if (i < dim) {
            layout.outer_count *= (size_t)shape->dims[i];
        }
    }
    layout.row_bytes *= tensor->is_shared ? 1 : (size_t)row_extent;
    return layout;
}

void
neuron_row_layouts_dynamic(const struct neuron_program_specs *specs,
                           struct neuron_row_layout *layouts)
{
    for (uint32_t i = 0; i < specs->input_count + specs->output_count; i += 1) {
        struct neuron_program_tensor tensor = neuron_program_specs_tensor(specs, i);

        layouts[i] = layout_of(&tensor, 0, 1);
    }
}

void
neuron_row_layouts_exact(const struct neuron_program_specs *specs, int32_t dim,
                         struct neuron_row_layout *layouts)
{
    for (uint32_t i = 0; i < specs->input_count + specs->output_count; i += 1) {
        struct neuron_program_tensor tensor = neuron_program_specs_tensor(specs, i);
        uint32_t rank = tensor.spec->shape.rank;
        /* What is not cut need not have the dimension. */
        bool is_whole = tensor.is_shared || rank == 0;
        uint32_t own_dim = is_whole ? 0 : neuron_dim_in_rank(dim, rank);

        layouts[i] = layout_of(&tensor, own_dim, is_whole ? 1 : tensor.spec->shape.dims[own_dim]);
    }
}

void
neuron_row_layouts_buffer_bytes(const struct neuron_row_layout *layouts, uint32_t count,
                                int64_t run_rows, size_t *buffer_bytes)
{
    for (uint32_t i = 0; i < count; i += 1) {
        buffer_bytes[i] = layouts[i].is_shared
                              ? 0
                              : layouts[i].outer_count * layouts[i].row_bytes * (size_t)run_rows;
    }
}

bool
neuron_row_layouts_are_strided(const struct neuron_row_layout *layouts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        if (!layouts[i].is_shared && layouts[i].outer_count > 1) {
            return true;
        }
    }
    return false;
}

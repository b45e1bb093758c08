/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the input with updates at indices that are data: scatter_elements, scatter_nd. */
#include <string.h>

#include "engine/kernels/index.h"
#include "engine/kernels/kernel.h"
#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

/* The extreme of two reals; what is no number, and so not even equal to itself, wins. */
static double
choose_real(uint32_t mode, double old, double update)
{
    bool is_taken = mode == NEURON_SCATTER_MAX ? update > old : update < old;

    return is_taken || update != update ? update : old;
}

static double
combine_reals(uint32_t mode, double old, double update)
{
    switch (mode) {
    case NEURON_SCATTER_ADD:
        return old + update;
    case NEURON_SCATTER_MULTIPLY:
        return old * update;
    default:
        return choose_real(mode, old, update);
    }
}

/* Whole numbers wrap around. */
static int64_t
combine_wholes(uint32_t mode, int64_t old, int64_t update)
{
    switch (mode) {
    case NEURON_SCATTER_ADD:
        return (int64_t)((uint64_t)old + (uint64_t)update);
    case NEURON_SCATTER_MULTIPLY:
        return (int64_t)((uint64_t)old * (uint64_t)update);
    case NEURON_SCATTER_MAX:
        return update > old ? update : old;
    default:
        return update < old ? update : old;
    }
}

/* Combines up to a strip of elements side by side. */
static void
combine_strip(const struct neuron_kernel_call *call, int64_t position, int64_t update, size_t count)
{
    const struct neuron_tensor_view *output = &call->output;
    void *to = neuron_output_element(output, position);
    const void *from = neuron_element(&call->inputs[2], update);
    union neuron_strip old;
    union neuron_strip next;

    if (neuron_type_is_real(output->type)) {
        neuron_strip_load_real(output->type, to, 1, count, old.real);
        neuron_strip_load_real(output->type, from, 1, count, next.real);
        for (size_t i = 0; i < count; i += 1) {
            old.real[i] = combine_reals(call->attributes->mode, old.real[i], next.real[i]);
        }
        neuron_strip_store_real(output->type, to, count, old.real);
        return;
    }
    neuron_strip_load_whole(output->type, to, 1, count, old.whole);
    neuron_strip_load_whole(output->type, from, 1, count, next.whole);
    for (size_t i = 0; i < count; i += 1) {
        old.whole[i] = combine_wholes(call->attributes->mode, old.whole[i], next.whole[i]);
    }
    neuron_strip_store_whole(output->type, to, count, old.whole);
}

/* Takes updates side by side into the result. */
static void
take_updates(const struct neuron_kernel_call *call, int64_t position, int64_t update, int64_t count)
{
    if (call->attributes->mode == NEURON_SCATTER_REPLACE) {
        memcpy(neuron_output_element(&call->output, position),
               neuron_element(&call->inputs[2], update),
               (size_t)count * neuron_type_size_bytes(call->output.type));
        return;
    }
    for (int64_t done = 0; done < count; done += NEURON_STRIP_ELEMENTS) {
        int64_t left = count - done;

        combine_strip(call, position + done, update + done,
                      left < NEURON_STRIP_ELEMENTS ? (size_t)left : NEURON_STRIP_ELEMENTS);
    }
}

/* Starts from the input. Returns how many elements the updates have. */
static int64_t
begin(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *output = &call->output;
    const struct neuron_tensor_view *updates = &call->inputs[2];

    if (!neuron_view_is_empty(output)) {
        memcpy(output->data, call->inputs[0].data,
               (size_t)neuron_dims_product(output, 0, output->rank) *
                   neuron_type_size_bytes(output->type));
    }
    return neuron_view_is_empty(updates) ? 0 : neuron_dims_product(updates, 0, updates->rank);
}

enum neuron_status
neuron_kernel_scatter_elements(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t limit = call->inputs[0].shape[axis];
    int64_t count = begin(call);
    struct neuron_index_walk walk = {0};

    neuron_index_walk_begin(&walk, &call->inputs[0], &call->inputs[1], axis);
    for (int64_t i = 0; i < count; i += 1) {
        int64_t index = 0;
        enum neuron_status status = neuron_index_read(call, i, limit, &index, error);

        if (status != NEURON_OK) {
            return status;
        }
        take_updates(call, walk.position + index * walk.axis_stride, i, 1);
        neuron_index_walk_next(&walk);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_scatter_nd(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_tensor_view *indices = &call->inputs[1];
    int64_t count = begin(call);
    uint32_t depth = (uint32_t)indices->shape[indices->rank - 1];
    int64_t run = neuron_dims_product(input, depth, input->rank);

    for (int64_t done = 0; done < count; done += run) {
        int64_t position = 0;
        enum neuron_status status = neuron_index_read_tuple(call, done / run, 0, &position, error);

        if (status != NEURON_OK) {
            return status;
        }
        take_updates(call, position, done, run);
    }
    return NEURON_OK;
}

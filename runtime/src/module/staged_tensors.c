/* SPDX-License-Identifier: Apache-2.0 */
#include "module/staged_tensors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static int64_t
least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Where an element lies in a dense tensor, in bytes. */
static size_t
offset_of(const struct neuron_tensor_view *view, const int64_t *index)
{
    int64_t offset = 0;

    for (uint32_t i = 0; i < view->rank; i += 1) {
        offset = offset * view->shape[i] + index[i];
    }
    return (size_t)offset * neuron_type_size_bytes(view->type);
}

/* The last dimension in which two tensors of one rank differ; they do. */
static uint32_t
last_difference(const struct neuron_tensor_view *left, const struct neuron_tensor_view *right)
{
    uint32_t dim = left->rank - 1;

    while (dim > 0 && left->shape[dim] == right->shape[dim]) {
        dim -= 1;
    }
    return dim;
}

/* Goes on in the dimensions before `dim` of the part that two tensors have in common; false behind
   the last. */
static bool
next_block(const struct neuron_tensor_view *left, const struct neuron_tensor_view *right,
           uint32_t dim, int64_t *index)
{
    for (uint32_t i = dim; i > 0; i -= 1) {
        index[i - 1] += 1;
        if (index[i - 1] < least(left->shape[i - 1], right->shape[i - 1])) {
            return true;
        }
        index[i - 1] = 0;
    }
    return false;
}

/* Copies the part that two dense tensors have in common, of one type and rank and of elements; they
   differ in shape, and so are no scalars. What lies together in both is copied at once. */
static void
copy_common(const struct neuron_tensor_view *from, const struct neuron_tensor_view *to)
{
    int64_t index[NEURON_RANK_LIMIT] = {0};
    uint32_t dim = last_difference(from, to);
    size_t block_bytes =
        (size_t)least(from->shape[dim], to->shape[dim]) * neuron_type_size_bytes(from->type);
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(to);

    if (neuron_tensor_shape_size_bytes(&shape) == 0) {
        return;
    }
    for (uint32_t i = dim + 1; i < from->rank; i += 1) {
        block_bytes *= (size_t)from->shape[i];
    }
    do {
        memcpy((unsigned char *)to->data + offset_of(to, index),
               (const unsigned char *)from->data + offset_of(from, index), block_bytes);
    } while (next_block(from, to, dim, index));
}

/* Puts the last of so many rows in the place of those behind it. */
static void
repeat_last_row(const struct neuron_tensor_view *view, int64_t row_count)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    size_t row_bytes = neuron_tensor_shape_size_bytes(&shape) / (size_t)shape.dims[0];
    unsigned char *last = (unsigned char *)view->data + (size_t)(row_count - 1) * row_bytes;

    for (int64_t i = row_count; i < shape.dims[0]; i += 1) {
        memcpy(last + (size_t)(i - row_count + 1) * row_bytes, last, row_bytes);
    }
}

/* Fills an input of the model's shape. */
static void
pad(const struct neuron_tensor_view *given, const struct neuron_tensor_view *padded,
    bool repeats_row)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(padded);

    /* Rows that are there and the one that is repeated leave nothing over. */
    if (!repeats_row || last_difference(given, padded) > 0) {
        memset(padded->data, 0, neuron_tensor_shape_size_bytes(&shape));
    }
    copy_common(given, padded);
    if (repeats_row) {
        repeat_last_row(padded, given->shape[0]);
    }
}

static void *
allocate(const struct neuron_tensor_shape *shape)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);

    return aligned_alloc(ALIGNMENT, size_bytes + ALIGNMENT - size_bytes % ALIGNMENT);
}

/* Gives a tensor the shape of the model; `place` is its number among all. */
static enum neuron_status
stage(struct neuron_staged_tensors *staged, uint32_t place, const struct neuron_tensor_spec *spec,
      const struct neuron_tensor_view *given, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(given);

    if (given->data == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%.60s has no data", spec->name);
    }
    staged->addresses[place] = given->data;
    if (neuron_tensor_shape_equals(&shape, &spec->shape)) {
        return NEURON_OK;
    }
    if (staged->owned[place] == NULL) {
        staged->owned[place] = allocate(&spec->shape);
    }
    if (staged->owned[place] == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory to pad %.60s", spec->name);
    }
    staged->addresses[place] = staged->owned[place];
    return NEURON_OK;
}

static bool
is_staged(const struct neuron_staged_tensors *staged, uint32_t place)
{
    return staged->owned[place] != NULL && staged->addresses[place] == staged->owned[place];
}

/* Makes room for the addresses of a model, unless it is the one of the run before. */
static enum neuron_status
open_for(struct neuron_staged_tensors *staged, const struct neuron_model *model,
         struct neuron_error *error)
{
    size_t count = (size_t)neuron_model_input_count(model) + neuron_model_output_count(model) + 1;

    if (staged->model == model) {
        return NEURON_OK;
    }
    neuron_staged_tensors_close(staged);
    staged->addresses = calloc(count, sizeof(void *));
    staged->owned = calloc(count, sizeof(void *));
    if (staged->addresses == NULL || staged->owned == NULL) {
        neuron_staged_tensors_close(staged);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    staged->model = model;
    return NEURON_OK;
}

enum neuron_status
neuron_staged_tensors_fill(struct neuron_staged_tensors *staged, const struct neuron_model *model,
                           const struct neuron_tensor_view *inputs,
                           const struct neuron_tensor_view *outputs,
                           enum neuron_staged_padding padding, struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(model);
    enum neuron_status status = open_for(staged, model, error);

    for (uint32_t i = 0; status == NEURON_OK && i < input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);

        status = stage(staged, i, spec, &inputs[i], error);
        if (status == NEURON_OK && is_staged(staged, i)) {
            const struct neuron_tensor_view padded =
                neuron_tensor_view_of(&spec->shape, staged->owned[i]);

            pad(&inputs[i], &padded,
                padding == NEURON_STAGED_LAST_ROW && !neuron_model_input_is_shared(model, i));
        }
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_model_output_count(model); i += 1) {
        status = stage(staged, input_count + i, neuron_model_output(model, i), &outputs[i], error);
    }
    return status;
}

void
neuron_staged_tensors_trim(const struct neuron_staged_tensors *staged,
                           const struct neuron_tensor_view *outputs)
{
    uint32_t input_count = neuron_model_input_count(staged->model);

    for (uint32_t i = 0; i < neuron_model_output_count(staged->model); i += 1) {
        if (is_staged(staged, input_count + i)) {
            const struct neuron_tensor_view whole = neuron_tensor_view_of(
                &neuron_model_output(staged->model, i)->shape, staged->owned[input_count + i]);

            copy_common(&whole, &outputs[i]);
        }
    }
}

void
neuron_staged_tensors_close(struct neuron_staged_tensors *staged)
{
    if (staged->model != NULL && staged->owned != NULL) {
        uint32_t count =
            neuron_model_input_count(staged->model) + neuron_model_output_count(staged->model);

        for (uint32_t i = 0; i < count; i += 1) {
            free(staged->owned[i]);
        }
    }
    free(staged->addresses);
    free(staged->owned);
    *staged = (struct neuron_staged_tensors){0};
}

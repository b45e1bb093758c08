/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_tensors.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
    NO_ROWS = -1,          /* a number of rows that is still to be found */
    SHAPE_TEXT_BYTES = 64, /* two shapes and a name stay within one error text */
    PLACE_TEXT_BYTES = 64
};

/* One tensor of a call beside what the model says of it. */
struct place {
    const struct neuron_tensor_spec *spec;
    const struct neuron_tensor_view *view;
    uint32_t index;
    bool is_input;
    bool is_shared; /* an input that carries no batch */
};

enum neuron_status
neuron_model_find_batch(const struct neuron_model *model, int64_t *compiled_batch,
                        struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(model);
    uint32_t count = input_count + neuron_model_output_count(model);
    enum neuron_status status = neuron_model_check_batchable(model, error);
    int64_t batch = NO_ROWS;

    if (status != NEURON_OK) {
        return status;
    }
    if (input_count == 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the model \"%.60s\" has no input that could be cut",
                           neuron_model_name(model));
    }
    /* Buffers are sized by this number, so it is not left to anybody's promise. */
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *spec = i < input_count
                                                    ? neuron_model_input(model, i)
                                                    : neuron_model_output(model, i - input_count);
        int64_t rows = spec->shape.rank > 0 ? spec->shape.dims[0] : 0;

        if (i < input_count && neuron_model_input_is_shared(model, i)) {
            continue;
        }
        batch = batch == NO_ROWS ? rows : batch;
        if (rows < 1 || rows != batch) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "the model \"%.60s\" has no common number of rows: \"%.60s\" is "
                               "compiled for %" PRId64,
                               neuron_model_name(model), spec->name, rows);
        }
    }
    *compiled_batch = batch;
    return NEURON_OK;
}

/* The tensor at a position: first the inputs, then the outputs. */
static struct place
place_at(const struct neuron_batch_tensors *tensors, const struct neuron_model *model,
         uint32_t position)
{
    bool is_input = position < tensors->input_count;
    uint32_t index = is_input ? position : position - tensors->input_count;
    struct place place = {
        .spec = is_input ? neuron_model_input(model, index) : neuron_model_output(model, index),
        .view = is_input ? &tensors->inputs[index] : &tensors->outputs[index],
        .index = index,
        .is_input = is_input,
        .is_shared = is_input && neuron_model_input_is_shared(model, index),
    };

    return place;
}

/* The first tensor that has rows; a model has an output, so there is one. */
static struct place
first_with_rows(const struct neuron_batch_tensors *tensors, const struct neuron_model *model)
{
    struct place place = place_at(tensors, model, 0);

    for (uint32_t i = 1; place.is_shared; i += 1) {
        place = place_at(tensors, model, i);
    }
    return place;
}

/* Names a tensor for an error text: input 0 "images". */
static const char *
format_place(const struct place *place, char *text, size_t size_bytes)
{
    (void)snprintf(text, size_bytes, "%s %" PRIu32 " \"%.40s\"",
                   place->is_input ? "input" : "output", place->index, place->spec->name);
    return text;
}

static enum neuron_status
check_counts(const struct neuron_batch_tensors *tensors, const struct neuron_model *model,
             struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(model);
    uint32_t output_count = neuron_model_output_count(model);

    if (tensors->input_count != input_count || (input_count > 0 && tensors->inputs == NULL)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%" PRIu32 " inputs are given, the model \"%.60s\" takes %" PRIu32,
                           tensors->inputs == NULL ? 0 : tensors->input_count,
                           neuron_model_name(model), input_count);
    }
    if (tensors->output_count != output_count || (output_count > 0 && tensors->outputs == NULL)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%" PRIu32 " outputs are given, the model \"%.60s\" gives %" PRIu32,
                           tensors->outputs == NULL ? 0 : tensors->output_count,
                           neuron_model_name(model), output_count);
    }
    return NEURON_OK;
}

/* Checks what holds in every mode for a tensor whose shape is right: that it can be in memory. */
static enum neuron_status
check_memory(const struct place *place, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(place->view);
    char shape_text[SHAPE_TEXT_BYTES] = "";
    char name[PLACE_TEXT_BYTES] = "";
    size_t count = 0;

    if (!neuron_tensor_shape_element_count(&shape, &count)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s is %s: more bytes than can be",
                           format_place(place, name, sizeof(name)),
                           neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text)));
    }
    if (place->view->data == NULL && !(shape.rank > 0 && shape.dims[0] == 0)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is %s, but its data is NULL: give the address of its rows",
                           format_place(place, name, sizeof(name)),
                           neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text)));
    }
    return NEURON_OK;
}

/* Checks type and rank, and every dimension but the rows. */
static enum neuron_status
check_row_shape(const struct place *place, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(place->view);
    struct neuron_tensor_shape row = place->spec->shape;
    struct neuron_tensor_shape expected = place->spec->shape;
    char name[PLACE_TEXT_BYTES] = "";
    char shape_text[SHAPE_TEXT_BYTES] = "";
    char row_text[SHAPE_TEXT_BYTES] = "";

    expected.dims[0] = shape.dims[0];
    if (shape.dims[0] >= 0 && neuron_tensor_shape_equals(&shape, &expected)) {
        return NEURON_OK;
    }
    row.rank -= 1;
    memmove(row.dims, row.dims + 1, row.rank * sizeof(row.dims[0]));
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s is %s, but must be any number of rows of %s",
                       format_place(place, name, sizeof(name)),
                       neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text)),
                       neuron_tensor_shape_format(&row, row_text, sizeof(row_text)));
}

/* Checks an input that carries no batch against its compiled shape. */
static enum neuron_status
check_shared(const struct place *place, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(place->view);
    char name[PLACE_TEXT_BYTES] = "";
    char shape_text[SHAPE_TEXT_BYTES] = "";
    char expected_text[SHAPE_TEXT_BYTES] = "";

    if (neuron_tensor_shape_equals(&shape, &place->spec->shape)) {
        return check_memory(place, error);
    }
    return NEURON_FAIL(
        error, NEURON_INVALID_ARGUMENT, "%s is %s, but must be %s, as all rows share it",
        format_place(place, name, sizeof(name)),
        neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text)),
        neuron_tensor_shape_format(&place->spec->shape, expected_text, sizeof(expected_text)));
}

/* Checks that a tensor has as many rows as the first one. */
static enum neuron_status
check_row_count(const struct place *place, const struct place *first, struct neuron_error *error)
{
    char name[PLACE_TEXT_BYTES] = "";
    char first_name[PLACE_TEXT_BYTES] = "";

    if (place->view->shape[0] == first->view->shape[0]) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s has %" PRId64 " rows, but %s has %" PRId64
                       ": all tensors must have the same number of rows",
                       format_place(place, name, sizeof(name)), place->view->shape[0],
                       format_place(first, first_name, sizeof(first_name)), first->view->shape[0]);
}

/* Checks a tensor that has rows. */
static enum neuron_status
check_rows(const struct place *place, const struct place *first, struct neuron_error *error)
{
    enum neuron_status status = check_row_shape(place, error);

    if (status == NEURON_OK) {
        status = check_row_count(place, first, error);
    }
    return status == NEURON_OK ? check_memory(place, error) : status;
}

enum neuron_status
neuron_batch_tensors_check_rows(const struct neuron_batch_tensors *tensors,
                                const struct neuron_model *model, int64_t *rows,
                                struct neuron_error *error)
{
    enum neuron_status status = check_counts(tensors, model, error);
    uint32_t count = tensors->input_count + tensors->output_count;

    if (status != NEURON_OK) {
        return status;
    }

    struct place first = first_with_rows(tensors, model);

    for (uint32_t i = 0; i < count; i += 1) {
        struct place place = place_at(tensors, model, i);

        status = place.is_shared ? check_shared(&place, error) : check_rows(&place, &first, error);
        if (status != NEURON_OK) {
            return status;
        }
    }
    *rows = first.view->shape[0];
    return NEURON_OK;
}

/* Checks one tensor against its compiled shape, `cores` times along dimension 0. */
static enum neuron_status
check_exact_shape(const struct place *place, uint32_t cores, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(place->view);
    struct neuron_tensor_shape expected = place->spec->shape;
    char name[PLACE_TEXT_BYTES] = "";
    char shape_text[SHAPE_TEXT_BYTES] = "";
    char expected_text[SHAPE_TEXT_BYTES] = "";
    bool fits = true;

    if (expected.rank > 0) {
        fits = !__builtin_mul_overflow(expected.dims[0], (int64_t)cores, &expected.dims[0]);
    } else if (cores > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is a scalar, which cannot be cut over %" PRIu32
                           " cores: choose one core by its device id",
                           format_place(place, name, sizeof(name)), cores);
    }
    if (fits && neuron_tensor_shape_equals(&shape, &expected)) {
        return check_memory(place, error);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s is %s, but must be %s, %" PRIu32
                       " times the compiled shape, as dynamic batching is off",
                       format_place(place, name, sizeof(name)),
                       neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text)),
                       neuron_tensor_shape_format(&expected, expected_text, sizeof(expected_text)),
                       cores);
}

/* Says whether every tensor is right but for having no rows, where it is to have some. */
static bool
is_without_rows(const struct neuron_batch_tensors *tensors, const struct neuron_model *model)
{
    uint32_t count = tensors->input_count + tensors->output_count;

    for (uint32_t i = 0; i < count; i += 1) {
        struct place place = place_at(tensors, model, i);
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(place.view);
        struct neuron_tensor_shape expected = place.spec->shape;

        expected.dims[0] = place.is_shared ? expected.dims[0] : 0;
        if ((expected.rank == 0 && !place.is_shared) ||
            !neuron_tensor_shape_equals(&shape, &expected)) {
            return false;
        }
    }
    return count > 0;
}

enum neuron_status
neuron_batch_tensors_check_exact(const struct neuron_batch_tensors *tensors,
                                 const struct neuron_model *model, uint32_t cores, int64_t *rows,
                                 struct neuron_error *error)
{
    enum neuron_status status = check_counts(tensors, model, error);
    uint32_t count = tensors->input_count + tensors->output_count;

    if (status != NEURON_OK) {
        return status;
    }
    if (is_without_rows(tensors, model)) {
        *rows = 0;
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < count && status == NEURON_OK; i += 1) {
        struct place place = place_at(tensors, model, i);

        status =
            place.is_shared ? check_shared(&place, error) : check_exact_shape(&place, cores, error);
    }
    if (status == NEURON_OK) {
        struct place first = first_with_rows(tensors, model);

        *rows = first.view->rank > 0 && first.view->shape[0] > 0 ? first.view->shape[0]
                                                                 : (int64_t)cores;
    }
    return status;
}

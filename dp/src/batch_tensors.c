/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_tensors.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "tensor_overlap.h"

enum {
    SHAPE_TEXT_BYTES = 64, /* two shapes and a name stay within one error text */
    PLACE_TEXT_BYTES = NEURON_PROGRAM_TENSOR_TEXT_BYTES
};

/* One tensor of a call beside what the specs say of it. */
struct place {
    struct neuron_program_tensor tensor;
    const struct neuron_tensor_view *view;
    uint32_t dim; /* which is cut; 0 where none is */
};

/* The tensor at a position: first the inputs, then the outputs. `dim` is as a caller gives it. */
static struct place
place_at(const struct neuron_batch_tensors *tensors, const struct neuron_program_specs *specs,
         int32_t dim, uint32_t position)
{
    struct place place = {.tensor = neuron_program_specs_tensor(specs, position)};
    const struct neuron_tensor_view *views =
        place.tensor.is_input ? tensors->inputs : tensors->outputs;

    place.view = &views[place.tensor.index];
    if (!place.tensor.is_shared) {
        place.dim = neuron_dim_in_rank(dim, place.tensor.spec->shape.rank);
    }
    return place;
}

/* The first tensor that is cut; there is an output, so there is one. */
static struct place
first_cut(const struct neuron_batch_tensors *tensors, const struct neuron_program_specs *specs,
          int32_t dim)
{
    struct place place = place_at(tensors, specs, dim, 0);

    for (uint32_t i = 1; place.tensor.is_shared; i += 1) {
        place = place_at(tensors, specs, dim, i);
    }
    return place;
}

static const char *
format_place(const struct place *place, char *text, size_t size_bytes)
{
    return neuron_program_tensor_format(&place->tensor, text, size_bytes);
}

static enum neuron_status
check_counts(const struct neuron_batch_tensors *tensors, const struct neuron_program_specs *specs,
             struct neuron_error *error)
{
    const char *kind = specs->custom != NULL ? "program" : "model";

    if (tensors->input_count != specs->input_count ||
        (specs->input_count > 0 && tensors->inputs == NULL)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%" PRIu32 " inputs are given, the %s \"%.60s\" takes %" PRIu32,
                           tensors->inputs == NULL ? 0 : tensors->input_count, kind, specs->name,
                           specs->input_count);
    }
    if (tensors->output_count != specs->output_count ||
        (specs->output_count > 0 && tensors->outputs == NULL)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%" PRIu32 " outputs are given, the %s \"%.60s\" gives %" PRIu32,
                           tensors->outputs == NULL ? 0 : tensors->output_count, kind, specs->name,
                           specs->output_count);
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
    if (place->view->data == NULL && !(shape.rank > 0 && shape.dims[place->dim] == 0)) {
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
    struct neuron_tensor_shape row = place->tensor.spec->shape;
    struct neuron_tensor_shape expected = place->tensor.spec->shape;
    char name[PLACE_TEXT_BYTES] = "";
    char shape_text[SHAPE_TEXT_BYTES] = "";
    char row_text[SHAPE_TEXT_BYTES] = "";

    assert(row.rank > 0);
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

    if (neuron_tensor_shape_equals(&shape, &place->tensor.spec->shape)) {
        return check_memory(place, error);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s is %s, but must be %s, as all rows share it",
                       format_place(place, name, sizeof(name)),
                       neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text)),
                       neuron_tensor_shape_format(&place->tensor.spec->shape, expected_text,
                                                  sizeof(expected_text)));
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
                                const struct neuron_program_specs *specs, int64_t *rows,
                                struct neuron_error *error)
{
    enum neuron_status status = check_counts(tensors, specs, error);
    uint32_t count = tensors->input_count + tensors->output_count;

    if (status != NEURON_OK) {
        return status;
    }

    struct place first = first_cut(tensors, specs, 0);

    for (uint32_t i = 0; i < count && status == NEURON_OK; i += 1) {
        struct place place = place_at(tensors, specs, 0, i);

        status = place.tensor.is_shared ? check_shared(&place, error)
                                        : check_rows(&place, &first, error);
    }
    if (status == NEURON_OK) {
        status = neuron_batch_tensors_check_disjoint(tensors, specs, error);
    }
    if (status == NEURON_OK) {
        *rows = first.view->shape[0];
    }
    return status;
}

/* Says what an exact shape must be. */
static enum neuron_status
refuse_exact(const struct place *place, const struct neuron_tensor_shape *expected,
             const struct neuron_exact_cut *cut, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(place->view);
    char name[PLACE_TEXT_BYTES] = "";
    char shape_text[SHAPE_TEXT_BYTES] = "";
    char expected_text[SHAPE_TEXT_BYTES] = "";

    (void)format_place(place, name, sizeof(name));
    (void)neuron_tensor_shape_format(&shape, shape_text, sizeof(shape_text));
    (void)neuron_tensor_shape_format(expected, expected_text, sizeof(expected_text));
    if (cut->dim == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is %s, but must be %s, %" PRIu32
                           " times the compiled shape, as dynamic batching is off",
                           name, shape_text, expected_text, cut->replicas);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s is %s, but must be %s: dimension %" PRIu32 " is cut into %" PRIu32
                       " of the compiled %" PRId64,
                       name, shape_text, expected_text, place->dim, cut->replicas,
                       place->tensor.spec->shape.dims[place->dim]);
}

/* Checks one tensor against its compiled shape, as many times as there are replicas along `dim`. */
static enum neuron_status
check_exact_shape(const struct place *place, const struct neuron_exact_cut *cut,
                  struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(place->view);
    struct neuron_tensor_shape expected = place->tensor.spec->shape;
    int64_t *extent = &expected.dims[place->dim];
    char name[PLACE_TEXT_BYTES] = "";
    bool fits = true;

    if (expected.rank > 0) {
        fits = !__builtin_mul_overflow(*extent, (int64_t)cut->replicas, extent);
    } else if (cut->replicas > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is a scalar, which cannot be cut over %" PRIu32
                           " cores: choose one core by its device id",
                           format_place(place, name, sizeof(name)), cut->replicas);
    }
    if (fits && neuron_tensor_shape_equals(&shape, &expected)) {
        return check_memory(place, error);
    }
    return refuse_exact(place, &expected, cut, error);
}

/* Says whether every tensor is right but for having no extent, where it is to have some. */
static bool
is_without_extent(const struct neuron_batch_tensors *tensors,
                  const struct neuron_program_specs *specs, int32_t dim)
{
    uint32_t count = tensors->input_count + tensors->output_count;

    for (uint32_t i = 0; i < count; i += 1) {
        struct place place = place_at(tensors, specs, dim, i);
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(place.view);
        struct neuron_tensor_shape expected = place.tensor.spec->shape;

        if (!place.tensor.is_shared) {
            expected.dims[place.dim] = 0;
        }
        if ((expected.rank == 0 && !place.tensor.is_shared) ||
            !neuron_tensor_shape_equals(&shape, &expected)) {
            return false;
        }
    }
    return count > 0;
}

enum neuron_status
neuron_batch_tensors_check_exact(const struct neuron_batch_tensors *tensors,
                                 const struct neuron_program_specs *specs,
                                 const struct neuron_exact_cut *cut, int64_t *extent,
                                 struct neuron_error *error)
{
    enum neuron_status status = check_counts(tensors, specs, error);
    uint32_t count = tensors->input_count + tensors->output_count;

    if (status != NEURON_OK) {
        return status;
    }
    if (is_without_extent(tensors, specs, cut->dim)) {
        *extent = 0;
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < count && status == NEURON_OK; i += 1) {
        struct place place = place_at(tensors, specs, cut->dim, i);

        status = place.tensor.is_shared ? check_shared(&place, error)
                                        : check_exact_shape(&place, cut, error);
    }
    if (status == NEURON_OK) {
        status = neuron_batch_tensors_check_disjoint(tensors, specs, error);
    }
    if (status == NEURON_OK) {
        struct place first = first_cut(tensors, specs, cut->dim);
        int64_t found = first.view->rank > 0 ? first.view->shape[first.dim] : 0;

        *extent = found > 0 ? found : (int64_t)cut->replicas;
    }
    return status;
}

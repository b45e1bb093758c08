/* SPDX-License-Identifier: Apache-2.0 */
#include "module/batch_cut.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "module/model_bucket.h"
#include "neuron/model_buckets.h"

enum { SHAPE_TEXT_BYTES = 72 };

/* What is at hand for one batch. */
struct batch {
    const struct neuron_model *model;
    const struct neuron_tensor_view *inputs;
    const struct neuron_tensor_view *outputs;
    uint32_t first; /* input that carries a batch */
    int64_t rows;
    struct neuron_tensor_view *piece;   /* the inputs, of so many rows as a piece has */
    struct neuron_tensor_shape *shapes; /* of the outputs, with the rows of a piece */
};

enum neuron_status
neuron_batch_cut_check(const struct neuron_model *model, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_model_bucket_count(model); i += 1) {
        status = neuron_model_check_batchable(neuron_model_bucket(model, i), error);
    }
    return status;
}

/* An input that carries a batch; a model that passed has one. */
static uint32_t
first_with_rows(const struct neuron_model *model)
{
    uint32_t index = 0;

    while (neuron_model_input_is_shared(model, index)) {
        index += 1;
    }
    return index;
}

static int64_t
bucket_rows(const struct batch *batch, uint32_t bucket)
{
    return neuron_model_bucket_input(batch->model, bucket, batch->first)->shape.dims[0];
}

/* Says whether two shapes are one from dimension `from` on. */
static bool
is_alike(const struct neuron_tensor_shape *left, const struct neuron_tensor_shape *right,
         uint32_t from)
{
    return left->type == right->type && left->rank == right->rank &&
           (left->rank <= from || memcmp(&left->dims[from], &right->dims[from],
                                         (left->rank - from) * sizeof(left->dims[0])) == 0);
}

static enum neuron_status
refuse_shape(const char *role, const struct neuron_tensor_spec *spec,
             const struct neuron_tensor_shape *given, bool has_rows, struct neuron_error *error)
{
    char texts[2][SHAPE_TEXT_BYTES] = {"", ""};

    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s %.30s is %s; the model was compiled for %s, %s", role, spec->name,
                       neuron_tensor_shape_format(given, texts[0], sizeof(texts[0])),
                       neuron_tensor_shape_format(&spec->shape, texts[1], sizeof(texts[1])),
                       has_rows ? "and rows alone may differ" : "which is shared by all rows");
}

/* Checks that a tensor is one, of so many rows, and lies somewhere. `from` is the first dimension
   that must be as compiled: all of a model of several buckets are checked with the buckets. */
static enum neuron_status
check_tensor(const struct batch *batch, const char *role, const struct neuron_tensor_spec *spec,
             const struct neuron_tensor_view *view, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    bool is_of_buckets = neuron_model_bucket_count(batch->model) > 1;
    size_t count = 0;

    if (!is_alike(&shape, &spec->shape, is_of_buckets ? shape.rank : 1) ||
        !neuron_tensor_shape_element_count(&shape, &count)) {
        return refuse_shape(role, spec, &shape, true, error);
    }
    if (shape.dims[0] != batch->rows) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s has %" PRId64 " rows and input %.60s has %" PRId64
                           "; all of a batch have as many in dimension 0",
                           role, spec->name, shape.dims[0],
                           neuron_model_input(batch->model, batch->first)->name, batch->rows);
    }
    if (view->data == NULL && count > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s %.60s has no data", role,
                           spec->name);
    }
    return NEURON_OK;
}

static enum neuron_status
check_shared(const struct batch *batch, const struct neuron_tensor_spec *spec,
             const struct neuron_tensor_view *view, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);

    if (neuron_model_bucket_count(batch->model) == 1 && !is_alike(&shape, &spec->shape, 0)) {
        return refuse_shape("input", spec, &shape, false, error);
    }
    if (view->data == NULL && batch->rows > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "input %.60s has no data", spec->name);
    }
    return NEURON_OK;
}

static enum neuron_status
check_tensors(const struct batch *batch, struct neuron_error *error)
{
    const struct neuron_model *model = batch->model;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_model_input_count(model); i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);

        status = neuron_model_input_is_shared(model, i)
                     ? check_shared(batch, spec, &batch->inputs[i], error)
                     : check_tensor(batch, "input", spec, &batch->inputs[i], error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_model_output_count(model); i += 1) {
        status =
            check_tensor(batch, "output", neuron_model_output(model, i), &batch->outputs[i], error);
    }
    return status;
}

/* The largest batch of a bucket that is smaller than `rows`; 0 for none. */
static int64_t
next_smaller(const struct batch *batch, int64_t rows)
{
    int64_t found = 0;

    for (uint32_t i = 0; i < neuron_model_bucket_count(batch->model); i += 1) {
        int64_t given = bucket_rows(batch, i);

        found = given < rows && given > found ? given : found;
    }
    return found;
}

/* Finds the smallest bucket for a piece of so many rows, or for the one batch that all have. */
static enum neuron_status
choose(struct batch *batch, int64_t rows, uint32_t *bucket, struct neuron_error *error)
{
    int64_t largest = next_smaller(batch, INT64_MAX);
    bool is_one_batch = next_smaller(batch, largest) == 0;

    for (uint32_t i = 0; i < neuron_model_input_count(batch->model); i += 1) {
        batch->piece[i] = batch->inputs[i];
        if (!neuron_model_input_is_shared(batch->model, i)) {
            batch->piece[i].shape[0] = is_one_batch ? largest : rows;
        }
    }
    return neuron_model_choose_bucket(batch->model, batch->piece, bucket, batch->shapes, error);
}

/* The outputs have the shapes that the chosen bucket gives, but for their rows. */
static enum neuron_status
check_outputs(const struct batch *batch, struct neuron_error *error)
{
    for (uint32_t i = 0; i < neuron_model_output_count(batch->model); i += 1) {
        struct neuron_tensor_shape given = neuron_tensor_view_shape(&batch->outputs[i]);
        struct neuron_tensor_shape wanted = batch->shapes[i];
        char texts[2][SHAPE_TEXT_BYTES] = {"", ""};

        wanted.dims[0] = batch->rows;
        if (!neuron_tensor_shape_equals(&given, &wanted)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "output %.40s is %s; for these inputs it is %s",
                               neuron_model_output(batch->model, i)->name,
                               neuron_tensor_shape_format(&given, texts[0], sizeof(texts[0])),
                               neuron_tensor_shape_format(&wanted, texts[1], sizeof(texts[1])));
        }
    }
    return NEURON_OK;
}

/* Takes pieces as large as there is a bucket for that has room for the other dimensions. */
static enum neuron_status
choose_pieces(struct batch *batch, struct neuron_batch_cut *cut, struct neuron_error *error)
{
    int64_t limit = next_smaller(batch, INT64_MAX);
    enum neuron_status status = choose(batch, limit, &cut->bucket, error);

    while (status == NEURON_INVALID_ARGUMENT && next_smaller(batch, limit) > 0) {
        limit = next_smaller(batch, limit);
        /* The text stays that of the largest. */
        status = choose(batch, limit, &cut->bucket, NULL);
    }
    cut->chunk_rows = limit;
    if (status == NEURON_OK && limit > 0) {
        int64_t last = cut->rows % limit;

        status = choose(batch, last == 0 ? limit : last, &cut->last_bucket, error);
    }
    return status == NEURON_OK ? check_outputs(batch, error) : status;
}

enum neuron_status
neuron_batch_cut_find(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
                      const struct neuron_tensor_view *outputs, struct neuron_batch_cut *cut,
                      struct neuron_error *error)
{
    struct batch batch = {.model = model, .inputs = inputs, .outputs = outputs};

    batch.first = first_with_rows(model);
    batch.rows = inputs[batch.first].rank > 0 ? inputs[batch.first].shape[0] : 0;
    *cut = (struct neuron_batch_cut){.rows = batch.rows, .chunk_rows = bucket_rows(&batch, 0)};
    enum neuron_status status = check_tensors(&batch, error);
    if (status != NEURON_OK || neuron_model_bucket_count(model) == 1) {
        return status;
    }
    batch.piece = calloc((size_t)neuron_model_input_count(model) + 1, sizeof(*batch.piece));
    batch.shapes = calloc((size_t)neuron_model_output_count(model) + 1, sizeof(*batch.shapes));
    if (batch.piece == NULL || batch.shapes == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    } else {
        status = choose_pieces(&batch, cut, error);
    }
    free(batch.piece);
    free(batch.shapes);
    return status;
}

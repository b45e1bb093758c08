/* SPDX-License-Identifier: Apache-2.0 */
#include "module/bucket_run.h"

#include <stdlib.h>
#include <string.h>

#include "graph/bucket.h"
#include "module/model_bucket.h"
#include "neuron/model_buckets.h"

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

/* Goes on to the next row of the part that two tensors have in common; false behind the last. */
static bool
next_row(const struct neuron_tensor_view *left, const struct neuron_tensor_view *right,
         int64_t *index)
{
    for (uint32_t i = left->rank - 1; i > 0; i -= 1) {
        index[i - 1] += 1;
        if (index[i - 1] < least(left->shape[i - 1], right->shape[i - 1])) {
            return true;
        }
        index[i - 1] = 0;
    }
    return false;
}

/* Copies the part that two dense tensors have in common, of one type and rank and of elements; they
   differ in shape, and so are no scalars. */
static void
copy_common(const struct neuron_tensor_view *from, const struct neuron_tensor_view *to)
{
    int64_t index[NEURON_RANK_LIMIT] = {0};
    int64_t row = least(from->shape[from->rank - 1], to->shape[to->rank - 1]);
    size_t row_bytes = (size_t)row * neuron_type_size_bytes(from->type);
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(to);

    if (neuron_tensor_shape_size_bytes(&shape) == 0) {
        return;
    }
    do {
        memcpy((unsigned char *)to->data + offset_of(to, index),
               (const unsigned char *)from->data + offset_of(from, index), row_bytes);
    } while (next_row(from, to, index));
}

/* Zeroed memory for a tensor of a bucket. */
static void *
allocate(const struct neuron_tensor_shape *shape)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);
    void *memory = aligned_alloc(ALIGNMENT, size_bytes + ALIGNMENT - size_bytes % ALIGNMENT);

    if (memory != NULL) {
        memset(memory, 0, size_bytes);
    }
    return memory;
}

/* Gives a tensor the shape of the bucket; `place` is its number among all. */
static enum neuron_status
stage(struct neuron_bucket_run *run, uint32_t place, const struct neuron_tensor_spec *spec,
      const struct neuron_tensor_view *given, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(given);

    if (given->data == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%.60s has no data", spec->name);
    }
    run->addresses[place] = given->data;
    if (neuron_tensor_shape_equals(&shape, &spec->shape)) {
        return NEURON_OK;
    }
    run->owned[place] = allocate(&spec->shape);
    if (run->owned[place] == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory to pad %.60s", spec->name);
    }
    run->addresses[place] = run->owned[place];
    return NEURON_OK;
}

static enum neuron_status
check_outputs(const struct neuron_bucket_run *run, const struct neuron_tensor_view *outputs,
              struct neuron_error *error)
{
    for (uint32_t i = 0; i < neuron_model_output_count(run->bucket); i += 1) {
        struct neuron_tensor_shape given = neuron_tensor_view_shape(&outputs[i]);
        char texts[2][80] = {"", ""};

        if (!neuron_tensor_shape_equals(&given, &run->shapes[i])) {
            return NEURON_FAIL(
                error, NEURON_INVALID_ARGUMENT, "output %.40s is %s; for these inputs it is %s",
                neuron_model_output(run->bucket, i)->name,
                neuron_tensor_shape_format(&given, texts[0], sizeof(texts[0])),
                neuron_tensor_shape_format(&run->shapes[i], texts[1], sizeof(texts[1])));
        }
    }
    return NEURON_OK;
}

/* Stages all tensors, and fills in the inputs. */
static enum neuron_status
stage_all(struct neuron_bucket_run *run, const struct neuron_tensor_view *inputs,
          const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(run->bucket);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(run->bucket, i);

        status = stage(run, i, spec, &inputs[i], error);
        if (status == NEURON_OK && run->owned[i] != NULL) {
            const struct neuron_tensor_view padded =
                neuron_tensor_view_of(&spec->shape, run->owned[i]);

            copy_common(&inputs[i], &padded);
        }
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_model_output_count(run->bucket);
         i += 1) {
        status =
            stage(run, input_count + i, neuron_model_output(run->bucket, i), &outputs[i], error);
    }
    return status;
}

enum neuron_status
neuron_bucket_run_open(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
                       const struct neuron_tensor_view *outputs, struct neuron_bucket_run *run,
                       struct neuron_error *error)
{
    size_t input_count = neuron_model_input_count(model);
    size_t count = input_count + neuron_model_output_count(model) + 1;

    *run = (struct neuron_bucket_run){.addresses = calloc(count, sizeof(void *)),
                                      .owned = calloc(count, sizeof(void *)),
                                      .shapes = calloc(count, sizeof(*run->shapes))};
    if (run->addresses == NULL || run->owned == NULL || run->shapes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    enum neuron_status status =
        neuron_model_choose_bucket(model, inputs, &run->index, run->shapes, error);
    if (status == NEURON_OK) {
        run->bucket = neuron_model_bucket(model, run->index);
        status = check_outputs(run, outputs, error);
    }
    return status == NEURON_OK ? stage_all(run, inputs, outputs, error) : status;
}

void
neuron_bucket_run_trim(const struct neuron_bucket_run *run,
                       const struct neuron_tensor_view *outputs)
{
    uint32_t input_count = neuron_model_input_count(run->bucket);

    for (uint32_t i = 0; i < neuron_model_output_count(run->bucket); i += 1) {
        if (run->owned[input_count + i] != NULL) {
            const struct neuron_tensor_view whole = neuron_tensor_view_of(
                &neuron_model_output(run->bucket, i)->shape, run->owned[input_count + i]);

            copy_common(&whole, &outputs[i]);
        }
    }
}

void
neuron_bucket_run_close(struct neuron_bucket_run *run)
{
    if (run->bucket != NULL) {
        uint32_t count =
            neuron_model_input_count(run->bucket) + neuron_model_output_count(run->bucket);

        for (uint32_t i = 0; i < count; i += 1) {
            free(run->owned[i]);
        }
    }
    free(run->addresses);
    free(run->owned);
    free(run->shapes);
    *run = (struct neuron_bucket_run){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "batched_module.h"

#include <string.h>

#include "check.h"

enum { UNEXPECTED = 0x5a };

struct neuron_module *
batched_module_create(struct neuron_runtime *runtime, const struct neuron_model *model)
{
    const struct neuron_module_placement everywhere = {.kind = NEURON_PLACEMENT_ALL};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(runtime, model, &everywhere, &module, &error), &error);
    assert_ok(neuron_module_enable_dynamic_batching(module, &error), &error);
    return module;
}

static size_t
size_of(const struct neuron_tensor_view *view)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);

    return neuron_tensor_shape_size_bytes(&shape);
}

/* The rows may be none. */
static size_t
row_bytes_of(const struct neuron_tensor_view *view)
{
    return view->shape[0] == 0 ? 0 : size_of(view) / (size_t)view->shape[0];
}

/* A tensor as the model has it, of so many rows if it has some. */
static struct neuron_tensor_view
make(const struct neuron_tensor_spec *spec, bool is_shared, int64_t rows)
{
    struct neuron_tensor_view view = neuron_tensor_view_of(&spec->shape, NULL);

    if (!is_shared) {
        view.shape[0] = rows;
    }
    allocate_tensor(&view);
    return view;
}

static void
fill(const struct neuron_tensor_view *view, uint32_t seed)
{
    if (view->type == NEURON_FLOAT32) {
        fill_tensor(view, seed);
        return;
    }
    assert_int_equal(view->type, NEURON_INT64);
    for (size_t i = 0; i < tensor_element_count(view); i += 1) {
        ((int64_t *)view->data)[i] = (int64_t)((i + seed) % 3);
    }
}

void
module_batch_create(struct module_batch *batch, const struct neuron_model *model, int64_t rows,
                    uint32_t seed)
{
    *batch = (struct module_batch){.input_count = neuron_model_input_count(model),
                                   .output_count = neuron_model_output_count(model)};
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        batch->inputs[i] =
            make(neuron_model_input(model, i), neuron_model_input_is_shared(model, i), rows);
        fill(&batch->inputs[i], seed + i);
    }
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        batch->outputs[i] = make(neuron_model_output(model, i), false, rows);
        if (rows > 0) {
            memset(batch->outputs[i].data, UNEXPECTED, size_of(&batch->outputs[i]));
        }
    }
}

enum neuron_status
module_batch_run(const struct module_batch *batch, struct neuron_module *module,
                 struct neuron_error *error)
{
    return neuron_module_run(module, batch->inputs, batch->input_count, batch->outputs,
                             batch->output_count, error);
}

/* Copies the row of one tensor to the place of one in another. */
static void
copy_row(const struct neuron_tensor_view *from, int64_t row, const struct neuron_tensor_view *to,
         int64_t place)
{
    size_t row_bytes = row_bytes_of(to);

    memcpy((unsigned char *)to->data + (size_t)place * row_bytes,
           (const unsigned char *)from->data + (size_t)row * row_bytes, row_bytes);
}

/* Compares the rows of a chunk with those of a batch, from `first_row` on. */
static void
compare(const struct neuron_tensor_view *chunk, const struct neuron_tensor_view *whole,
        int64_t first_row)
{
    size_t row_bytes = row_bytes_of(chunk);
    int64_t left = whole->shape[0] - first_row;
    int64_t count = left < chunk->shape[0] ? left : chunk->shape[0];

    assert_memory_equal(chunk->data,
                        (const unsigned char *)whole->data + (size_t)first_row * row_bytes,
                        (size_t)count * row_bytes);
}

/* Puts the rows from `first_row` on, and then the last one, into an input of a chunk. */
static void
fill_rows(const struct neuron_tensor_view *whole, int64_t first_row,
          const struct neuron_tensor_view *piece)
{
    for (int64_t i = 0; i < piece->shape[0]; i += 1) {
        int64_t row = first_row + i < whole->shape[0] ? first_row + i : whole->shape[0] - 1;

        copy_row(whole, row, piece, i);
    }
}

static void
fill_chunk(const struct module_batch *batch, const struct neuron_model *model, int64_t first_row,
           struct module_batch *chunk)
{
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        const struct neuron_tensor_view *whole = &batch->inputs[i];

        if (!neuron_model_input_is_shared(model, i)) {
            fill_rows(whole, first_row, &chunk->inputs[i]);
        } else if (chunk->inputs[i].data != NULL) {
            memcpy(chunk->inputs[i].data, whole->data, size_of(whole));
        }
    }
}

void
module_batch_check(const struct module_batch *batch, struct neuron_module *plain)
{
    const struct neuron_model *model = neuron_module_model(plain);
    int64_t compiled_rows = neuron_model_output(model, 0)->shape.dims[0];
    struct module_batch chunk;
    struct neuron_error error = {0};

    module_batch_create(&chunk, model, compiled_rows, 0);
    for (int64_t row = 0; row < batch->outputs[0].shape[0]; row += compiled_rows) {
        fill_chunk(batch, model, row, &chunk);
        assert_ok(module_batch_run(&chunk, plain, &error), &error);
        for (uint32_t i = 0; i < batch->output_count; i += 1) {
            compare(&chunk.outputs[i], &batch->outputs[i], row);
        }
    }
    module_batch_destroy(&chunk);
}

void
module_batch_destroy(struct module_batch *batch)
{
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        free_tensor(&batch->inputs[i]);
    }
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        free_tensor(&batch->outputs[i]);
    }
}

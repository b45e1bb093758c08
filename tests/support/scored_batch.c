/* SPDX-License-Identifier: Apache-2.0 */
#include "scored_batch.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tensor_text.h"

/* Memory for a tensor of the model with another dimension 0. */
static struct neuron_tensor_view
make_tensor(const struct neuron_tensor_spec *spec, int64_t rows)
{
    struct neuron_tensor_view view = neuron_tensor_view_of(&spec->shape, NULL);

    view.shape[0] = rows;
    allocate_tensor(&view);
    return view;
}

static int64_t
rows_of(const struct neuron_tensor_spec *spec, int64_t rows, int64_t times)
{
    return times > 0 ? spec->shape.dims[0] * times : rows;
}

/* Makes the tensors with `rows`, or, if `times` is above 0, with so many times the compiled. */
static void
make_batch(struct scored_batch *batch, const struct neuron_model *model, int64_t rows,
           int64_t times)
{
    *batch = (struct scored_batch){.input_count = neuron_model_input_count(model),
                                   .output_count = neuron_model_output_count(model)};
    assert_true(batch->input_count <= SCORED_TENSOR_LIMIT);
    assert_true(batch->output_count <= SCORED_TENSOR_LIMIT);
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);
        bool is_shared = neuron_model_input_is_shared(model, i);

        batch->inputs[i] = make_tensor(spec, rows_of(spec, rows, is_shared ? 1 : times));
        fill_tensor(&batch->inputs[i], i + 1);
    }
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_output(model, i);

        batch->expected[i] = make_tensor(spec, rows_of(spec, rows, times));
        batch->outputs[i] = make_tensor(spec, rows_of(spec, rows, times));
        fill_tensor(&batch->outputs[i], 99);
    }
}

void
scored_batch_create(struct scored_batch *batch, const struct neuron_model *model, int64_t rows)
{
    make_batch(batch, model, rows, 0);
}

void
scored_batch_create_multiple(struct scored_batch *batch, const struct neuron_model *model,
                             int64_t times)
{
    make_batch(batch, model, 0, times);
}

/* The bytes of `rows` rows. */
static size_t
bytes_of_rows(const struct neuron_tensor_view *view, int64_t rows)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);

    shape.dims[0] = rows;
    return neuron_tensor_shape_size_bytes(&shape);
}

/* One compiled tensor's worth of a larger tensor: where it starts, and how much of it there is. */
struct part {
    char *start;
    size_t bytes;
};

static struct part
part_of(const struct neuron_tensor_view *whole, const struct neuron_tensor_view *run, int64_t index)
{
    int64_t first = index * run->shape[0];
    int64_t rest = whole->shape[0] - first;

    if (run->rank == 0) {
        return (struct part){.start = whole->data, .bytes = bytes_of_rows(whole, 0)};
    }
    return (struct part){
        .start = (char *)whole->data + bytes_of_rows(whole, first),
        .bytes = bytes_of_rows(whole, rest < run->shape[0] ? rest : run->shape[0]),
    };
}

/* Makes the inputs of the compiled batch number `index`. */
static void
make_inputs(const struct scored_batch *batch, const struct neuron_model *model, int64_t index,
            struct neuron_tensor_view *inputs)
{
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);
        int64_t place = neuron_model_input_is_shared(model, i) ? 0 : index;

        inputs[i] = make_tensor(spec, spec->shape.dims[0]);
        struct part part = part_of(&batch->inputs[i], &inputs[i], place);
        memcpy(inputs[i].data, part.start, part.bytes);
    }
}

/* Runs the compiled batch number `index` alone. */
static void
expect_run(struct scored_batch *batch, struct neuron_module *module, int64_t index)
{
    const struct neuron_model *model = neuron_module_model(module);
    struct neuron_tensor_view inputs[SCORED_TENSOR_LIMIT] = {{0}};
    struct neuron_tensor_view outputs[SCORED_TENSOR_LIMIT] = {{0}};
    struct neuron_error error = {0};

    make_inputs(batch, model, index, inputs);
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_output(model, i);

        outputs[i] = make_tensor(spec, spec->shape.dims[0]);
    }
    assert_ok(
        neuron_module_run(module, inputs, batch->input_count, outputs, batch->output_count, &error),
        &error);
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        struct part part = part_of(&batch->expected[i], &outputs[i], index);

        memcpy(part.start, outputs[i].data, part.bytes);
        free_tensor(&outputs[i]);
    }
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        free_tensor(&inputs[i]);
    }
}

void
scored_batch_expect(struct scored_batch *batch, struct neuron_module *module)
{
    int64_t compiled = neuron_model_output(neuron_module_model(module), 0)->shape.dims[0];

    for (int64_t i = 0; i * compiled < batch->outputs[0].shape[0]; i += 1) {
        expect_run(batch, module, i);
    }
}

enum neuron_status
scored_batch_run(const struct scored_batch *batch, struct neuron_data_parallel *parallel,
                 struct neuron_error *error)
{
    return neuron_data_parallel_run(parallel, batch->inputs, batch->input_count, batch->outputs,
                                    batch->output_count, error);
}

bool
scored_batch_is_right(const struct scored_batch *batch)
{
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        size_t bytes = bytes_of_rows(&batch->outputs[i], batch->outputs[i].shape[0]);

        if (bytes > 0 && memcmp(batch->outputs[i].data, batch->expected[i].data, bytes) != 0) {
            return false;
        }
    }
    return true;
}

void
scored_batch_destroy(struct scored_batch *batch)
{
    for (uint32_t i = 0; i < batch->input_count; i += 1) {
        free_tensor(&batch->inputs[i]);
    }
    for (uint32_t i = 0; i < batch->output_count; i += 1) {
        free_tensor(&batch->outputs[i]);
        free_tensor(&batch->expected[i]);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_tensors.h"

#include <stdlib.h>
#include <string.h>

#include "cc_memory.h"
#include "compiler/made_up.h"
#include "frontend/onnx/onnx_report.h"
#include "module/model_body.h"
#include "neuron/model_buckets.h"

enum { ALIGNMENT_BYTES = 64, SHAPE_TEXT_BYTES = 80, NAME_TEXT_BYTES = 40 };

/* Memory for a tensor; NULL when there is none. */
static void *
allocate(const struct neuron_tensor_shape *shape)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(shape);

    return aligned_alloc(ALIGNMENT_BYTES,
                         size_bytes + ALIGNMENT_BYTES - size_bytes % ALIGNMENT_BYTES);
}

static enum neuron_status
refuse_memory(const struct neuron_tensor_spec *spec, struct neuron_error *error)
{
    char name[NAME_TEXT_BYTES] = "";

    neuron_onnx_copy_printable(name, sizeof(name), spec->name);
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %zu bytes of %s",
                       neuron_tensor_shape_size_bytes(&spec->shape), name);
}

/* Takes the array of a file for an input, if it fits. */
static enum neuron_status
take_array(const struct neuron_tensor_spec *spec, const char *path,
           const struct neuron_tensor_view *array, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(array);
    char name[NAME_TEXT_BYTES] = "";
    char given[SHAPE_TEXT_BYTES] = "";
    char wanted[SHAPE_TEXT_BYTES] = "";

    if (!neuron_tensor_shape_equals(&shape, &spec->shape)) {
        neuron_onnx_copy_printable(name, sizeof(name), spec->name);
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%.60s is %s; the input %s is %s", path,
                           neuron_tensor_shape_format(&shape, given, sizeof(given)), name,
                           neuron_tensor_shape_format(&spec->shape, wanted, sizeof(wanted)));
    }
    return NEURON_OK;
}

/* The file that is given for an input; the number of files for none. */
static uint32_t
find_file(const struct neuron_cc_options *options, const char *input)
{
    uint32_t i = 0;

    while (i < options->array_file_count && strcmp(options->array_files[i].input, input) != 0) {
        i += 1;
    }
    return i;
}

static enum neuron_status
fill_input(struct neuron_cc_tensors *tensors, uint32_t index, const struct neuron_tensor_spec *spec,
           enum neuron_cc_missing_inputs missing, struct neuron_error *error)
{
    size_t count = 0;
    char name[NAME_TEXT_BYTES] = "";

    if (missing == NEURON_CC_REFUSE_MISSING) {
        neuron_onnx_copy_printable(name, sizeof(name), spec->name);
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the input %s is missing; give it as --input %s=FILE.npy", name, name);
    }
    tensors->owned[index] = allocate(&spec->shape);
    if (tensors->owned[index] == NULL) {
        return refuse_memory(spec, error);
    }
    (void)neuron_tensor_shape_element_count(&spec->shape, &count);
    neuron_make_up(spec->shape.type, tensors->owned[index], count, index + 1);
    tensors->inputs[index] = neuron_tensor_view_of(&spec->shape, tensors->owned[index]);
    return NEURON_OK;
}

static enum neuron_status
find_inputs(struct neuron_cc_tensors *tensors, const struct neuron_model *model,
            const struct neuron_cc_options *options, const struct neuron_cc_arrays *arrays,
            enum neuron_cc_missing_inputs missing, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < tensors->input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);
        uint32_t file = find_file(options, spec->name);

        if (file == options->array_file_count) {
            status = fill_input(tensors, i, spec, missing, error);
        } else {
            /* A run finds the bucket that all of them fit into. */
            bool is_any =
                missing == NEURON_CC_REFUSE_MISSING && neuron_model_bucket_count(model) > 1;

            tensors->inputs[i] = arrays->views[file];
            status = is_any ? NEURON_OK
                            : take_array(spec, options->array_files[file].path,
                                         &arrays->views[file], error);
        }
        tensors->addresses[i] = tensors->inputs[i].data;
    }
    return status;
}

/* Every file is for an input. */
static enum neuron_status
check_names(const struct neuron_model *model, const struct neuron_cc_options *options,
            struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(model);
    char name[NAME_TEXT_BYTES] = "";
    char first[NAME_TEXT_BYTES] = "";

    for (uint32_t i = 0; i < options->array_file_count; i += 1) {
        uint32_t input = 0;

        while (input < input_count &&
               strcmp(neuron_model_input(model, input)->name, options->array_files[i].input) != 0) {
            input += 1;
        }
        if (input == input_count) {
            neuron_onnx_copy_printable(name, sizeof(name), options->array_files[i].input);
            neuron_onnx_copy_printable(first, sizeof(first),
                                       input_count == 0 ? "" : neuron_model_input(model, 0)->name);
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "there is no input %s; the model has %u%s%s", name, input_count,
                               input_count == 0 ? "" : ", the first is ", first);
        }
    }
    return NEURON_OK;
}

/* Makes memory for outputs of these shapes. */
static enum neuron_status
make_shaped_outputs(struct neuron_cc_tensors *tensors, const struct neuron_model *model,
                    const struct neuron_tensor_shape *shapes, struct neuron_error *error)
{
    for (uint32_t i = 0; i < tensors->output_count; i += 1) {
        tensors->outputs[i] = neuron_tensor_view_of(&shapes[i], allocate(&shapes[i]));
        if (tensors->outputs[i].data == NULL) {
            return refuse_memory(neuron_model_output(model, i), error);
        }
        tensors->addresses[tensors->input_count + i] = tensors->outputs[i].data;
    }
    return NEURON_OK;
}

/* Makes memory for the outputs that belong to the inputs. */
static enum neuron_status
make_outputs(struct neuron_cc_tensors *tensors, const struct neuron_model *model,
             struct neuron_error *error)
{
    struct neuron_tensor_shape *shapes = calloc((size_t)tensors->output_count + 1, sizeof(*shapes));
    uint32_t bucket = 0;

    if (shapes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for inputs and outputs");
    }
    enum neuron_status status =
        neuron_model_choose_bucket(model, tensors->inputs, &bucket, shapes, error);
    if (status == NEURON_OK) {
        status = make_shaped_outputs(tensors, model, shapes, error);
    }
    free(shapes);
    return status;
}

enum neuron_status
neuron_cc_tensors_open(const struct neuron_model *model, const struct neuron_cc_options *options,
                       const struct neuron_cc_arrays *arrays, enum neuron_cc_missing_inputs missing,
                       struct neuron_cc_tensors *tensors, struct neuron_error *error)
{
    struct neuron_cc_tensors made = {.input_count = neuron_model_input_count(model),
                                     .output_count = neuron_model_output_count(model)};
    enum neuron_status status = neuron_cc_check_memory(model->file.graph, 0, error);

    if (status != NEURON_OK) {
        return status;
    }
    made.inputs = calloc((size_t)made.input_count + 1, sizeof(*made.inputs));
    made.outputs = calloc((size_t)made.output_count + 1, sizeof(*made.outputs));
    made.owned = calloc((size_t)made.input_count + 1, sizeof(void *));
    made.addresses = calloc((size_t)made.input_count + made.output_count + 1, sizeof(void *));
    if (made.inputs == NULL || made.outputs == NULL || made.owned == NULL ||
        made.addresses == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for inputs and outputs");
    }
    if (status == NEURON_OK) {
        status = check_names(model, options, error);
    }
    if (status == NEURON_OK) {
        status = find_inputs(&made, model, options, arrays, missing, error);
    }
    if (status == NEURON_OK) {
        status = make_outputs(&made, model, error);
    }
    if (status != NEURON_OK) {
        neuron_cc_tensors_close(&made);
        return status;
    }
    *tensors = made;
    return NEURON_OK;
}

void
neuron_cc_tensors_close(struct neuron_cc_tensors *tensors)
{
    for (uint32_t i = 0; tensors->owned != NULL && i < tensors->input_count; i += 1) {
        free(tensors->owned[i]);
    }
    for (uint32_t i = 0; tensors->outputs != NULL && i < tensors->output_count; i += 1) {
        free(tensors->outputs[i].data);
    }
    free(tensors->inputs);
    free(tensors->outputs);
    free(tensors->owned);
    free(tensors->addresses);
    *tensors = (struct neuron_cc_tensors){0};
}

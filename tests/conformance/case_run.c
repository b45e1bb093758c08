/* SPDX-License-Identifier: Apache-2.0 */
#include "case_run.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/module.h"
#include "neuron/runtime.h"

#include "case_compare.h"
#include "case_file.h"
#include "case_model.h"

/* Checks that the model has these ports: as many, in this order, of these names and shapes. */
static enum neuron_status
check_port(const struct neuron_tensor_spec *found, const struct neuron_tensor_spec *wanted,
           struct neuron_error *error)
{
    char found_text[96];
    char wanted_text[96];

    if (strcmp(found->name, wanted->name) == 0 &&
        neuron_tensor_shape_equals(&found->shape, &wanted->shape)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(
        error, NEURON_NUMERICAL_ERROR, "the model has %.60s %s where %.60s %s is", found->name,
        neuron_tensor_shape_format(&found->shape, found_text, sizeof(found_text)), wanted->name,
        neuron_tensor_shape_format(&wanted->shape, wanted_text, sizeof(wanted_text)));
}

static enum neuron_status
check_ports(const struct case_file *file, const struct neuron_model *model,
            struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (neuron_model_input_count(model) != file->input_count ||
        neuron_model_output_count(model) != file->output_count) {
        return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR,
                           "the model has %u inputs and %u outputs, not %u and %u",
                           neuron_model_input_count(model), neuron_model_output_count(model),
                           file->input_count, file->output_count);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < file->input_count; i += 1) {
        status = check_port(neuron_model_input(model, i), &file->inputs[i].spec, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < file->output_count; i += 1) {
        status = check_port(neuron_model_output(model, i), &file->outputs[i].spec, error);
    }
    return status;
}

/* Gives each output memory, in which no element is right by chance. */
static enum neuron_status
allocate_outputs(const struct case_file *file, struct neuron_tensor_view *outputs,
                 struct neuron_error *error)
{
    for (uint32_t i = 0; i < file->output_count; i += 1) {
        const struct neuron_tensor_shape *shape = &file->outputs[i].spec.shape;
        const size_t size_bytes = neuron_tensor_shape_size_bytes(shape);

        outputs[i] = neuron_tensor_view_of(shape, malloc(size_bytes + 1));
        if (outputs[i].data == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
        }
        memset(outputs[i].data, 0x5a, size_bytes);
    }
    return NEURON_OK;
}

static enum neuron_status
run_module(const struct case_file *file, struct neuron_module *module, struct neuron_error *error)
{
    struct neuron_tensor_view inputs[CASE_TENSOR_LIMIT] = {0};
    struct neuron_tensor_view outputs[CASE_TENSOR_LIMIT] = {0};

    for (uint32_t i = 0; i < file->input_count; i += 1) {
        inputs[i] = neuron_tensor_view_of(&file->inputs[i].spec.shape, file->inputs[i].bytes);
    }
    enum neuron_status status = allocate_outputs(file, outputs, error);
    if (status == NEURON_OK) {
        status = neuron_module_run(module, inputs, file->input_count, outputs, file->output_count,
                                   error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < file->output_count; i += 1) {
        status = case_compare(&file->outputs[i], outputs[i].data, &file->tolerance, error);
    }
    for (uint32_t i = 0; i < file->output_count; i += 1) {
        free(outputs[i].data);
    }
    return status;
}

/* Runs a loaded model on a core of its own. */
static enum neuron_status
run_model(const struct case_file *file, const struct neuron_model *model, const char *scratch,
          struct neuron_error *error)
{
    const struct neuron_runtime_options options = {.core_count = 1, .lease.directory = scratch};
    struct neuron_runtime *runtime = NULL;
    struct neuron_module *module = NULL;

    enum neuron_status status = neuron_runtime_create(&options, &runtime, error);
    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, model, NULL, &module, error);
    }
    if (status == NEURON_OK) {
        status = run_module(file, module, error);
    }
    neuron_module_destroy(module);
    neuron_runtime_destroy(runtime);
    return status;
}

enum neuron_status
case_run(const char *folder, const char *scratch, struct neuron_error *error)
{
    struct case_file file = {0};
    struct neuron_model *model = NULL;

    enum neuron_status status = case_file_read(folder, &file, error);
    if (status == NEURON_OK) {
        status = case_model_load(&file, scratch, &model, error);
    }
    if (status == NEURON_OK) {
        status = check_ports(&file, model, error);
    }
    if (status == NEURON_OK) {
        status = run_model(&file, model, scratch, error);
    }
    neuron_model_destroy(model);
    case_file_close(&file);
    return status;
}

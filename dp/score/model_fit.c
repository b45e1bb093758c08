/* SPDX-License-Identifier: Apache-2.0 */
#include "score/model_fit.h"

static enum neuron_status
check_model(const struct neuron_model_fit *fit, struct neuron_error *error)
{
    const struct neuron_model *model = fit->model;
    struct neuron_error reason = {0};
    uint32_t inputs = neuron_model_input_count(model);
    uint32_t outputs = neuron_model_output_count(model);

    for (uint32_t i = 0; i < inputs; i += 1) {
        if (neuron_model_input_is_shared(model, i)) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "the input %.60s of %s is shared by all rows, and only one file is "
                               "read, of rows; make it a constant of the model",
                               neuron_model_input(model, i)->name, fit->model_path);
        }
    }
    if (inputs != 1 || outputs != 1) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s has %u inputs and %u outputs; compile a model with one of each",
                           fit->model_path, inputs, outputs);
    }
    if (neuron_model_check_batchable(model, &reason) != NEURON_OK) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%s cannot score row by row: %s",
                           fit->model_path, reason.text);
    }
    const struct neuron_tensor_shape *input = &neuron_model_input(model, 0)->shape;
    const struct neuron_tensor_shape *output = &neuron_model_output(model, 0)->shape;
    if (input->rank == 0 || output->rank == 0 || input->dims[0] < 1 ||
        output->dims[0] != input->dims[0]) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s does not give one row for each row; compile it with a batch as "
                           "dimension 0",
                           fit->model_path);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_model_fit_check(const struct neuron_model_fit *fit, struct neuron_tensor_shape *output,
                       struct neuron_error *error)
{
    char actual[128] = "";
    char expected[128] = "";

    enum neuron_status status = check_model(fit, error);
    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_tensor_shape *compiled = &neuron_model_input(fit->model, 0)->shape;
    struct neuron_tensor_shape wanted = *compiled;
    wanted.dims[0] = fit->rows->dims[0];
    if (fit->rows->rank == 0 || !neuron_tensor_shape_equals(fit->rows, &wanted)) {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "%s is %s, but %s takes %s with any number of rows; save it like that", fit->rows_path,
            neuron_tensor_shape_format(fit->rows, actual, sizeof(actual)), fit->model_path,
            neuron_tensor_shape_format(compiled, expected, sizeof(expected)));
    }
    *output = neuron_model_output(fit->model, 0)->shape;
    output->dims[0] = fit->rows->dims[0];
    return NEURON_OK;
}

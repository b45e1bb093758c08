/* SPDX-License-Identifier: Apache-2.0 */
#include "module/module_tensors.h"

#include <stdbool.h>

#include "neuron/tensor.h"
#include "runtime_body.h"

/* Checks tensors against what the model says of them. */
static enum neuron_status
check_tensors(const struct neuron_tensor_view *tensors, const char *role, uint32_t count,
              const struct neuron_tensor_spec *(*spec_of)(const struct neuron_model *, uint32_t),
              const struct neuron_model *model, struct neuron_error *error)
{
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *spec = spec_of(model, i);
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&tensors[i]);
        char given[80] = "";
        char wanted[80] = "";

        if (!neuron_tensor_shape_equals(&shape, &spec->shape)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s %.40s is %s; the model was compiled for %s", role, spec->name,
                               neuron_tensor_shape_format(&shape, given, sizeof(given)),
                               neuron_tensor_shape_format(&spec->shape, wanted, sizeof(wanted)));
        }
        if (tensors[i].data == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s %.40s has no data", role,
                               spec->name);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_module_check_counts(const struct neuron_model *model, uint32_t input_count,
                           uint32_t output_count, struct neuron_error *error)
{
    if (input_count != neuron_model_input_count(model) ||
        output_count != neuron_model_output_count(model)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "given %u inputs and %u outputs; the model has %u and %u", input_count,
                           output_count, neuron_model_input_count(model),
                           neuron_model_output_count(model));
    }
    return NEURON_OK;
}

enum neuron_status
neuron_module_check_shapes(const struct neuron_model *model,
                           const struct neuron_tensor_view *inputs,
                           const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    enum neuron_status status = check_tensors(inputs, "input", neuron_model_input_count(model),
                                              neuron_model_input, model, error);

    return status == NEURON_OK ? check_tensors(outputs, "output", neuron_model_output_count(model),
                                               neuron_model_output, model, error)
                               : status;
}

static enum neuron_status
refuse_nan(const struct neuron_module *module, uint32_t output, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR,
                       "output %.40s of %.60s holds a NaN; look at the inputs of this run",
                       neuron_model_output(module->model, output)->name,
                       neuron_model_name(module->model));
}

enum neuron_status
neuron_module_check_numbers(const struct neuron_module *module, void *const *outputs,
                            struct neuron_error *error)
{
    bool is_asked = neuron_runtime_numerical_check(module->runtime) == NEURON_NUMERICAL_CHECK_NAN;

    for (uint32_t i = 0; is_asked && i < module->output_count; i += 1) {
        if (neuron_tensor_has_nan(&neuron_model_output(module->model, i)->shape, outputs[i])) {
            return refuse_nan(module, i, error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_module_check_trimmed(const struct neuron_module *module,
                            const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    bool is_asked = neuron_runtime_numerical_check(module->runtime) == NEURON_NUMERICAL_CHECK_NAN;

    for (uint32_t i = 0; is_asked && i < module->output_count; i += 1) {
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&outputs[i]);

        if (neuron_tensor_has_nan(&shape, outputs[i].data)) {
            return refuse_nan(module, i, error);
        }
    }
    return NEURON_OK;
}

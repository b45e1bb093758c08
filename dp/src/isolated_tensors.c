/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_tensors.h"

#include <stdlib.h>

static enum neuron_status
create_list(uint32_t input_count, uint32_t output_count, struct neuron_isolated_tensors *tensors,
            struct neuron_error *error)
{
    uint32_t count = input_count + output_count;
    size_t *size_bytes = calloc((size_t)count + 1, sizeof(*size_bytes));

    if (size_bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u tensors", count);
    }
    *tensors = (struct neuron_isolated_tensors){
        .size_bytes = size_bytes, .input_count = input_count, .count = count};
    return NEURON_OK;
}

enum neuron_status
neuron_isolated_tensors_of_model(const struct neuron_model *model,
                                 struct neuron_isolated_tensors *tensors,
                                 struct neuron_error *error)
{
    uint32_t input_count = neuron_model_input_count(model);
    enum neuron_status status =
        create_list(input_count, neuron_model_output_count(model), tensors, error);

    for (uint32_t i = 0; status == NEURON_OK && i < tensors->count; i += 1) {
        const struct neuron_tensor_spec *spec = i < input_count
                                                    ? neuron_model_input(model, i)
                                                    : neuron_model_output(model, i - input_count);

        tensors->size_bytes[i] = neuron_tensor_shape_size_bytes(&spec->shape);
    }
    return status;
}

enum neuron_status
neuron_isolated_tensors_of_program(const struct neuron_custom_program *program, int64_t rows,
                                   struct neuron_isolated_tensors *tensors,
                                   struct neuron_error *error)
{
    enum neuron_status status =
        create_list(program->input_count, program->output_count, tensors, error);

    for (uint32_t i = 0; status == NEURON_OK && i < tensors->count; i += 1) {
        const struct neuron_custom_tensor *tensor =
            i < program->input_count ? &program->inputs[i]
                                     : &program->outputs[i - program->input_count];
        struct neuron_tensor_shape shape = tensor->spec.shape;
        size_t element_count = 0;

        if (!tensor->is_shared) {
            shape.dims[0] = rows;
        }
        if (!neuron_tensor_shape_element_count(&shape, &element_count)) {
            neuron_isolated_tensors_free(tensors);
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                               "%lld rows of the tensor %.60s take more memory than can be "
                               "addressed; set a smaller split size",
                               (long long)rows, tensor->spec.name);
        }
        tensors->size_bytes[i] = neuron_tensor_shape_size_bytes(&shape);
    }
    return status;
}

void
neuron_isolated_tensors_free(struct neuron_isolated_tensors *tensors)
{
    free(tensors->size_bytes);
    *tensors = (struct neuron_isolated_tensors){0};
}

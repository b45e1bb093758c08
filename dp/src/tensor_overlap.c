/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor_overlap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a dense tensor. */
struct range {
    uintptr_t start;
    size_t size_bytes;
};

static struct range
range_at(const struct neuron_batch_tensors *tensors, uint32_t position)
{
    const struct neuron_tensor_view *view =
        position < tensors->input_count ? &tensors->inputs[position]
                                        : &tensors->outputs[position - tensors->input_count];
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    struct range range = {.start = (uintptr_t)view->data,
                          .size_bytes = neuron_tensor_shape_size_bytes(&shape)};

    return range;
}

/* By the distance of the starts, as the sum of a start and a size could overflow. */
static bool
overlap(const struct range *left, const struct range *right)
{
    if (left->size_bytes == 0 || right->size_bytes == 0) {
        return false;
    }
    return left->start <= right->start ? right->start - left->start < left->size_bytes
                                       : left->start - right->start < right->size_bytes;
}

static enum neuron_status
refuse(const struct neuron_program_specs *specs, uint32_t output, uint32_t other,
       struct neuron_error *error)
{
    struct neuron_program_tensor tensor = neuron_program_specs_tensor(specs, output);
    struct neuron_program_tensor other_tensor = neuron_program_specs_tensor(specs, other);
    char name[NEURON_PROGRAM_TENSOR_TEXT_BYTES] = "";
    char other_name[NEURON_PROGRAM_TENSOR_TEXT_BYTES] = "";

    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s overlaps %s in memory: give each output memory of its own",
                       neuron_program_tensor_format(&tensor, name, sizeof(name)),
                       neuron_program_tensor_format(&other_tensor, other_name, sizeof(other_name)));
}

/* Checks an output against all tensors before it. */
static enum neuron_status
check_output(const struct neuron_batch_tensors *tensors, const struct neuron_program_specs *specs,
             uint32_t output, struct neuron_error *error)
{
    struct range range = range_at(tensors, output);

    for (uint32_t i = 0; i < output; i += 1) {
        struct range other = range_at(tensors, i);

        if (overlap(&range, &other)) {
            return refuse(specs, output, i, error);
        }
    }
    return NEURON_OK;
}

/* Pair by pair: tensors are few, and a sort would need memory. */
enum neuron_status
neuron_batch_tensors_check_disjoint(const struct neuron_batch_tensors *tensors,
                                    const struct neuron_program_specs *specs,
                                    struct neuron_error *error)
{
    uint32_t count = tensors->input_count + tensors->output_count;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = tensors->input_count; i < count && status == NEURON_OK; i += 1) {
        status = check_output(tensors, specs, i, error);
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move elements: reshape moves none. */
#include "engine/lowering.h"

#include <stdlib.h>

/* Inputs of a concat that go to oneDNN, which refuses some thousands. */
enum { PRIMITIVE_INPUT_LIMIT = 1024 };

enum neuron_status
neuron_lower_reshape(struct neuron_lowering *lowering)
{
    uint32_t dense = 0;
    uint32_t output = 0;

    enum neuron_status status = neuron_lowering_moved_input(lowering, 0, &dense);
    if (status == NEURON_OK) {
        dnnl_memory_desc_t layout =
            neuron_layout_plain_as(neuron_lowering_output_shape(lowering),
                                   neuron_plan_layout(lowering->plan, dense).data_type);

        status = neuron_plan_add_alias(lowering->plan, dense, &layout, &output, lowering->error);
    }
    neuron_lowering_set_output(lowering, output);
    return status;
}

enum neuron_status
neuron_lower_transpose(struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *shape = neuron_lowering_output_shape(lowering);
    dnnl_memory_desc_t walked = {0};
    dnnl_dims_t strides = {0};
    uint32_t input = 0;
    uint32_t view = 0;
    uint32_t output = 0;

    enum neuron_status status = neuron_lowering_moved_input(lowering, 0, &input);
    if (status != NEURON_OK) {
        return status;
    }
    /* The input seen in the order of the result; the copy to a dense layout does the work. */
    dnnl_memory_desc_t source = neuron_plan_layout(lowering->plan, input);
    dnnl_memory_desc_t plain = neuron_layout_plain_as(shape, source.data_type);
    for (uint32_t i = 0; i < shape->rank; i += 1) {
        strides[i] = source.format_desc.blocking.strides[lowering->node->attributes.order[i]];
    }
    if (shape->rank == 0) {
        strides[0] = 1;
    }
    status = neuron_lowering_check(
        lowering, dnnl_memory_desc_init_by_strides(&walked, plain.ndims, plain.dims,
                                                   plain.data_type, strides));
    if (status == NEURON_OK) {
        status = neuron_plan_add_alias(lowering->plan, input, &walked, &view, lowering->error);
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_reorder(lowering, view, &plain, &output);
    }
    neuron_lowering_set_output(lowering, output);
    return status;
}

/* Describes the concatenation of inputs to an output in the same kind of layout. */
static enum neuron_status
describe_concat(struct neuron_lowering *lowering, const dnnl_memory_desc_t *sources,
                const dnnl_memory_desc_t *output, dnnl_primitive_desc_t *description)
{
    dnnl_primitive_attr_t attributes = NULL;

    dnnl_status_t result = dnnl_primitive_attr_create(&attributes);
    if (result == dnnl_success) {
        result = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    }
    if (result == dnnl_success) {
        result = dnnl_concat_primitive_desc_create(
            description, output, (int)lowering->node->input_count, lowering->node->attributes.axis,
            sources, attributes, lowering->plan->engine);
    }
    (void)dnnl_primitive_attr_destroy(attributes);
    return neuron_lowering_check(lowering, result);
}

/* Chooses the layout of the result: that of the inputs where they have one in common. */
static dnnl_memory_desc_t
choose_joined(const struct neuron_lowering *lowering, dnnl_memory_desc_t *sources)
{
    dnnl_memory_desc_t joined = neuron_layout_plain(neuron_lowering_output_shape(lowering));
    uint32_t count = lowering->node->input_count;

    for (uint32_t i = 0; i < count; i += 1) {
        sources[i] = neuron_plan_layout(lowering->plan, neuron_lowering_input(lowering, i));
    }
    dnnl_format_tag_t tag =
        neuron_layout_find_joined(sources, count, lowering->node->attributes.axis);
    if (tag != dnnl_format_tag_undef) {
        (void)dnnl_memory_desc_init_by_tag(&joined, joined.ndims, joined.dims, joined.data_type,
                                           tag);
        return joined;
    }
    for (uint32_t i = 0; i < count; i += 1) {
        sources[i] = neuron_layout_plain(neuron_lowering_input_shape(lowering, i));
    }
    return joined;
}

/* Lowers with room for the inputs' layouts and arguments. */
static enum neuron_status
lower_concat_with(struct neuron_lowering *lowering, dnnl_memory_desc_t *sources,
                  struct neuron_step_argument *arguments)
{
    dnnl_memory_desc_t joined = choose_joined(lowering, sources);
    uint32_t count = lowering->node->input_count;
    dnnl_primitive_desc_t description = NULL;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        arguments[i].name = DNNL_ARG_MULTIPLE_SRC + (int)i;
        status = neuron_lowering_reorder(lowering, neuron_lowering_input(lowering, i), &sources[i],
                                         &arguments[i].buffer);
    }
    arguments[count].name = DNNL_ARG_DST;
    if (status == NEURON_OK) {
        status = neuron_plan_add_buffer(lowering->plan, &joined, &arguments[count].buffer,
                                        lowering->error);
    }
    if (status == NEURON_OK) {
        status = describe_concat(lowering, sources, &joined, &description);
    }
    neuron_lowering_set_output(lowering, arguments[count].buffer);
    return status == NEURON_OK
               ? neuron_lowering_add_kernel(lowering, description, arguments, count + 1)
               : status;
}

enum neuron_status
neuron_lower_concat(struct neuron_lowering *lowering)
{
    uint32_t count = lowering->node->input_count;

    if (count > PRIMITIVE_INPUT_LIMIT) {
        return neuron_lower_portable(lowering);
    }
    dnnl_memory_desc_t *sources = calloc(count, sizeof(*sources));
    struct neuron_step_argument *arguments = calloc((size_t)count + 1, sizeof(*arguments));
    enum neuron_status status = NEURON_OK;

    if (sources == NULL || arguments == NULL) {
        status = NEURON_FAIL(lowering->error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
    } else {
        status = lower_concat_with(lowering, sources, arguments);
    }
    free(sources);
    free(arguments);
    return status;
}

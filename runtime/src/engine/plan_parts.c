/* SPDX-License-Identifier: Apache-2.0 */
/* Storages, buffers, steps: the arrays of a plan while it is being built. */
#include "engine/lowering.h"

#include <stdlib.h>
#include <string.h>

#include "engine/wide_split.h"
#include "growing_array.h"

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
}

static enum neuron_status
add_storage(struct neuron_plan *plan, size_t size_bytes, uint32_t *storage,
            struct neuron_error *error)
{
    void *storages = neuron_grow(plan->storages, plan->storage_count, &plan->storage_room,
                                 sizeof(*plan->storages));

    if (storages == NULL) {
        return refuse_memory(error);
    }
    plan->storages = storages;
    plan->storages[plan->storage_count] =
        (struct neuron_storage){.size_bytes = size_bytes, .first_step = UINT32_MAX};
    *storage = plan->storage_count;
    plan->storage_count += 1;
    return NEURON_OK;
}

static enum neuron_status
add_buffer_of(struct neuron_plan *plan, uint32_t storage, const dnnl_memory_desc_t *layout,
              uint32_t *buffer, struct neuron_error *error)
{
    /* The layout may stand in the array that is about to move. */
    dnnl_memory_desc_t copy = *layout;
    void *buffers =
        neuron_grow(plan->buffers, plan->buffer_count, &plan->buffer_room, sizeof(*plan->buffers));

    if (buffers == NULL) {
        return refuse_memory(error);
    }
    plan->buffers = buffers;
    plan->buffers[plan->buffer_count] = (struct neuron_buffer){.storage = storage, .layout = copy};
    *buffer = plan->buffer_count;
    plan->buffer_count += 1;
    return NEURON_OK;
}

enum neuron_status
neuron_plan_add_buffer(struct neuron_plan *plan, const dnnl_memory_desc_t *layout, uint32_t *buffer,
                       struct neuron_error *error)
{
    uint32_t storage = 0;
    enum neuron_status status =
        add_storage(plan, dnnl_memory_desc_get_size(layout), &storage, error);

    return status == NEURON_OK ? add_buffer_of(plan, storage, layout, buffer, error) : status;
}

enum neuron_status
neuron_plan_add_constant(struct neuron_plan *plan, const dnnl_memory_desc_t *layout, void *bytes,
                         uint32_t *buffer, struct neuron_error *error)
{
    enum neuron_status status = neuron_plan_add_buffer(plan, layout, buffer, error);

    if (status != NEURON_OK) {
        free(bytes);
        return status;
    }
    struct neuron_storage *storage = &plan->storages[plan->buffers[*buffer].storage];
    storage->place = NEURON_PLACE_CONSTANT;
    storage->constant = bytes;
    storage->owned = bytes;
    storage->owned_bytes = storage->size_bytes;
    return NEURON_OK;
}

enum neuron_status
neuron_plan_add_alias(struct neuron_plan *plan, uint32_t of, const dnnl_memory_desc_t *layout,
                      uint32_t *buffer, struct neuron_error *error)
{
    return neuron_plan_add_piece(plan, of, 0, layout, buffer, error);
}

enum neuron_status
neuron_plan_add_piece(struct neuron_plan *plan, uint32_t of, size_t offset,
                      const dnnl_memory_desc_t *layout, uint32_t *buffer,
                      struct neuron_error *error)
{
    size_t before = plan->buffers[of].offset;
    enum neuron_status status =
        add_buffer_of(plan, plan->buffers[of].storage, layout, buffer, error);

    if (status == NEURON_OK) {
        plan->buffers[*buffer].offset = before + offset;
    }
    return status;
}

dnnl_memory_desc_t
neuron_plan_layout(const struct neuron_plan *plan, uint32_t buffer)
{
    return plan->buffers[buffer].layout;
}

/* Stretches the life of each storage that a step touches. */
static void
note_lives(struct neuron_plan *plan, const struct neuron_step *step)
{
    for (uint32_t i = 0; i < step->argument_count; i += 1) {
        struct neuron_storage *storage =
            &plan->storages[plan->buffers[step->arguments[i].buffer].storage];

        if (storage->first_step == UINT32_MAX) {
            storage->first_step = step->moment;
        }
        storage->last_step = step->moment;
    }
}

/* Adds a step with a copy of its arguments. The step's primitive is the plan's on success. */
static enum neuron_status
add_step(struct neuron_plan *plan, struct neuron_step step,
         const struct neuron_step_argument *arguments, struct neuron_error *error)
{
    void *steps =
        neuron_grow(plan->steps, plan->step_count, &plan->step_room, sizeof(*plan->steps));

    if (steps == NULL) {
        return refuse_memory(error);
    }
    plan->steps = steps;
    step.arguments = calloc(step.argument_count, sizeof(*step.arguments));
    if (step.arguments == NULL) {
        return refuse_memory(error);
    }
    memcpy(step.arguments, arguments, step.argument_count * sizeof(*arguments));
    plan->moment_count += step.is_beside ? 0 : 1;
    step.moment = plan->moment_count - 1;
    note_lives(plan, &step);
    plan->steps[plan->step_count] = step;
    plan->step_count += 1;
    return NEURON_OK;
}

enum neuron_status
neuron_lowering_add_copy(struct neuron_lowering *lowering, uint32_t from, uint32_t to)
{
    const struct neuron_step_argument arguments[2] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    struct neuron_step step = {.run = neuron_kernel_copy, .argument_count = 2};

    return add_step(lowering->plan, step, arguments, lowering->error);
}

enum neuron_status
neuron_lowering_add_elements(struct neuron_lowering *lowering, neuron_kernel_fn *run,
                             const struct neuron_step_argument *arguments, uint32_t argument_count)
{
    struct neuron_step step = {.run = run,
                               .node = lowering->node,
                               .is_by_elements = true,
                               .argument_count = argument_count};

    return add_step(lowering->plan, step, arguments, lowering->error);
}

/* A buffer for the scratch memory of a kernel of our own; none where it wants none. */
static enum neuron_status
add_kernel_scratch(struct neuron_lowering *lowering, const struct neuron_kernel *kernel,
                   struct neuron_step_argument *arguments, uint32_t *argument_count)
{
    const struct neuron_node *node = lowering->node;
    struct neuron_tensor_view *inputs = calloc((size_t)node->input_count + 1, sizeof(*inputs));
    struct neuron_tensor_shape bytes = {.type = NEURON_UINT8, .rank = 1};
    enum neuron_status status = NEURON_OK;

    if (inputs == NULL) {
        return refuse_memory(lowering->error);
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        inputs[i] = neuron_tensor_view_of(neuron_lowering_input_shape(lowering, i), NULL);
    }
    const struct neuron_kernel_call call = {
        .kind = node->kind,
        .attributes = &node->attributes,
        .inputs = inputs,
        .input_count = node->input_count,
        .output = neuron_tensor_view_of(neuron_lowering_output_shape(lowering), NULL)};
    bytes.dims[0] = (int64_t)kernel->scratch_bytes(&call);
    free(inputs);
    if (bytes.dims[0] > 0) {
        dnnl_memory_desc_t layout = neuron_layout_plain(&bytes);

        status = neuron_plan_add_buffer(lowering->plan, &layout, &arguments[*argument_count].buffer,
                                        lowering->error);
        arguments[*argument_count].name = DNNL_ARG_SCRATCHPAD;
        *argument_count += status == NEURON_OK ? 1 : 0;
    }
    return status;
}

/* Adds the step, with room for all arguments. */
static enum neuron_status
lower_with(struct neuron_lowering *lowering, const struct neuron_kernel *kernel,
           struct neuron_step_argument *arguments)
{
    const struct neuron_node *node = lowering->node;
    dnnl_memory_desc_t plain = neuron_layout_plain(neuron_lowering_output_shape(lowering));
    struct neuron_step step = {
        .run = kernel->run, .node = node, .argument_count = node->input_count + 1};
    uint32_t output = 0;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < node->input_count; i += 1) {
        arguments[i].name = DNNL_ARG_MULTIPLE_SRC + (int)i;
        status = neuron_lowering_plain_input(lowering, i, &arguments[i].buffer);
    }
    if (status == NEURON_OK) {
        status = neuron_plan_add_buffer(lowering->plan, &plain, &output, lowering->error);
    }
    arguments[node->input_count] = (struct neuron_step_argument){DNNL_ARG_DST, output};
    if (status == NEURON_OK && kernel->scratch_bytes != NULL) {
        status = add_kernel_scratch(lowering, kernel, arguments, &step.argument_count);
    }
    if (status == NEURON_OK) {
        status = add_step(lowering->plan, step, arguments, lowering->error);
    }
    neuron_lowering_set_output(lowering, output);
    return status;
}

enum neuron_status
neuron_lower_portable(struct neuron_lowering *lowering)
{
    const struct neuron_kernel *kernel = neuron_kernel_find(lowering->node->kind);
    struct neuron_step_argument *arguments =
        calloc((size_t)lowering->node->input_count + 2, sizeof(*arguments));

    if (arguments == NULL) {
        return refuse_memory(lowering->error);
    }
    enum neuron_status status = NEURON_OK;
    if (kernel->run != NULL) {
        status = lower_with(lowering, kernel, arguments);
    } else {
        status = NEURON_FAIL(lowering->error, NEURON_UNSUPPORTED_MODEL, "there is no kernel for %s",
                             neuron_operator_name(lowering->node->kind));
    }
    free(arguments);
    return status;
}

/* Copies the arguments, with one more for scratch memory where the kernel wants some. */
static enum neuron_status
add_scratch(struct neuron_lowering *lowering, const_dnnl_primitive_desc_t description,
            struct neuron_step_argument *arguments, uint32_t *argument_count)
{
    const dnnl_memory_desc_t *layout =
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    uint32_t buffer = 0;

    if (layout == NULL || dnnl_memory_desc_get_size(layout) == 0) {
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_plan_add_buffer(lowering->plan, layout, &buffer, lowering->error);
    if (status == NEURON_OK) {
        arguments[*argument_count] =
            (struct neuron_step_argument){.name = DNNL_ARG_SCRATCHPAD, .buffer = buffer};
        *argument_count += 1;
    }
    return status;
}

/* Adds a step of a kernel, on the core and in the moment that the step says. The description is
   not destroyed. */
static enum neuron_status
add_primitive(struct neuron_lowering *lowering, dnnl_primitive_desc_t description,
              const struct neuron_step_argument *arguments, struct neuron_step step)
{
    struct neuron_step_argument *all = calloc((size_t)step.argument_count + 1, sizeof(*all));
    enum neuron_status status = NEURON_OK;

    if (all == NULL) {
        return refuse_memory(lowering->error);
    }
    memcpy(all, arguments, step.argument_count * sizeof(*all));
    status = add_scratch(lowering, description, all, &step.argument_count);
    if (status == NEURON_OK) {
        status =
            neuron_lowering_check(lowering, dnnl_primitive_create(&step.primitive, description));
    }
    if (status == NEURON_OK) {
        status = add_step(lowering->plan, step, all, lowering->error);
    }
    if (status != NEURON_OK && step.primitive != NULL) {
        (void)dnnl_primitive_destroy(step.primitive);
    }
    free(all);
    return status;
}

/* Adds a core's part of a kernel, on pieces of the buffers of its arguments. */
static enum neuron_status
add_part(struct neuron_lowering *lowering, const struct neuron_wide_part *part,
         const struct neuron_step_argument *arguments, uint32_t argument_count, uint32_t core)
{
    struct neuron_step_argument pieces[NEURON_WIDE_ARGUMENT_LIMIT];
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < argument_count; i += 1) {
        /* The third of three is the fourth of four: there is no bias. */
        uint32_t place = i == 2 && argument_count < NEURON_WIDE_ARGUMENT_LIMIT ? i + 1 : i;

        pieces[i].name = arguments[i].name;
        status = neuron_plan_add_piece(lowering->plan, arguments[i].buffer, part->offsets[place],
                                       &part->layouts[place], &pieces[i].buffer, lowering->error);
    }
    const struct neuron_step step = {.node = lowering->node,
                                     .argument_count = argument_count,
                                     .core = core,
                                     .is_beside = core > 0};
    return status == NEURON_OK ? add_primitive(lowering, part->description, pieces, step) : status;
}

/* Adds a part of a kernel for each core; says whether the kernel can be cut. */
static enum neuron_status
add_parts(struct neuron_lowering *lowering, const_dnnl_primitive_desc_t description,
          const struct neuron_step_argument *arguments, uint32_t argument_count, bool *is_cut)
{
    uint32_t part_count = lowering->plan->core_count;
    struct neuron_wide_part *parts = calloc(part_count, sizeof(*parts));
    enum neuron_status status = NEURON_OK;

    if (parts == NULL) {
        return refuse_memory(lowering->error);
    }
    *is_cut =
        neuron_wide_split(lowering, description, arguments, argument_count, parts, part_count);
    for (uint32_t i = 0; status == NEURON_OK && *is_cut && i < part_count; i += 1) {
        status = add_part(lowering, &parts[i], arguments, argument_count, i);
    }
    neuron_wide_parts_destroy(parts, part_count);
    free(parts);
    return status;
}

enum neuron_status
neuron_lowering_add_kernel(struct neuron_lowering *lowering, dnnl_primitive_desc_t description,
                           const struct neuron_step_argument *arguments, uint32_t argument_count)
{
    const struct neuron_step step = {.node = lowering->node, .argument_count = argument_count};
    enum neuron_status status = NEURON_OK;
    bool is_cut = false;

    if (lowering->plan->core_count > 1 && lowering->node != NULL) {
        status = add_parts(lowering, description, arguments, argument_count, &is_cut);
    }
    if (status == NEURON_OK && !is_cut) {
        status = add_primitive(lowering, description, arguments, step);
    }
    (void)dnnl_primitive_desc_destroy(description);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Storages, buffers, steps: the arrays of a plan while it is being built. */
#include "engine/lowering.h"

#include <stdlib.h>
#include <string.h>

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
neuron_plan_add_alias(struct neuron_plan *plan, uint32_t of, const dnnl_memory_desc_t *layout,
                      uint32_t *buffer, struct neuron_error *error)
{
    return add_buffer_of(plan, plan->buffers[of].storage, layout, buffer, error);
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
            storage->first_step = plan->step_count;
        }
        storage->last_step = plan->step_count;
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
    note_lives(plan, &step);
    plan->steps[plan->step_count] = step;
    plan->step_count += 1;
    return NEURON_OK;
}

enum neuron_status
neuron_lowering_add_broadcast(struct neuron_lowering *lowering,
                              const struct neuron_broadcast *broadcast, const uint32_t *buffers)
{
    const struct neuron_step_argument arguments[3] = {
        {DNNL_ARG_SRC_0, buffers[0]}, {DNNL_ARG_SRC_1, buffers[1]}, {DNNL_ARG_DST, buffers[2]}};
    struct neuron_step step = {.broadcast = *broadcast, .argument_count = 3};

    return add_step(lowering->plan, step, arguments, lowering->error);
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

enum neuron_status
neuron_lowering_add_kernel(struct neuron_lowering *lowering, dnnl_primitive_desc_t description,
                           const struct neuron_step_argument *arguments, uint32_t argument_count)
{
    struct neuron_step step = {.argument_count = argument_count};
    struct neuron_step_argument *all = calloc((size_t)argument_count + 1, sizeof(*all));
    enum neuron_status status = NEURON_OK;

    if (all == NULL) {
        status = refuse_memory(lowering->error);
    }
    if (status == NEURON_OK) {
        memcpy(all, arguments, argument_count * sizeof(*all));
        status = add_scratch(lowering, description, all, &step.argument_count);
    }
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
    (void)dnnl_primitive_desc_destroy(description);
    free(all);
    return status;
}

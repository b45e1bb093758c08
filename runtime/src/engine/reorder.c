/* SPDX-License-Identifier: Apache-2.0 */
/* Values in other layouts: constants are packed once, all else by a step of each run. */
#include "engine/lowering.h"

#include <string.h>

#include "engine/packed_weights.h"
#include "engine/scaling.h"
#include "growing_array.h"
#include "neff/neff_header.h"

/* Runs a reorder now, from a constant into memory that the plan owns. */
static enum neuron_status
run_reorder(struct neuron_lowering *lowering, dnnl_primitive_desc_t description,
            const struct neuron_buffer *from, struct neuron_buffer *to)
{
    struct neuron_plan *plan = lowering->plan;
    struct neuron_storage *storage = &plan->storages[to->storage];
    /* oneDNN takes the address of what it only reads without const. */
    union {
        const void *bytes;
        void *address;
    } constant = {.bytes = plan->storages[from->storage].constant};
    dnnl_primitive_t primitive = NULL;
    dnnl_stream_t stream = NULL;
    dnnl_memory_t source = NULL;
    dnnl_memory_t target = NULL;

    dnnl_status_t result = dnnl_primitive_create(&primitive, description);
    result = result != dnnl_success
                 ? result
                 : dnnl_stream_create(&stream, plan->engine, dnnl_stream_default_flags);
    result = result != dnnl_success
                 ? result
                 : dnnl_memory_create(&source, &from->layout, plan->engine, constant.address);
    result = result != dnnl_success
                 ? result
                 : dnnl_memory_create(&target, &to->layout, plan->engine, storage->owned);
    if (result == dnnl_success) {
        const dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}};

        result = dnnl_primitive_execute(primitive, stream, 2, arguments);
        result = result != dnnl_success ? result : dnnl_stream_wait(stream);
    }
    (void)dnnl_memory_destroy(source);
    (void)dnnl_memory_destroy(target);
    (void)dnnl_stream_destroy(stream);
    (void)dnnl_primitive_destroy(primitive);
    return neuron_lowering_check(lowering, result);
}

/* A number that layouts have in common only when they are the same. */
static uint64_t
signature_of(const dnnl_memory_desc_t *layout)
{
    struct neuron_neff_checksum checksum = neuron_neff_checksum_of(layout, sizeof(*layout));
    uint64_t signature = 0;

    memcpy(&signature, checksum.bytes, sizeof(signature));
    return signature;
}

/* Packs a constant into a new storage, which becomes a constant itself. */
static enum neuron_status
pack(struct neuron_lowering *lowering, dnnl_primitive_desc_t description, uint32_t from,
     uint32_t to)
{
    struct neuron_plan *plan = lowering->plan;
    const struct neuron_storage *raw = &plan->storages[plan->buffers[from].storage];
    const struct neuron_storage *packed = &plan->storages[plan->buffers[to].storage];
    enum neuron_status status = NEURON_OK;
    void *bytes = NULL;

    if (!neuron_packed_weights_find(plan, to, signature_of(&plan->buffers[to].layout))) {
        status = raw->constant == NULL ? neuron_scaling_round_weights(lowering) : NEURON_OK;
        if (status == NEURON_OK) {
            status = neuron_packed_weights_allocate(lowering, to, &bytes);
        }
        if (status == NEURON_OK) {
            /* Padding inside the layout is read by kernels, and must be zero. */
            memset(bytes, 0, packed->owned_bytes);
            status = run_reorder(lowering, description, &plan->buffers[from], &plan->buffers[to]);
        }
    }
    if (status == NEURON_OK) {
        neuron_packed_weights_release(plan, from);
    }
    return status;
}

/* Remembers that `to` holds what `from` does. */
static enum neuron_status
note_reordered(struct neuron_lowering *lowering, uint32_t from, uint32_t to)
{
    struct neuron_plan *plan = lowering->plan;
    void *reordered = neuron_grow(plan->reordered, plan->reordered_count, &plan->reordered_room,
                                  sizeof(*plan->reordered));

    if (reordered == NULL) {
        return NEURON_FAIL(lowering->error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
    }
    plan->reordered = reordered;
    plan->reordered[plan->reordered_count] = (struct neuron_reordered){.from = from, .to = to};
    plan->reordered_count += 1;
    return NEURON_OK;
}

/* Says whether two buffers are the same bytes seen in the same way. */
static bool
is_same_view(const struct neuron_plan *plan, uint32_t left, uint32_t right)
{
    return plan->buffers[left].storage == plan->buffers[right].storage &&
           dnnl_memory_desc_equal(&plan->buffers[left].layout, &plan->buffers[right].layout);
}

static bool
find_reordered(const struct neuron_plan *plan, uint32_t from, const dnnl_memory_desc_t *layout,
               uint32_t *buffer)
{
    if (dnnl_memory_desc_equal(&plan->buffers[from].layout, layout)) {
        *buffer = from;
        return true;
    }
    for (uint32_t i = 0; i < plan->reordered_count; i += 1) {
        const struct neuron_reordered *known = &plan->reordered[i];

        /* Each use of a constant may have made an alias of its own. */
        if (is_same_view(plan, known->from, from) &&
            dnnl_memory_desc_equal(&plan->buffers[known->to].layout, layout)) {
            *buffer = known->to;
            return true;
        }
    }
    return false;
}

void
neuron_lowering_forget_reordered(struct neuron_lowering *lowering, uint32_t buffer)
{
    struct neuron_plan *plan = lowering->plan;
    uint32_t storage = plan->buffers[buffer].storage;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < plan->reordered_count; i += 1) {
        struct neuron_reordered known = plan->reordered[i];

        if (plan->buffers[known.from].storage != storage &&
            plan->buffers[known.to].storage != storage) {
            plan->reordered[kept] = known;
            kept += 1;
        }
    }
    plan->reordered_count = kept;
}

/* Describes a copy from a layout to another. */
static enum neuron_status
describe_reorder(struct neuron_lowering *lowering, const dnnl_memory_desc_t *from,
                 const dnnl_memory_desc_t *to, dnnl_scratchpad_mode_t scratch,
                 dnnl_primitive_desc_t *description)
{
    dnnl_engine_t engine = lowering->plan->engine;
    dnnl_primitive_attr_t attributes = NULL;

    dnnl_status_t result = dnnl_primitive_attr_create(&attributes);
    result = result != dnnl_success ? result
                                    : dnnl_primitive_attr_set_scratchpad_mode(attributes, scratch);
    result = result != dnnl_success ? result
                                    : dnnl_reorder_primitive_desc_create(description, from, engine,
                                                                         to, engine, attributes);
    (void)dnnl_primitive_attr_destroy(attributes);
    return neuron_lowering_check(lowering, result);
}

enum neuron_status
neuron_lowering_reorder(struct neuron_lowering *lowering, uint32_t from,
                        const dnnl_memory_desc_t *layout, uint32_t *buffer)
{
    struct neuron_plan *plan = lowering->plan;
    dnnl_memory_desc_t wanted = *layout;
    dnnl_memory_desc_t source = plan->buffers[from].layout;
    dnnl_primitive_desc_t description = NULL;
    uint32_t to = 0;

    if (find_reordered(plan, from, &wanted, buffer)) {
        return NEURON_OK;
    }
    bool is_constant = plan->storages[plan->buffers[from].storage].place == NEURON_PLACE_CONSTANT;
    enum neuron_status status = neuron_plan_add_buffer(plan, &wanted, &to, lowering->error);
    if (status == NEURON_OK) {
        plan->storages[plan->buffers[to].storage].is_copy = true;
        status = describe_reorder(
            lowering, &source, &wanted,
            is_constant ? dnnl_scratchpad_mode_library : dnnl_scratchpad_mode_user, &description);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (is_constant) {
        status = pack(lowering, description, from, to);
        (void)dnnl_primitive_desc_destroy(description);
    } else {
        const struct neuron_step_argument arguments[2] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};

        status = neuron_lowering_add_kernel(lowering, description, arguments, 2);
    }
    if (status == NEURON_OK) {
        status = note_reordered(lowering, from, to);
    }
    *buffer = to;
    return status;
}

enum neuron_status
neuron_lowering_reorder_into(struct neuron_lowering *lowering, uint32_t from, uint32_t to)
{
    const struct neuron_step_argument arguments[2] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    dnnl_memory_desc_t source = lowering->plan->buffers[from].layout;
    dnnl_memory_desc_t target = lowering->plan->buffers[to].layout;
    dnnl_primitive_desc_t description = NULL;
    enum neuron_status status =
        describe_reorder(lowering, &source, &target, dnnl_scratchpad_mode_user, &description);

    return status == NEURON_OK ? neuron_lowering_add_kernel(lowering, description, arguments, 2)
                               : status;
}

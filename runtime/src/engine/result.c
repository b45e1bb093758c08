/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where results lie: over an input that is not needed any more, where a kernel can do that, and
 * over the residual that it adds to.
 */
#include "engine/lowering.h"

bool
neuron_lowering_may_write_over(const struct neuron_lowering *lowering, uint32_t buffer,
                               const dnnl_memory_desc_t *layout)
{
    const struct neuron_plan *plan = lowering->plan;
    const struct neuron_storage *storage = &plan->storages[plan->buffers[buffer].storage];

    return storage->place == NEURON_PLACE_ARENA && storage->is_value && !storage->is_copy &&
           storage->last_reader <= lowering->index &&
           dnnl_memory_desc_equal(&plan->buffers[buffer].layout, layout);
}

/* A buffer that is the same memory, whose contents will be others: what was made of the old ones
   in other layouts is not to be taken for the new. */
static enum neuron_status
write_over(struct neuron_lowering *lowering, uint32_t over, const dnnl_memory_desc_t *layout,
           uint32_t *buffer)
{
    neuron_lowering_forget_reordered(lowering, over);
    return neuron_plan_add_alias(lowering->plan, over, layout, buffer, lowering->error);
}

enum neuron_status
neuron_lowering_add_over(struct neuron_lowering *lowering, uint32_t over,
                         const dnnl_memory_desc_t *layout, uint32_t *buffer)
{
    return neuron_lowering_may_write_over(lowering, over, layout)
               ? write_over(lowering, over, layout, buffer)
               : neuron_plan_add_buffer(lowering->plan, layout, buffer, lowering->error);
}

bool
neuron_lowering_has_bias(const struct neuron_lowering *lowering)
{
    return lowering->node->input_count - (lowering->node->attributes.has_residual ? 1 : 0) == 3;
}

/* Says whether a step reads the storage of a buffer. */
static bool
reads_storage(const struct neuron_plan *plan, const struct neuron_step_argument *arguments,
              uint32_t argument_count, uint32_t buffer)
{
    for (uint32_t i = 0; i < argument_count; i += 1) {
        if (plan->buffers[arguments[i].buffer].storage == plan->buffers[buffer].storage) {
            return true;
        }
    }
    return false;
}

enum neuron_status
neuron_lowering_add_result(struct neuron_lowering *lowering, const dnnl_memory_desc_t *layout,
                           const struct neuron_step_argument *arguments, uint32_t argument_count,
                           uint32_t *buffer)
{
    struct neuron_plan *plan = lowering->plan;

    if (!lowering->node->attributes.has_residual) {
        return neuron_plan_add_buffer(plan, layout, buffer, lowering->error);
    }
    uint32_t residual = neuron_lowering_input(lowering, lowering->node->input_count - 1);
    if (neuron_lowering_may_write_over(lowering, residual, layout) &&
        !reads_storage(plan, arguments, argument_count, residual)) {
        return write_over(lowering, residual, layout, buffer);
    }
    enum neuron_status status = neuron_plan_add_buffer(plan, layout, buffer, lowering->error);
    return status == NEURON_OK ? neuron_lowering_reorder_into(lowering, residual, *buffer) : status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the weights of a plan take from a device. Their raw size is asked for at once, so that a
 * model that does not fit is refused with its whole size, and before anything is packed; what
 * packing adds to it, or saves, is settled afterwards.
 */
#include "engine/plan_body.h"

static uint64_t
add_saturated(uint64_t left, uint64_t right)
{
    return left > UINT64_MAX - right ? UINT64_MAX : left + right;
}

enum neuron_status
neuron_plan_charge_constants(struct neuron_plan *plan, struct neuron_error *error)
{
    const struct neuron_graph *graph = plan->graph;
    uint64_t raw_bytes = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].origin == NEURON_VALUE_CONSTANT) {
            raw_bytes =
                add_saturated(raw_bytes, neuron_tensor_shape_size_bytes(&graph->values[i].shape));
        }
    }
    plan->constant_bytes = raw_bytes;
    enum neuron_status status =
        neuron_charge_take(&plan->charge, raw_bytes, NEURON_MEMORY_WEIGHTS, error);
    if (status == NEURON_OK) {
        plan->charged_bytes = raw_bytes;
    }
    return status;
}

/* Packed weights, and those that a step touches where they lie. */
static uint64_t
used_bytes(const struct neuron_plan *plan)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        const struct neuron_storage *storage = &plan->storages[i];

        if (storage->owned != NULL) {
            bytes = add_saturated(bytes, storage->owned_bytes);
        } else if (storage->place == NEURON_PLACE_CONSTANT && storage->first_step != UINT32_MAX) {
            bytes = add_saturated(bytes, storage->size_bytes);
        }
    }
    return bytes;
}

enum neuron_status
neuron_plan_settle_charge(struct neuron_plan *plan, struct neuron_error *error)
{
    uint64_t bytes = used_bytes(plan);

    if (bytes > plan->charged_bytes) {
        enum neuron_status status = neuron_charge_take(&plan->charge, bytes - plan->charged_bytes,
                                                       NEURON_MEMORY_WEIGHTS, error);

        if (status != NEURON_OK) {
            return status;
        }
    } else {
        neuron_charge_give(&plan->charge, plan->charged_bytes - bytes, NEURON_MEMORY_WEIGHTS);
    }
    plan->charged_bytes = bytes;
    return NEURON_OK;
}

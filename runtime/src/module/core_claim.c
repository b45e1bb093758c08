/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/core_claim.h"

#include "module/core_usage.h"
#include "runtime_body.h"

enum neuron_status
neuron_core_claim_make(const struct neuron_runtime *runtime,
                       const struct neuron_module_placement *placement, uint32_t model_cores,
                       struct neuron_core_claim *claim, struct neuron_error *error)
{
    if (placement->kind == NEURON_PLACEMENT_DEFAULT || model_cores == 0) {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "replicas without a module need a placement, and at least one core each");
    }
    return neuron_core_usage_claim(neuron_runtime_usage(runtime), placement, model_cores, NULL,
                                   claim, error);
}

void
neuron_core_claim_give_back(const struct neuron_runtime *runtime, struct neuron_core_claim *claim)
{
    neuron_core_usage_release(neuron_runtime_usage(runtime), claim);
}

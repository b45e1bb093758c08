/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/device_budgets.h"

#include <stdlib.h>

struct neuron_device_budgets {
    uint32_t count;
    struct neuron_device_budget *by_device[];
};

enum neuron_status
neuron_device_budgets_create(const struct neuron_topology *topology, uint64_t limit_bytes,
                             struct neuron_device_budgets **budgets, struct neuron_error *error)
{
    uint32_t count = neuron_topology_device_count(topology);
    struct neuron_device_budgets *created =
        calloc(1, sizeof(*created) + count * sizeof(struct neuron_device_budget *));
    enum neuron_status status = NEURON_OK;

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "out of memory for the memory budgets of %u devices", count);
    }
    created->count = count;
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        uint64_t device_limit_bytes =
            limit_bytes == 0 ? neuron_topology_device_memory(topology, i) : limit_bytes;

        status = neuron_device_budget_create(i, device_limit_bytes, &created->by_device[i], error);
    }
    if (status != NEURON_OK) {
        neuron_device_budgets_destroy(created);
        return status;
    }
    *budgets = created;
    return NEURON_OK;
}

void
neuron_device_budgets_note(struct neuron_device_budgets *budgets,
                           struct neuron_process_counters *counters)
{
    for (uint32_t i = 0; i < budgets->count; i += 1) {
        neuron_device_budget_note(budgets->by_device[i], counters);
    }
}

struct neuron_device_budget *
neuron_device_budgets_of(const struct neuron_device_budgets *budgets, uint32_t device)
{
    return budgets->by_device[device];
}

void
neuron_device_budgets_destroy(struct neuron_device_budgets *budgets)
{
    if (budgets == NULL) {
        return;
    }
    for (uint32_t i = 0; i < budgets->count; i += 1) {
        neuron_device_budget_destroy(budgets->by_device[i]);
    }
    free(budgets);
}

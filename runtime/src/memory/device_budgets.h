/* SPDX-License-Identifier: Apache-2.0 */
/* The budgets of all devices of the machine. */
#ifndef NEURON_MEMORY_DEVICE_BUDGETS_H
#define NEURON_MEMORY_DEVICE_BUDGETS_H

#include <stdint.h>

#include "memory/device_budget.h"
#include "neuron/status.h"
#include "neuron/topology.h"

struct neuron_device_budgets;

/* limit_bytes  of each device; 0 for what the device has (neuron_topology_device_memory()). */
NEURON_MUST_CHECK enum neuron_status
neuron_device_budgets_create(const struct neuron_topology *topology, uint64_t limit_bytes,
                             struct neuron_device_budgets **budgets, struct neuron_error *error);

/* As neuron_device_budget_note(), for each. */
void
neuron_device_budgets_note(struct neuron_device_budgets *budgets,
                           struct neuron_process_counters *counters);

/* The budget of a device. */
struct neuron_device_budget *
neuron_device_budgets_of(const struct neuron_device_budgets *budgets, uint32_t device);

/* Destroys budgets of which nothing is taken. Accepts NULL. */
void
neuron_device_budgets_destroy(struct neuron_device_budgets *budgets);

#endif

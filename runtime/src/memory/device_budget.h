/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory this process may load to a device, and who uses how much of it. */
#ifndef NEURON_MEMORY_DEVICE_BUDGET_H
#define NEURON_MEMORY_DEVICE_BUDGET_H

#include <stdint.h>

#include "memory/memory_use.h"
#include "neuron/device_memory.h"
#include "neuron/status.h"

/*
 * Any thread may take and give. In a forked child, which has none of the parent's cores, nothing is
 * taken any more, and giving does nothing.
 */
struct neuron_device_budget;

/* Who takes: what is taken is the sum per owner name, which refusals list. Copied by value. */
struct neuron_charge {
    struct neuron_device_budget *budget; /* NULL: nothing is counted or refused */
    const char *owner;                   /* outlives what is charged */
};

/*
 * Makes a budget.
 *
 * device  its number, for the texts of refusals.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_device_budget_create(uint32_t device, uint64_t limit_bytes,
                            struct neuron_device_budget **budget, struct neuron_error *error);

/* Notes what is taken and given from now on, where others see it. Nothing was taken before. */
struct neuron_process_counters;
void
neuron_device_budget_note(struct neuron_device_budget *budget,
                          struct neuron_process_counters *counters);

/*
 * Takes bytes, before they are allocated. The owner's name is copied.
 *
 * charge  may be NULL: nothing is counted or refused.
 * use     what they are for, as it stands in the refusal.
 *
 * Returns NEURON_DEVICE_MEMORY_FULL, with the bytes asked, used and allowed, and the owners that
 * use most, in a text short enough for a caller to put "nc:12: " before it; NEURON_OUT_OF_MEMORY;
 * NEURON_STOPPED in a forked child. Nothing is taken then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_charge_take(const struct neuron_charge *charge, uint64_t bytes, enum neuron_memory_use use,
                   struct neuron_error *error);

/* Gives back bytes that were taken under the same owner and for the same use. `charge` may be NULL.
 */
void
neuron_charge_give(const struct neuron_charge *charge, uint64_t bytes, enum neuron_memory_use use);

void
neuron_device_budget_read(struct neuron_device_budget *budget,
                          struct neuron_device_memory_stats *stats);

/* Destroys a budget of which nothing is taken, but in a forked child. Accepts NULL. */
void
neuron_device_budget_destroy(struct neuron_device_budget *budget);

#endif

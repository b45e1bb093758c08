/* SPDX-License-Identifier: Apache-2.0 */
/* The one line that says why a device has no room. */
#ifndef NEURON_MEMORY_REFUSAL_H
#define NEURON_MEMORY_REFUSAL_H

#include <stdint.h>

#include "memory/memory_use.h"
#include "neuron/device_memory.h"
#include "neuron/status.h"

/* What somebody uses of a device. */
struct neuron_memory_owner {
    char *name; /* owned by whoever keeps the list */
    uint64_t bytes;
};

/* What somebody asks of a device. */
struct neuron_memory_request {
    uint32_t device;
    const char *owner;
    enum neuron_memory_use use;
    uint64_t bytes;
};

/*
 * Says by whom how much of a device is used. The text leaves room for a caller to put "nc:12: "
 * before it, whatever the length of names.
 *
 * owners  are sorted here, the biggest first.
 *
 * Returns NEURON_DEVICE_MEMORY_FULL.
 */
enum neuron_status
neuron_memory_refuse(const struct neuron_memory_request *request,
                     const struct neuron_device_memory_stats *stats,
                     struct neuron_memory_owner *owners, uint32_t owner_count,
                     struct neuron_error *error);

#endif

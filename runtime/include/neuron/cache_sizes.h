/* SPDX-License-Identifier: Apache-2.0 */
/* How large the caches of each core are, for those who describe a machine. */
#ifndef NEURON_CACHE_SIZES_H
#define NEURON_CACHE_SIZES_H

#include <stdint.h>

#include "neuron/status.h"
#include "neuron/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The caches that a core uses, alone or with others; 0 for one that the machine does not report. */
struct neuron_cache_sizes {
    uint64_t l1_bytes; /* for data */
    uint64_t l2_bytes;
    uint64_t l3_bytes;
};

/*
 * Reads the caches of the machine that a topology was read from.
 *
 * sizes  receives those of each core by its number, neuron_topology_core_count() of them. Unchanged
 *        on failure.
 *
 * Returns NEURON_SYSTEM when the machine cannot be read, or NEURON_OUT_OF_MEMORY.
 * Any thread. Blocks for the time that reading takes, longer on a large machine.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_cache_sizes_read(const struct neuron_topology *topology, struct neuron_cache_sizes *sizes,
                        struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

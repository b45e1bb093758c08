/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from the parts of the machine (machine_parts.c): launches ask for those, and reading all
   caches of a large machine takes longer. */
#include "neuron/cache_sizes.h"

#include <hwloc.h>

#include "cores/part_tree.h"
#include "cores/topology_body.h"

static uint64_t
size_of(hwloc_topology_t machine, hwloc_obj_type_t type, uint32_t cpu)
{
    hwloc_obj_t cache = neuron_part_tree_find(machine, type, cpu);

    return cache == NULL ? 0 : cache->attr->cache.size;
}

enum neuron_status
neuron_cache_sizes_read(const struct neuron_topology *topology, struct neuron_cache_sizes *sizes,
                        struct neuron_error *error)
{
    static const hwloc_obj_type_t types[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
                                             HWLOC_OBJ_L3CACHE};
    hwloc_topology_t machine = NULL;
    enum neuron_status status =
        neuron_part_tree_load(types, sizeof(types) / sizeof(types[0]), &machine, error);

    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < topology->core_count; i += 1) {
        uint32_t cpu = topology->cores[i].cpu;

        sizes[i] =
            (struct neuron_cache_sizes){.l1_bytes = size_of(machine, HWLOC_OBJ_L1CACHE, cpu),
                                        .l2_bytes = size_of(machine, HWLOC_OBJ_L2CACHE, cpu),
                                        .l3_bytes = size_of(machine, HWLOC_OBJ_L3CACHE, cpu)};
    }
    hwloc_topology_destroy(machine);
    return NEURON_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cores/part_tree.h"

#include <errno.h>
#include <string.h>

enum neuron_status
neuron_part_tree_load(const hwloc_obj_type_t *types, uint32_t type_count, hwloc_topology_t *machine,
                      struct neuron_error *error)
{
    hwloc_topology_t created = NULL;

    if (hwloc_topology_init(&created) != 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the machine's parts");
    }
    (void)hwloc_topology_set_components(created, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
    (void)hwloc_topology_set_all_types_filter(created, HWLOC_TYPE_FILTER_KEEP_NONE);
    for (uint32_t i = 0; i < type_count; i += 1) {
        (void)hwloc_topology_set_type_filter(created, types[i], HWLOC_TYPE_FILTER_KEEP_ALL);
    }
    if (hwloc_topology_set_flags(created, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) != 0 ||
        hwloc_topology_load(created) != 0) {
        int reason = errno;

        hwloc_topology_destroy(created);
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot read the machine's packages and caches: %s",
                           strerrordesc_np(reason));
    }
    *machine = created;
    return NEURON_OK;
}

hwloc_obj_t
neuron_part_tree_find(hwloc_topology_t machine, hwloc_obj_type_t type, uint32_t cpu)
{
    hwloc_obj_t thread = hwloc_get_pu_obj_by_os_index(machine, cpu);

    return thread == NULL ? NULL : hwloc_get_ancestor_obj_by_type(machine, type, thread);
}

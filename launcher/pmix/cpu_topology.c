/* SPDX-License-Identifier: Apache-2.0 */
#include "cpu_topology.h"

#include <hwloc.h>
#include <stddef.h>

void *
neuron_cpu_topology_load(void)
{
    hwloc_topology_t topology = NULL;

    if (hwloc_topology_init(&topology) != 0) {
        return NULL;
    }
    (void)hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
    if (hwloc_topology_load(topology) != 0) {
        hwloc_topology_destroy(topology);
        return NULL;
    }
    return topology;
}

void *
neuron_cpu_topology_parse_cpus(const char *text)
{
    hwloc_bitmap_t cpus = hwloc_bitmap_alloc();

    if (cpus != NULL && hwloc_bitmap_list_sscanf(cpus, text) != 0) {
        hwloc_bitmap_free(cpus);
        return NULL;
    }
    return cpus;
}

void
neuron_cpu_topology_destroy_cpus(void *cpus)
{
    hwloc_bitmap_free(cpus);
}

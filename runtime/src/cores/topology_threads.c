/* SPDX-License-Identifier: Apache-2.0 */
/* What launches ask of a machine beside its cores: hardware threads, and memory nodes. */
#include "cores/topology_body.h"

/* The hardware threads of a core, allowed or not. */
static hwloc_const_bitmap_t
threads_of(const struct neuron_topology *topology, uint32_t core)
{
    hwloc_topology_t machine = topology->machine;

    return hwloc_get_obj_by_type(machine, neuron_topology_core_type(machine), core)->cpuset;
}

/* The next allowed thread of a core behind a CPU, which is -1 at the beginning; -1 for none. */
static int
next_thread(const struct neuron_topology *topology, hwloc_const_bitmap_t threads, int cpu)
{
    do {
        cpu = hwloc_bitmap_next(threads, cpu);
    } while (cpu >= 0 && !hwloc_bitmap_isset(topology->allowed_cpus, (unsigned)cpu));
    return cpu;
}

uint32_t
neuron_topology_thread_count(const struct neuron_topology *topology, uint32_t core)
{
    hwloc_const_bitmap_t threads = threads_of(topology, core);
    uint32_t count = 0;

    for (int cpu = next_thread(topology, threads, -1); cpu >= 0;
         cpu = next_thread(topology, threads, cpu)) {
        count += 1;
    }
    return count;
}

uint32_t
neuron_topology_thread_cpu(const struct neuron_topology *topology, uint32_t core, uint32_t thread)
{
    hwloc_const_bitmap_t threads = threads_of(topology, core);
    int cpu = next_thread(topology, threads, -1);

    while (thread > 0) {
        cpu = next_thread(topology, threads, cpu);
        thread -= 1;
    }
    return (uint32_t)cpu;
}

uint32_t
neuron_topology_core_cpu(const struct neuron_topology *topology, uint32_t core, uint32_t position)
{
    hwloc_const_bitmap_t threads = threads_of(topology, core);
    int cpu = hwloc_bitmap_first(threads);

    while (cpu >= 0 && position > 0) {
        cpu = hwloc_bitmap_next(threads, cpu);
        position -= 1;
    }
    return cpu < 0 ? NEURON_NO_CPU : (uint32_t)cpu;
}

uint32_t
neuron_topology_thread_limit(const struct neuron_topology *topology)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < topology->core_count; i += 1) {
        count += neuron_topology_thread_count(topology, i);
    }
    return topology->quota < count ? topology->quota : count;
}

uint32_t
neuron_topology_node_of(const struct neuron_topology *topology, uint32_t device)
{
    hwloc_obj_t node = hwloc_get_obj_by_type(topology->machine, HWLOC_OBJ_NUMANODE, device);

    return node == NULL ? NEURON_NO_NODE : node->os_index;
}

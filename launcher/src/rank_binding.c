/* SPDX-License-Identifier: Apache-2.0 */
#include "rank_binding.h"

#include <stdbool.h>

/* Says whether ranks may run outside their ranges. */
static bool
is_wider(const struct neuron_launch_plan *plan)
{
    return plan->wishes.bind_to != NEURON_LAUNCH_BY_DEFAULT &&
           plan->wishes.bind_to != NEURON_LAUNCH_BY_CORE;
}

static uint32_t
larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

/* How many CPUs of a core ranks run on. */
static uint32_t
count_cpus(const struct neuron_launch_plan *plan, uint32_t core)
{
    return plan->wishes.uses_threads ? neuron_topology_thread_count(plan->topology, core) : 1;
}

size_t
neuron_rank_binding_bytes(const struct neuron_launch_plan *plan)
{
    uint32_t last = 0;

    if (neuron_topology_is_invented(plan->topology) ||
        plan->wishes.bind_to == NEURON_LAUNCH_BY_NONE) {
        return 0;
    }
    for (uint32_t i = 0; i < neuron_topology_core_count(plan->topology); i += 1) {
        for (uint32_t j = 0; neuron_core_set_contains(plan->usable, i) && j < count_cpus(plan, i);
             j += 1) {
            last = larger(last, neuron_topology_thread_cpu(plan->topology, i, j));
        }
    }
    return CPU_ALLOC_SIZE(last + 1);
}

/* Adds the CPUs of a core. */
static void
add_core(const struct neuron_launch_plan *plan, uint32_t core, cpu_set_t *cpus, size_t cpus_bytes)
{
    uint32_t count = count_cpus(plan, core);

    for (uint32_t i = 0; i < count; i += 1) {
        CPU_SET_S(neuron_topology_thread_cpu(plan->topology, core, i), cpus_bytes, cpus);
    }
}

/* Adds the CPUs of all usable cores that lie in the same part as one. */
static void
add_part_of(const struct neuron_launch_plan *plan, uint32_t core, cpu_set_t *cpus,
            size_t cpus_bytes)
{
    const struct neuron_launch_row_source source = neuron_launch_plan_source(plan);
    enum neuron_launch_object object = plan->wishes.bind_to;
    uint32_t part = neuron_launch_object_of(&source, object, core);

    for (uint32_t i = 0; i < neuron_topology_core_count(plan->topology); i += 1) {
        if (neuron_core_set_contains(plan->usable, i) &&
            neuron_launch_object_of(&source, object, i) == part) {
            add_core(plan, i, cpus, cpus_bytes);
        }
    }
}

/* Adds the CPU of a position of the row, or those around it. */
static void
add_position(const struct neuron_launch_plan *plan, uint32_t position, cpu_set_t *cpus,
             size_t cpus_bytes)
{
    if (is_wider(plan)) {
        add_part_of(plan, plan->row.cores[position], cpus, cpus_bytes);
    } else {
        CPU_SET_S(plan->row.cpus[position], cpus_bytes, cpus);
    }
}

void
neuron_rank_binding_fill(const struct neuron_launch_plan *plan, uint32_t rank, cpu_set_t *cpus,
                         size_t cpus_bytes)
{
    const struct neuron_placement_range *range = &plan->placement->ranges[rank];

    CPU_ZERO_S(cpus_bytes, cpus);
    for (uint32_t i = 0; i < range->count; i += 1) {
        add_position(plan, range->first + i, cpus, cpus_bytes);
    }
}

uint32_t
neuron_rank_binding_node(const struct neuron_launch_plan *plan, uint32_t rank)
{
    const struct neuron_placement_range *range = &plan->placement->ranges[rank];
    uint32_t device = plan->row.devices[range->first];

    for (uint32_t i = 1; i < range->count; i += 1) {
        if (plan->row.devices[range->first + i] != device) {
            return NEURON_NO_NODE;
        }
    }
    return neuron_topology_device_count(plan->topology) == 1
               ? NEURON_NO_NODE
               : neuron_topology_node_of(plan->topology, device);
}

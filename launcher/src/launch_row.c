/* SPDX-License-Identifier: Apache-2.0 */
#include "launch_row.h"

#include <stdlib.h>

static bool
lies_in_parts(enum neuron_launch_object object)
{
    return object == NEURON_LAUNCH_BY_L3 || object == NEURON_LAUNCH_BY_PACKAGE;
}

/* What ranks are numbered along: as they are dealt, unless said otherwise. */
static enum neuron_launch_object
turning_object(const struct neuron_placement_wishes *wishes)
{
    bool is_own =
        wishes->rank_by != NEURON_LAUNCH_BY_DEFAULT && wishes->rank_by != NEURON_LAUNCH_BY_NODE;

    return is_own ? wishes->rank_by : wishes->map_by;
}

bool
neuron_launch_row_needs_parts(const struct neuron_placement_wishes *wishes)
{
    return lies_in_parts(wishes->map_by) || lies_in_parts(wishes->rank_by) ||
           lies_in_parts(wishes->bind_to);
}

bool
neuron_launch_row_has_parts(const struct neuron_placement_wishes *wishes)
{
    return lies_in_parts(wishes->map_by) || wishes->map_by == NEURON_LAUNCH_BY_NUMA;
}

bool
neuron_launch_row_has_turns(const struct neuron_placement_wishes *wishes)
{
    enum neuron_launch_object object = turning_object(wishes);

    return object != NEURON_LAUNCH_BY_DEFAULT && object != NEURON_LAUNCH_BY_NODE;
}

const char *
neuron_launch_object_name(enum neuron_launch_object object)
{
    switch (object) {
    case NEURON_LAUNCH_BY_L3:
        return "L3";
    case NEURON_LAUNCH_BY_NUMA:
        return "NUMA node";
    case NEURON_LAUNCH_BY_PACKAGE:
        return "package";
    case NEURON_LAUNCH_BY_NODE:
        return "host";
    case NEURON_LAUNCH_BY_DEFAULT:
    case NEURON_LAUNCH_BY_CORE:
    case NEURON_LAUNCH_BY_NONE:
        break;
    }
    return "core";
}

uint32_t
neuron_launch_object_of(const struct neuron_launch_row_source *source,
                        enum neuron_launch_object object, uint32_t core)
{
    switch (object) {
    case NEURON_LAUNCH_BY_CORE:
        return core;
    case NEURON_LAUNCH_BY_L3:
        return neuron_machine_parts_l3_of(source->parts, core);
    case NEURON_LAUNCH_BY_NUMA:
        return neuron_topology_device_of(source->topology, core);
    case NEURON_LAUNCH_BY_PACKAGE:
        return neuron_machine_parts_package_of(source->parts, core);
    case NEURON_LAUNCH_BY_DEFAULT:
    case NEURON_LAUNCH_BY_NODE:
    case NEURON_LAUNCH_BY_NONE:
        break;
    }
    return 0;
}

enum neuron_status
neuron_launch_row_create(const struct neuron_topology *topology, struct neuron_launch_row *row,
                         struct neuron_error *error)
{
    uint32_t core_count = neuron_topology_core_count(topology);
    size_t room = 1;

    for (uint32_t i = 0; i < core_count; i += 1) {
        uint32_t threads = neuron_topology_thread_count(topology, i);

        room += threads == 0 ? 1 : threads;
    }
    *row = (struct neuron_launch_row){
        .cores = calloc(room, sizeof(*row->cores)),
        .cpus = calloc(room, sizeof(*row->cpus)),
        .devices = calloc(room, sizeof(*row->devices)),
        .parts = calloc(room, sizeof(*row->parts)),
        .turns = calloc(room, sizeof(*row->turns)),
    };
    if (row->cores == NULL || row->cpus == NULL || row->devices == NULL || row->parts == NULL ||
        row->turns == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for planning %u cores",
                           core_count);
    }
    return NEURON_OK;
}

static void
add_thread(struct neuron_launch_row *row, const struct neuron_launch_row_source *source,
           uint32_t core, uint32_t cpu)
{
    const struct neuron_placement_wishes *wishes = source->wishes;
    uint32_t position = row->count;

    row->cores[position] = core;
    row->cpus[position] = cpu;
    row->devices[position] = neuron_topology_device_of(source->topology, core);
    row->parts[position] = neuron_launch_object_of(source, wishes->map_by, core);
    row->turns[position] = neuron_launch_object_of(source, turning_object(wishes), core);
    row->count += 1;
}

void
neuron_launch_row_add(struct neuron_launch_row *row, const struct neuron_launch_row_source *source,
                      uint32_t core)
{
    uint32_t count =
        source->wishes->uses_threads ? neuron_topology_thread_count(source->topology, core) : 0;

    if (count == 0) {
        add_thread(row, source, core, neuron_topology_cpu_of(source->topology, core));
    }
    for (uint32_t i = 0; i < count; i += 1) {
        add_thread(row, source, core, neuron_topology_thread_cpu(source->topology, core, i));
    }
}

/* Where a core shall stand: a smaller number further to the front. */
static uint64_t
order_of(const struct neuron_launch_row_source *source, uint32_t core)
{
    uint64_t device = source->wishes->ranks_per_device == 0
                          ? 0
                          : neuron_topology_device_of(source->topology, core);
    uint64_t part = neuron_launch_row_has_parts(source->wishes)
                        ? neuron_launch_object_of(source, source->wishes->map_by, core)
                        : 0;

    return device << 32 | part;
}

/* The smallest order of cores in the set that is above another; UINT64_MAX for none. */
static uint64_t
next_order(const struct neuron_launch_row_source *source, const struct neuron_core_set *within,
           uint64_t above)
{
    uint32_t core_count = neuron_topology_core_count(source->topology);
    uint64_t next = UINT64_MAX;

    for (uint32_t i = 0; i < core_count; i += 1) {
        uint64_t order = order_of(source, i);

        if (neuron_core_set_contains(within, i) && order < next &&
            (above == UINT64_MAX || order > above)) {
            next = order;
        }
    }
    return next;
}

/* Adds the cores of the set that have an order. */
static void
add_order(struct neuron_launch_row *row, const struct neuron_launch_row_source *source,
          const struct neuron_core_set *within, uint64_t order)
{
    uint32_t core_count = neuron_topology_core_count(source->topology);

    for (uint32_t i = 0; i < core_count; i += 1) {
        if (neuron_core_set_contains(within, i) && order_of(source, i) == order) {
            neuron_launch_row_add(row, source, i);
        }
    }
}

void
neuron_launch_row_fill(struct neuron_launch_row *row, const struct neuron_launch_row_source *source,
                       const struct neuron_core_set *within)
{
    row->count = 0;
    for (uint64_t order = next_order(source, within, UINT64_MAX); order != UINT64_MAX;
         order = next_order(source, within, order)) {
        add_order(row, source, within, order);
    }
}

void
neuron_launch_row_destroy(struct neuron_launch_row *row)
{
    free(row->cores);
    free(row->cpus);
    free(row->devices);
    free(row->parts);
    free(row->turns);
    *row = (struct neuron_launch_row){0};
}

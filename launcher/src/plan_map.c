/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct neuron_map_colour colours[] = {
    {110, "#86aed6"}, {215, "#f6b26b"}, {114, "#8fca84"}, {210, "#ee9090"},
    {183, "#c9a9e0"}, {180, "#cdaf8c"}, {218, "#f3b3d1"}, {152, "#a9d5d8"},
    {186, "#dcd784"}, {146, "#aeb4d8"}, {151, "#b0d8b4"}, {223, "#f8d9ae"},
};

enum { COLOUR_COUNT = sizeof(colours) / sizeof(colours[0]) };

struct neuron_map_colour
neuron_plan_map_colour(uint32_t rank)
{
    return colours[rank % COLOUR_COUNT];
}

static int
compare(uint32_t left, uint32_t right)
{
    return (left > right) - (left < right);
}

static int
compare_cells(const void *left, const void *right)
{
    const struct neuron_map_cell *a = left;
    const struct neuron_map_cell *b = right;
    int order = compare(a->package, b->package);

    order = order != 0 ? order : compare(a->device, b->device);
    order = order != 0 ? order : compare(a->l3, b->l3);
    order = order != 0 ? order : compare(a->core, b->core);
    return order != 0 ? order : compare(a->cpu, b->cpu);
}

/* How many cells a core has: one, or one for each hardware thread. */
static uint32_t
count_cells(const struct neuron_launch_plan *plan, uint32_t core)
{
    uint32_t threads =
        plan->wishes.uses_threads ? neuron_topology_thread_count(plan->topology, core) : 1;

    return threads == 0 ? 1 : threads;
}

static void
add_core(struct neuron_plan_map *map, uint32_t core)
{
    const struct neuron_launch_plan *plan = map->plan;
    uint32_t count = count_cells(plan, core);

    for (uint32_t i = 0; i < count; i += 1) {
        map->cells[map->cell_count] = (struct neuron_map_cell){
            .package = neuron_machine_parts_package_of(plan->parts, core),
            .device = neuron_topology_device_of(plan->topology, core),
            .l3 = neuron_machine_parts_l3_of(plan->parts, core),
            .core = core,
            .cpu = i == 0 ? neuron_topology_cpu_of(plan->topology, core)
                          : neuron_topology_thread_cpu(plan->topology, core, i),
            .is_usable = neuron_core_set_contains(plan->usable, core),
        };
        map->cell_count += 1;
    }
}

/* Notes a rank at the cell of a position of the row. */
static void
mark(struct neuron_plan_map *map, const uint32_t *cell_of_core, uint32_t position, uint32_t rank)
{
    uint32_t core = map->plan->row.cores[position];
    struct neuron_map_cell *cell = &map->cells[cell_of_core[core]];

    while (cell->cpu != map->plan->row.cpus[position]) {
        cell += 1;
    }
    cell->rank = cell->rank_count == 0 || rank < cell->rank ? rank : cell->rank;
    cell->rank_count += 1;
}

static void
mark_ranks(struct neuron_plan_map *map, uint32_t *cell_of_core)
{
    const struct neuron_placement *placement = map->plan->placement;

    for (uint32_t i = map->cell_count; i-- > 0;) {
        cell_of_core[map->cells[i].core] = i;
    }
    for (uint32_t rank = 0; rank < placement->rank_count; rank += 1) {
        const struct neuron_placement_range *range = &placement->ranges[rank];

        for (uint32_t i = 0; i < range->count; i += 1) {
            mark(map, cell_of_core, range->first + i, rank);
        }
    }
}

enum neuron_status
neuron_plan_map_create(struct neuron_launch_plan *plan, struct neuron_plan_map *map,
                       struct neuron_error *error)
{
    uint32_t core_count = neuron_topology_core_count(plan->topology);
    size_t room = 1;

    *map = (struct neuron_plan_map){.plan = plan};
    enum neuron_status status = neuron_launch_plan_read_parts(plan, error);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < core_count; i += 1) {
        room += count_cells(plan, i);
    }
    uint32_t *cell_of_core = calloc((size_t)core_count + 1, sizeof(*cell_of_core));
    map->cells = calloc(room, sizeof(*map->cells));
    if (cell_of_core == NULL || map->cells == NULL) {
        free(cell_of_core);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a map of %u cores",
                           core_count);
    }
    for (uint32_t i = 0; i < core_count; i += 1) {
        add_core(map, i);
    }
    qsort(map->cells, map->cell_count, sizeof(*map->cells), compare_cells);
    mark_ranks(map, cell_of_core);
    free(cell_of_core);
    if (gethostname(map->host, sizeof(map->host) - 1) != 0) {
        (void)snprintf(map->host, sizeof(map->host), "localhost");
    }
    return NEURON_OK;
}

struct neuron_map_group
neuron_plan_map_group(const struct neuron_plan_map *map, uint32_t first)
{
    const struct neuron_map_cell *begin = &map->cells[first];
    uint32_t end = first;

    while (end < map->cell_count && map->cells[end].package == begin->package &&
           map->cells[end].device == begin->device && map->cells[end].l3 == begin->l3) {
        end += 1;
    }
    return (struct neuron_map_group){.first = first, .count = end - first};
}

void
neuron_plan_map_title(const struct neuron_plan_map *map, char *text, size_t size_bytes)
{
    uint32_t used = 0;
    uint32_t usable = 0;

    for (uint32_t i = 0; i < map->cell_count; i += 1) {
        used += map->cells[i].rank_count > 0 ? 1 : 0;
        usable += map->cells[i].is_usable ? 1 : 0;
    }
    (void)snprintf(text, size_bytes, "host %s: %u rank%s on %u of %u usable %s", map->host,
                   map->plan->placement->rank_count,
                   map->plan->placement->rank_count == 1 ? "" : "s", used, usable,
                   map->plan->wishes.uses_threads ? "hardware threads" : "cores");
}

void
neuron_plan_map_destroy(struct neuron_plan_map *map)
{
    free(map->cells);
    map->cells = NULL;
}

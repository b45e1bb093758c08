/* SPDX-License-Identifier: Apache-2.0 */
#include "map_json.h"

#include "rank_binding.h"

/* The range of a rank: one array of its cores, CPUs or devices, equal neighbours once. */
static void
add_range(const struct neuron_placement_range *range, const uint32_t *row,
          struct neuron_json_text *text, const char *name)
{
    neuron_json_text_open_array(text, name);
    for (uint32_t i = 0; i < range->count; i += 1) {
        if (i == 0 || row[range->first + i] != row[range->first + i - 1]) {
            neuron_json_text_add_unsigned(text, NULL, row[range->first + i]);
        }
    }
    neuron_json_text_close_array(text);
}

static void
add_rank(const struct neuron_launch_plan *plan, uint32_t rank, struct neuron_json_text *text)
{
    const struct neuron_placement_range *range = &plan->placement->ranges[rank];
    uint32_t node = neuron_rank_binding_node(plan, rank);

    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "rank", rank);
    add_range(range, plan->row.cores, text, "cores");
    add_range(range, plan->row.cpus, text, "cpus");
    add_range(range, plan->row.devices, text, "devices");
    if (node == NEURON_NO_NODE) {
        neuron_json_text_add_null(text, "memory_node");
    } else {
        neuron_json_text_add_unsigned(text, "memory_node", node);
    }
    neuron_json_text_close_object(text);
}

static void
add_cell(const struct neuron_map_cell *cell, bool has_l3, struct neuron_json_text *text)
{
    neuron_json_text_open_object(text, NULL);
    neuron_json_text_add_unsigned(text, "core", cell->core);
    neuron_json_text_add_unsigned(text, "cpu", cell->cpu);
    neuron_json_text_add_unsigned(text, "package", cell->package);
    neuron_json_text_add_unsigned(text, "device", cell->device);
    if (has_l3) {
        neuron_json_text_add_unsigned(text, "l3", cell->l3);
    } else {
        neuron_json_text_add_null(text, "l3");
    }
    neuron_json_text_add_bool(text, "usable", cell->is_usable);
    neuron_json_text_close_object(text);
}

/* What a rank's CPUs are widened to. */
static const char *
binding_name(enum neuron_launch_object object)
{
    switch (object) {
    case NEURON_LAUNCH_BY_L3:
        return "l3";
    case NEURON_LAUNCH_BY_NUMA:
        return "numa";
    case NEURON_LAUNCH_BY_PACKAGE:
        return "package";
    case NEURON_LAUNCH_BY_NONE:
        return "none";
    case NEURON_LAUNCH_BY_DEFAULT:
    case NEURON_LAUNCH_BY_CORE:
    case NEURON_LAUNCH_BY_NODE:
        break;
    }
    return "core";
}

void
neuron_map_json_add(const struct neuron_plan_map *map, struct neuron_json_text *text,
                    const char *name)
{
    const struct neuron_launch_plan *plan = map->plan;
    bool has_l3 = neuron_machine_parts_has_l3(plan->parts);

    neuron_json_text_open_object(text, name);
    neuron_json_text_add_string(text, "format", "neuronrun map");
    neuron_json_text_add_unsigned(text, "version", NEURON_MAP_JSON_VERSION);
    neuron_json_text_add_string(text, "host", map->host);
    neuron_json_text_add_string(text, "bind_to", binding_name(plan->wishes.bind_to));
    neuron_json_text_add_bool(text, "shared", plan->shares_cores);
    neuron_json_text_add_unsigned(text, "straddled", plan->placement->straddled_count);
    neuron_json_text_open_array(text, "ranks");
    for (uint32_t i = 0; i < plan->placement->rank_count; i += 1) {
        add_rank(plan, i, text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_open_array(text, "cells");
    for (uint32_t i = 0; i < map->cell_count; i += 1) {
        add_cell(&map->cells[i], has_l3, text);
    }
    neuron_json_text_close_array(text);
    neuron_json_text_close_object(text);
}

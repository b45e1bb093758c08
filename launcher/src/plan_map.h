/* SPDX-License-Identifier: Apache-2.0 */
/* A plan seen from the machine: every core of it, and the rank that has it. For drawing. */
#ifndef NEURON_LAUNCHER_PLAN_MAP_H
#define NEURON_LAUNCHER_PLAN_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "launch_plan.h"

/* A core, or a hardware thread of one where these count as cores. */
struct neuron_map_cell {
    uint32_t package;
    uint32_t device;
    uint32_t l3;
    uint32_t core;
    uint32_t cpu;
    uint32_t rank;       /* the lowest that has it */
    uint32_t rank_count; /* how many have it; 0 for none */
    bool is_usable;      /* by this job */
};

/* The cells of a machine; those of a cache stand together, so do those of a device and package. */
struct neuron_plan_map {
    const struct neuron_launch_plan *plan;
    char host[256];
    struct neuron_map_cell *cells;
    uint32_t cell_count;
};

/* The looks of a rank: one of a few that are easily told apart, in a terminal and on a page. */
struct neuron_map_colour {
    uint32_t terminal; /* of the 256 that terminals have */
    const char *page;  /* "#rrggbb" */
};

/* Cells from `first` on that lie in the same cache. */
struct neuron_map_group {
    uint32_t first;
    uint32_t count;
};

/*
 * Makes the map of a plan, of which packages and caches are read where that was not done yet.
 *
 * plan  borrowed until destroy.
 * map   is overwritten; destroyed by the caller also after a failure.
 */
enum neuron_status
neuron_plan_map_create(struct neuron_launch_plan *plan, struct neuron_plan_map *map,
                       struct neuron_error *error);

/* The group that begins at a cell. */
struct neuron_map_group
neuron_plan_map_group(const struct neuron_plan_map *map, uint32_t first);

struct neuron_map_colour
neuron_plan_map_colour(uint32_t rank);

/* Writes what all drawings say: "host a: 4 ranks on 16 of 16 usable cores". */
void
neuron_plan_map_title(const struct neuron_plan_map *map, char *text, size_t size_bytes);

/* Frees what the map owns. */
void
neuron_plan_map_destroy(struct neuron_plan_map *map);

#endif

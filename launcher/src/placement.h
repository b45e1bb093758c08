/* SPDX-License-Identifier: Apache-2.0 */
/* Which rank gets which cores: a function from values to values. */
#ifndef NEURON_LAUNCHER_PLACEMENT_H
#define NEURON_LAUNCHER_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

/*
 * Cores stand in a row, those of a device next to each other, and those of a part, too; a position
 * counts in that row. Each rank gets a range of positions.
 */
struct neuron_placement_request {
    const uint32_t *devices;   /* the device of each core of the row */
    const uint32_t *parts;     /* --map-by: ranks are dealt to them in turn; NULL for no parts */
    const char *part_name;     /* what a part is, for texts: "NUMA node" */
    const uint32_t *turns;     /* --rank-by: ranks are numbered along them in turn; NULL for none */
    uint32_t core_count;       /* length of the row, at least 1 */
    uint32_t core_limit;       /* how many of them may be used at once, at least 1 */
    uint32_t rank_count;       /* 0 for as many as fit */
    uint32_t ranks_per_device; /* 0 for no such wish; else devices are cut one by one */
    uint32_t cores_per_rank;   /* 0 for an even cut of what may be used */
    bool is_uneven;            /* an even cut may give the first ranks one core more */
    bool oversubscribes;       /* ranks may share cores where there are too few */
};

struct neuron_placement_range {
    uint32_t first;
    uint32_t count;
};

struct neuron_placement {
    struct neuron_placement_range *ranges; /* by rank; equal ones where ranks share */
    uint32_t rank_count;
    uint32_t core_count;      /* used cores, each counted once */
    uint32_t straddled_count; /* borders between devices inside ranges */
    bool is_shared;           /* some ranges are equal; otherwise they are disjoint */
};

/*
 * Cuts the row. Among all cuts it takes one whose ranges cross the fewest borders between devices,
 * and leaves cores over for that; among those the one that starts earliest. With parts, each part
 * that ranks are dealt to is cut so (part_placement.h); with ranks_per_device, each device, and
 * none crosses any border (device_placement.h). Ranks are numbered along the row, or along turns
 * (rank_order.h).
 *
 * placement  receives a new placement, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT when what is asked does not fit or does not divide evenly: the
 * text names the numbers and the options that help; or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_placement_create(const struct neuron_placement_request *request,
                        struct neuron_placement **placement, struct neuron_error *error);

/* Destroys a placement. Accepts NULL. */
void
neuron_placement_destroy(struct neuron_placement *placement);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The row of cores that a launch is planned in, with the parts of the machine they lie in. */
#ifndef NEURON_LAUNCHER_LAUNCH_ROW_H
#define NEURON_LAUNCHER_LAUNCH_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/core_set.h"
#include "neuron/machine_parts.h"
#include "neuron/status.h"
#include "neuron/topology.h"

#include "placement_wishes.h"

/*
 * One entry for each core, or for each hardware thread of it where these count as cores. All arrays
 * go by position.
 */
struct neuron_launch_row {
    uint32_t count;
    uint32_t *cores; /* the machine's numbers */
    uint32_t *cpus;  /* of the operating system */
    uint32_t *devices;
    uint32_t *parts; /* --map-by */
    uint32_t *turns; /* --rank-by */
};

/* Where entries of a row come from. Borrowed. */
struct neuron_launch_row_source {
    const struct neuron_topology *topology;
    const struct neuron_machine_parts *parts; /* NULL where nothing asks for them */
    const struct neuron_placement_wishes *wishes;
};

/* Says whether such wishes can only be met by who knows packages and caches. */
bool
neuron_launch_row_needs_parts(const struct neuron_placement_wishes *wishes);

/* Says whether ranks are dealt to parts of the machine, and numbered along them. */
bool
neuron_launch_row_has_parts(const struct neuron_placement_wishes *wishes);
bool
neuron_launch_row_has_turns(const struct neuron_placement_wishes *wishes);

/* What --map-by, --rank-by or --bind-to calls a part, for texts: "NUMA node". */
const char *
neuron_launch_object_name(enum neuron_launch_object object);

/* Which part of that kind a core lies in. Of cores and the whole host, itself and 0. */
uint32_t
neuron_launch_object_of(const struct neuron_launch_row_source *source,
                        enum neuron_launch_object object, uint32_t core);

/*
 * Makes a row with room for every hardware thread of the machine, and no entry.
 *
 * row  is overwritten; destroyed by the caller also after a failure.
 */
enum neuron_status
neuron_launch_row_create(const struct neuron_topology *topology, struct neuron_launch_row *row,
                         struct neuron_error *error);

/* Makes the row that of a set of cores. Those of a part stand together, and those of a device. */
void
neuron_launch_row_fill(struct neuron_launch_row *row, const struct neuron_launch_row_source *source,
                       const struct neuron_core_set *within);

/* Adds a core at the end of the row. */
void
neuron_launch_row_add(struct neuron_launch_row *row, const struct neuron_launch_row_source *source,
                      uint32_t core);

/* Frees what the row owns. */
void
neuron_launch_row_destroy(struct neuron_launch_row *row);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The map of a plan for programs: --display-map=json. docs/rank-placement.md has the format. */
#ifndef NEURON_LAUNCHER_MAP_JSON_H
#define NEURON_LAUNCHER_MAP_JSON_H

#include "neuron/json_text.h"

#include "plan_map.h"

enum { NEURON_MAP_JSON_VERSION = 1 };

/* Adds the map as one object. */
void
neuron_map_json_add(const struct neuron_plan_map *map, struct neuron_json_text *text,
                    const char *name);

#endif

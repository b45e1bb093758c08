/* SPDX-License-Identifier: Apache-2.0 */
/* The map of a plan in lines of text: --display-map. */
#ifndef NEURON_LAUNCHER_MAP_TEXT_H
#define NEURON_LAUNCHER_MAP_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "plan_map.h"

/*
 * Prints packages, NUMA nodes and caches, each below the one that it lies in, and a cell with the
 * number of its rank for each core, in lines of up to 80 columns.
 *
 * has_colours  whether each rank gets a colour by the escape sequences of terminals.
 */
void
neuron_map_text_print(const struct neuron_plan_map *map, bool has_colours, FILE *stream);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The map of a plan as a picture: --display-map=svg:FILE. */
#ifndef NEURON_LAUNCHER_MAP_SVG_H
#define NEURON_LAUNCHER_MAP_SVG_H

#include <stdio.h>

#include "plan_map.h"

/* Prints an SVG that needs nothing else: boxes in boxes, a cell for each core, and a legend. */
void
neuron_map_svg_print(const struct neuron_plan_map *map, FILE *stream);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the plan that is carried out: --display-map. */
#ifndef NEURON_LAUNCHER_DISPLAY_MAP_H
#define NEURON_LAUNCHER_DISPLAY_MAP_H

#include "neuron/status.h"

#include "command_line.h"
#include "launch_plan.h"

/*
 * Draws a plan as the line says: to the standard output, or into a file that stands under its name
 * once it is whole. Draws nothing for NEURON_LAUNCH_MAP_NONE.
 *
 * Returns NEURON_SYSTEM where it cannot be written, with the reason, or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_display_map(const struct neuron_command_line *line, struct neuron_launch_plan *plan,
                   struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a launch as a table for people: --dry-run. */
#ifndef NEURON_LAUNCHER_PLAN_TABLE_H
#define NEURON_LAUNCHER_PLAN_TABLE_H

#include <stdio.h>

#include "neuron/status.h"

#include "launch_plan.h"

/* Prints a line for each rank: its number, its cores as the machine numbers them, its devices. */
enum neuron_status
neuron_plan_table_print(const struct neuron_launch_plan *plan, FILE *stream,
                        struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Asks lanes for a call, of which those that have woken wake others. */
#ifndef NEURON_DP_LANE_ASKING_H
#define NEURON_DP_LANE_ASKING_H

#include "call.h"
#include "lane_choice.h"
#include "neuron/status.h"

/*
 * Asks the lanes of a choice, together with those of them that have begun to run, until all are
 * asked or no chunk is left. Its caller.
 *
 * choice  what is idle is filled in here.
 *
 * Returns what the last refusal was, where not one could be asked.
 */
enum neuron_status
neuron_lane_asking_begin(struct neuron_data_parallel_call *call,
                         const struct neuron_lane_choice *choice, struct neuron_error *error);

/* Asks a few of the lanes that are still to be asked. A holder. */
void
neuron_lane_asking_help(struct neuron_data_parallel_call *call);

#endif

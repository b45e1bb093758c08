/* SPDX-License-Identifier: Apache-2.0 */
/* How a shim finds its launcher, and tells who it is. */
#ifndef NEURON_LAUNCHER_SHIM_JOIN_H
#define NEURON_LAUNCHER_SHIM_JOIN_H

#include <stdint.h>

#include "neuron/status.h"

#include "job_channel.h"

/*
 * Connects to the launcher that the environment names.
 *
 * rank  receives which rank this is, as the engine tells.
 *
 * Returns NEURON_INVALID_ARGUMENT where no engine has started this process, else as the channel.
 */
enum neuron_status
neuron_shim_connect(uint32_t *rank, struct neuron_job_channel **channel,
                    struct neuron_error *error);

/* Tells the launcher on which host this is. */
void
neuron_shim_join(struct neuron_job_channel *channel, uint32_t rank);

#endif

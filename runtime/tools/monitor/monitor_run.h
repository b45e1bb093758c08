/* SPDX-License-Identifier: Apache-2.0 */
/* The life of neuron-monitor: looks at the machine, and what is written of them. */
#ifndef NEURON_TOOLS_MONITOR_MONITOR_RUN_H
#define NEURON_TOOLS_MONITOR_MONITOR_RUN_H

#include "neuron/status.h"

#include "monitor/monitor_config.h"
#include "monitor/monitor_options.h"

/*
 * Looks and writes until a signal comes, nobody reads, or so many lines as were asked for are
 * written.
 *
 * Returns NEURON_SYSTEM where the machine cannot be read or the outputs cannot be written, or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_run(const struct neuron_monitor_options *options,
                   const struct neuron_monitor_config *config, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of neuron-monitor. */
#ifndef NEURON_TOOLS_MONITOR_MONITOR_OPTIONS_H
#define NEURON_TOOLS_MONITOR_MONITOR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "node/tool_options.h"

struct neuron_monitor_options {
    const char *config_path;     /* NULL for everything of every process */
    const char *metrics_path;    /* NULL for no page of metrics */
    const char *lease_directory; /* where lock files live; NULL for the machine's usual place */
    const char *verbosity;       /* taken for the sake of scripts */
    uint64_t period_ms;          /* 0 for the configuration's */
    uint32_t count;              /* of objects; 0 for no end */
    bool is_quiet;               /* no objects, only the page */
};

extern const char neuron_monitor_help[];

/*
 * Reads a command line.
 *
 * options  zeroed.
 *
 * Returns NEURON_INVALID_SYNTAX, with the option and what to do.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_options_parse(int argument_count, char *const *arguments,
                             struct neuron_monitor_options *options,
                             enum neuron_tool_request *request, struct neuron_error *error);

#endif

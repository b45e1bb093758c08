/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-monitor is to tell, how often, and of which processes. */
#ifndef NEURON_TOOLS_MONITOR_MONITOR_CONFIG_H
#define NEURON_TOOLS_MONITOR_MONITOR_CONFIG_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#include "monitor/metric_groups.h"

/* A filter of processes, and what is told of those that pass it. */
struct neuron_monitor_selection {
    bool has_filter;                           /* else all pass */
    regex_t filter;                            /* of the tag */
    uint64_t period_ns[NEURON_RUNTIME_GROUPS]; /* 0 for a group that is not told */
};

/* Owned by whoever made it zeroed; cleared at the end. */
struct neuron_monitor_config {
    uint64_t period_ns; /* of what has no period of its own */
    struct neuron_monitor_selection *selections;
    uint32_t selection_count;
    uint64_t system_period_ns[NEURON_METRIC_GROUPS - NEURON_RUNTIME_GROUPS]; /* 0 likewise */
};

/*
 * Asks for everything of every process.
 *
 * period_ns  for all groups.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_config_default(uint64_t period_ns, struct neuron_monitor_config *config,
                              struct neuron_error *error);

/*
 * Parses the text of a configuration.
 *
 * name       of the file, for messages.
 * period_ns  in place of the one that stands outermost in the file; 0 for none.
 * config     zeroed. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX for a text that is no JSON, with line and column, and for a member
 * that is unknown or wrong, with its path in the text; NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_config_parse(const char *name, const char *bytes, size_t size_bytes,
                            uint64_t period_ns, struct neuron_monitor_config *config,
                            struct neuron_error *error);

/* The first selection that a process of this tag passes; NULL for none. */
const struct neuron_monitor_selection *
neuron_monitor_config_select(const struct neuron_monitor_config *config, const char *tag);

/* Frees what it owns, and zeroes it. */
void
neuron_monitor_config_clear(struct neuron_monitor_config *config);

#endif

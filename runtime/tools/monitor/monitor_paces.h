/* SPDX-License-Identifier: Apache-2.0 */
/* When which groups are told, and since which look: groups of one period are told together. */
#ifndef NEURON_TOOLS_MONITOR_MONITOR_PACES_H
#define NEURON_TOOLS_MONITOR_MONITOR_PACES_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "monitor/monitor_config.h"
#include "node/node_rates.h"
#include "node/node_watch.h"

/* A look at the machine, kept as long as a pace counts from it. */
struct neuron_monitor_look {
    struct neuron_node_sample sample;
    uint32_t user_count;
};

struct neuron_monitor_pace {
    uint64_t period_ns;
    uint64_t next_ns; /* of CLOCK_MONOTONIC */
    struct neuron_monitor_look *before;
    struct neuron_node_rates rates;
};

/* Owned by whoever made it zeroed; cleared at the end. */
struct neuron_monitor_paces {
    struct neuron_monitor_pace *paces;
    uint32_t count;
};

/* Makes a look that nobody uses yet, and frees one that nobody uses any more. NULL without memory;
   accepts NULL. */
struct neuron_monitor_look *
neuron_monitor_look_create(void);
void
neuron_monitor_look_destroy(struct neuron_monitor_look *look);

/*
 * Lists the periods of a configuration, each once; its own where it asks for no group. All begin
 * with a look.
 *
 * look  used by the paces from here on.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_monitor_paces_begin(const struct neuron_monitor_config *config,
                           struct neuron_monitor_look *look, struct neuron_monitor_paces *paces,
                           struct neuron_error *error);

/* When the next one is over. */
uint64_t
neuron_monitor_paces_next(const struct neuron_monitor_paces *paces);

/* Says whether one is over at a time. */
bool
neuron_monitor_pace_is_over(const struct neuron_monitor_pace *pace, uint64_t now_ns);

/*
 * Lets those that are over begin anew with a look. They stay in step with their beginning; who
 * comes too late by whole periods leaves these out.
 */
void
neuron_monitor_paces_advance(struct neuron_monitor_paces *paces, uint64_t now_ns,
                             struct neuron_monitor_look *look);

/* Frees what it owns, and zeroes it. */
void
neuron_monitor_paces_clear(struct neuron_monitor_paces *paces);

#endif

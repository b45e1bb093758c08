/* SPDX-License-Identifier: Apache-2.0 */
/* What one object of neuron-monitor is made of. */
#ifndef NEURON_TOOLS_MONITOR_MONITOR_VIEW_H
#define NEURON_TOOLS_MONITOR_MONITOR_VIEW_H

#include <stdint.h>

#include "neuron/topology.h"

#include "monitor/monitor_config.h"
#include "node/node_rates.h"
#include "node/node_watch.h"

/* The groups of one period, at a moment at which that is over. */
struct neuron_monitor_round {
    uint64_t period_ns;
    const struct neuron_node_sample *before; /* the look at its beginning */
    const struct neuron_node_rates *rates;   /* since then */
};

struct neuron_monitor_view {
    const struct neuron_topology *topology;
    const char *host; /* name of the machine */
    const struct neuron_monitor_config *config;
    const struct neuron_node_sample *sample;
    const struct neuron_monitor_round *rounds; /* those that are told now */
    uint32_t round_count;
};

/* The round of a period; NULL where it is not told now, and for a period of 0. */
static inline const struct neuron_monitor_round *
neuron_monitor_round_find(const struct neuron_monitor_view *view, uint64_t period_ns)
{
    for (uint32_t i = 0; period_ns != 0 && i < view->round_count; i += 1) {
        if (view->rounds[i].period_ns == period_ns) {
            return &view->rounds[i];
        }
    }
    return NULL;
}

#endif

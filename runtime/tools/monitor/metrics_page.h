/* SPDX-License-Identifier: Apache-2.0 */
/* A page in Prometheus' text format, for the folder of a node exporter (docs/monitoring.md). */
#ifndef NEURON_TOOLS_MONITOR_METRICS_PAGE_H
#define NEURON_TOOLS_MONITOR_METRICS_PAGE_H

#include <stddef.h>

#include "neuron/status.h"
#include "neuron/topology.h"

#include "monitor/monitor_config.h"
#include "node/node_watch.h"

/* What each page begins with, a comment; by this neuron-monitor knows its own pages. */
extern const char neuron_metrics_page_mark[];

struct neuron_metrics {
    const struct neuron_topology *topology;
    const struct neuron_monitor_config *config;
    const struct neuron_node_sample *sample;
    /* What a stamp of the processor's counter is; the same for all pages, so that no time and no
       count of a histogram ever falls, though each look knows it a little better. */
    double ns_per_stamp;
};

/* The best that a look knows of the processor's counter: by the oldest runtime that uses it. 0
   where none does. */
double
neuron_metrics_find_rate(const struct neuron_node_sample *sample);

/*
 * Makes the page.
 *
 * bytes  receives it; freed by the caller.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_metrics_page_make(const struct neuron_metrics *metrics, char **bytes, size_t *size_bytes,
                         struct neuron_error *error);

#endif

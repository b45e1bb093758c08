/* SPDX-License-Identifier: Apache-2.0 */
/* A chart in plain text of what each replica did during a call, and when it was idle. */
#ifndef NEURON_DP_TIMELINE_H
#define NEURON_DP_TIMELINE_H

#include <stdint.h>
#include <stdio.h>

#include "neuron/data_parallel_report.h"

#include "time_span.h"

/* Fewest and most columns of a chart. */
enum { NEURON_TIMELINE_LEAST_WIDTH = 10, NEURON_TIMELINE_MOST_WIDTH = 400 };

/* What is to be drawn; all of it borrowed for the call. */
struct neuron_timeline {
    uint64_t duration_ns;
    const struct neuron_data_parallel_share *shares;
    const struct neuron_data_parallel_event *events; /* the share's number never goes down */
    struct neuron_time_span *scratch;                /* one for each event; overwritten */
    uint64_t event_count;
    uint32_t share_count;
};

/*
 * Prints a line about the whole call, a time axis, and for each replica a line with its chart and
 * numbers. A column shows what the replica did for most of its time: nothing, if it was idle for
 * more than half of it; else whichever took longer of running and copying.
 *
 * Of more than 32 replicas only the first ones have a line, and, of the others, those that were
 * idle longest and shortest; one line is the mean of the rest.
 *
 * width  columns of the chart; made the nearest of those allowed.
 */
void
neuron_timeline_print(const struct neuron_timeline *timeline, uint32_t width, FILE *stream);

#endif

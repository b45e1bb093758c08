/* SPDX-License-Identifier: Apache-2.0 */
/* How a job gets on, for whoever watches: progress on standard error, metrics in a file. */
#ifndef NEURON_SCORE_SCORE_VIEW_H
#define NEURON_SCORE_SCORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_desk.h"
#include "score/progress.h"

/* Used by one thread at a time. */
struct neuron_score_view {
    const struct neuron_score_options *options;
    struct neuron_score_report *report; /* filled anew each time; fixed fields are kept */
    struct neuron_progress progress;
    uint64_t metrics_ns; /* when they were written last, CLOCK_MONOTONIC; 0 for never */
    bool has_warned;     /* that metrics cannot be written */
};

/* Makes one that has shown nothing. Options and report are borrowed, and outlive it. */
void
neuron_score_view_create(struct neuron_score_view *view, const struct neuron_score_options *options,
                         struct neuron_score_report *report);

/* Shows how things stand, as often as is useful. */
void
neuron_score_view_show(struct neuron_score_view *view, struct neuron_lease_desk *desk,
                       uint64_t now_ns);

/* Takes what is on the terminal away, and writes the metrics for the last time. */
void
neuron_score_view_end(struct neuron_score_view *view);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "score/score_view.h"

#include <stdio.h>
#include <unistd.h>

#include "neuron/clock.h"
#include "score/real_clock.h"

enum { METRICS_MS = 2000 };

void
neuron_score_view_create(struct neuron_score_view *view, const struct neuron_score_options *options,
                         struct neuron_score_report *report)
{
    *view = (struct neuron_score_view){.options = options, .report = report};
    view->progress = neuron_progress_start(options->is_quiet ? -1 : STDERR_FILENO, report->rows,
                                           (double)neuron_clock_ns() / NEURON_NS_PER_S);
}

/* What cannot be written is said once: nobody waits for metrics. */
static void
write_metrics(struct neuron_score_view *view)
{
    struct neuron_error error = {0};

    if (view->options->metrics_path != NULL &&
        neuron_score_report_write_metrics(view->report, view->options->metrics_path, &error) !=
            NEURON_OK &&
        !view->has_warned) {
        (void)fprintf(stderr, "neuron-score: %s\n", error.text);
        view->has_warned = true;
    }
}

void
neuron_score_view_show(struct neuron_score_view *view, struct neuron_lease_desk *desk,
                       uint64_t now_ns)
{
    bool is_due = now_ns - view->metrics_ns > (uint64_t)METRICS_MS * NEURON_NS_PER_MS;

    neuron_lease_desk_report(desk, view->report);
    neuron_progress_update(&view->progress, view->report, (double)now_ns / NEURON_NS_PER_S,
                           (int64_t)neuron_real_ns());
    if (is_due) {
        write_metrics(view);
        view->metrics_ns = now_ns;
    }
}

void
neuron_score_view_end(struct neuron_score_view *view)
{
    neuron_progress_stop(&view->progress);
    write_metrics(view);
}

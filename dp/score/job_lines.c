/* SPDX-License-Identifier: Apache-2.0 */
#include "score/job_lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "neuron/clock.h"
#include "score/report.h"

static enum neuron_status
print_rank(const struct neuron_report_rank *rank, struct neuron_error *error)
{
    const struct neuron_rank_report report = {.rows = rank->rows,
                                              .lease_count = rank->lease_count,
                                              .seconds =
                                                  (double)rank->counters.run_ns / NEURON_NS_PER_S,
                                              .core_count = rank->core_count,
                                              .cores = rank->cores};
    char text[NEURON_REPORT_LINE_BYTES] = "";

    return neuron_report_print(neuron_rank_report_format(&report, rank->rank, text, sizeof(text)),
                               error);
}

static enum neuron_status
print_job(const struct neuron_job_lines *lines, struct neuron_error *error)
{
    const struct neuron_score_report *report = lines->report;
    struct neuron_job_report job = {.rows = report->rows,
                                    .rows_before = report->rows_before,
                                    .failure_count = report->failure_count,
                                    .seconds = (double)(report->end_ns - report->start_ns) /
                                               NEURON_NS_PER_S,
                                    .output_path = lines->output_path};
    char text[NEURON_REPORT_LINE_BYTES] = "";

    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        job.core_count += report->ranks[i].core_count;
        job.world_size += report->ranks[i].joined_ns != 0 ? 1 : 0;
    }
    return neuron_report_print(neuron_job_report_format(&job, text, sizeof(text)), error);
}

/* An earlier run has done it all: the user learns that nothing was done, and how to have it done.
 */
static enum neuron_status
print_done(const struct neuron_job_lines *lines, struct neuron_error *error)
{
    char text[NEURON_REPORT_LINE_BYTES] = "";

    (void)snprintf(text, sizeof(text),
                   "all %" PRIu64 " rows were done before; --restart scores them again: %s",
                   lines->report->rows, lines->output_path);
    return neuron_report_print(text, error);
}

enum neuron_status
neuron_job_lines_print(const struct neuron_job_lines *lines, struct neuron_error *error)
{
    const struct neuron_score_report *report = lines->report;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && report->rank_count > 1 && !lines->was_done &&
                         i < report->rank_count;
         i += 1) {
        if (report->ranks[i].joined_ns != 0) {
            status = print_rank(&report->ranks[i], error);
        }
    }
    if (status == NEURON_OK && lines->labels != NULL) {
        char text[NEURON_LABEL_TEXT_BYTES] = "";

        status = neuron_report_print(neuron_label_result_format(lines->labels, text), error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    return lines->was_done ? print_done(lines, error) : print_job(lines, error);
}

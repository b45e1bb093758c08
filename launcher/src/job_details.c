/* SPDX-License-Identifier: Apache-2.0 */
#include "job_details.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core_file.h"
#include "job_report.h"
#include "last_lines.h"
#include "output_tail.h"

enum { SHOWN_BYTES = 280 /* of a line of a rank */ };

static void
report_lack(const struct neuron_job *job, const struct neuron_exit_report *report)
{
    /* A shell whose command was killed ends with this code, too. */
    if (neuron_exit_report_code(report) != NEURON_EXIT_SIGNAL_BASE + SIGKILL) {
        return;
    }
    switch (report->lack) {
    case NEURON_MEMORY_ENOUGH:
        break;
    case NEURON_MEMORY_GROUP_LACKS:
        neuron_job_say(job->relay,
                       "  the kernel killed a process for lack of memory in its control "
                       "group: start fewer ranks, or raise the group's limit");
        break;
    case NEURON_MEMORY_MACHINE_LACKS:
        neuron_job_say(job->relay, "  the kernel killed a process for lack of memory meanwhile: "
                                   "start fewer ranks, or smaller ones");
        break;
    }
}

static void
report_core_file(const struct neuron_job *job, const struct neuron_exit_report *report)
{
    char path[PATH_MAX] = "";
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    if (neuron_core_file_find(report, path, sizeof(path))) {
        (void)snprintf(text, sizeof(text), "  its core file is %.280s", path);
        neuron_job_say(job->relay, text);
    }
}

/* What the rank said last. A rank that is alone said it right above. */
static void
report_errors(const struct neuron_job *job, const struct neuron_exit_report *report)
{
    char errors[NEURON_OUTPUT_TAIL_BYTES + 1] = "";
    char text[NEURON_EXIT_REPORT_BYTES] = "";
    struct neuron_last_lines last = {.count = 0};

    if (job->ranks->rank_count == 1) {
        return;
    }
    (void)neuron_output_relay_last_errors(job->relay, report->rank, errors, sizeof(errors));
    neuron_last_lines_cut(errors, &last);
    for (uint32_t i = 0; i < last.count; i += 1) {
        bool is_long = strlen(last.lines[i]) > SHOWN_BYTES;

        (void)snprintf(text, sizeof(text), "  stderr: %.*s%s", (int)SHOWN_BYTES, last.lines[i],
                       is_long ? "..." : "");
        neuron_job_say(job->relay, text);
    }
}

void
neuron_job_report_details(const struct neuron_job *job, const struct neuron_exit_report *report)
{
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    report_errors(job, report);
    report_lack(job, report);
    report_core_file(job, report);
    if (job->request.restart_count > 0) {
        (void)snprintf(text, sizeof(text), "  the job was started again %u time%s before",
                       job->request.restart_count, job->request.restart_count == 1 ? "" : "s");
        neuron_job_say(job->relay, text);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "score/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Rows in a second, to the nearest whole one; 0 where no time has passed. */
static unsigned long long
rate_of(uint64_t rows, double seconds)
{
    double rate = seconds > 0.0 ? (double)rows / seconds + 0.5 : 0.0;

    return rate < 1e18 ? (unsigned long long)rate : 0;
}

const char *
neuron_rank_report_format(const struct neuron_rank_report *report, uint32_t rank, char *text,
                          size_t size_bytes)
{
    char rows[64] = "no rows";
    char cores[128] = "";

    if (report->rows.count > 0) {
        (void)snprintf(rows, sizeof(rows), "rows %llu-%llu", (unsigned long long)report->rows.first,
                       (unsigned long long)(report->rows.first + report->rows.count - 1));
    }
    (void)neuron_core_set_format(report->cores, cores, sizeof(cores));
    (void)snprintf(text, size_bytes, "rank %u: %s in %.3f s, %llu rows/s on %s %s (machine)", rank,
                   rows, report->seconds, rate_of(report->rows.count, report->seconds),
                   neuron_core_set_count(report->cores) == 1 ? "core" : "cores", cores);
    return text;
}

const char *
neuron_job_report_format(const struct neuron_job_report *report, char *text, size_t size_bytes)
{
    (void)snprintf(text, size_bytes,
                   "%llu row%s in %.3f s, %llu rows/s on %llu core%s (%u rank%s): %s",
                   (unsigned long long)report->rows, report->rows == 1 ? "" : "s", report->seconds,
                   rate_of(report->rows, report->seconds), (unsigned long long)report->core_count,
                   report->core_count == 1 ? "" : "s", report->world_size,
                   report->world_size == 1 ? "" : "s", report->output_path);
    return text;
}

enum neuron_status
neuron_report_print(const char *text, struct neuron_error *error)
{
    char line[NEURON_REPORT_LINE_BYTES + 32] = "";

    (void)snprintf(line, sizeof(line), "neuron-score: %s\n", text);
    size_t length = strlen(line);
    for (size_t done = 0; done < length;) {
        ssize_t written = write(STDOUT_FILENO, line + done, length - done);
        if (written < 0 && errno != EINTR) {
            return NEURON_FAIL(error, NEURON_SYSTEM,
                               "the output is complete, but the report cannot be written: %s",
                               strerrordesc_np(errno));
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return NEURON_OK;
}

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
    (void)snprintf(
        text, size_bytes,
        "rank %u: %llu row%s in %llu lease%s, %.3f s, %llu rows/s on core%s %s (machine)", rank,
        (unsigned long long)report->rows, report->rows == 1 ? "" : "s",
        (unsigned long long)report->lease_count, report->lease_count == 1 ? "" : "s",
        report->seconds, rate_of(report->rows, report->seconds), report->core_count == 1 ? "" : "s",
        report->cores);
    return text;
}

/* Adds to a text that may be cut. */
static void
append(char *text, size_t size_bytes, const char *more)
{
    size_t length = strlen(text);

    (void)snprintf(text + length, size_bytes - length, "%s", more);
}

const char *
neuron_job_report_format(const struct neuron_job_report *report, char *text, size_t size_bytes)
{
    uint64_t rows = report->rows > report->rows_before ? report->rows - report->rows_before : 0;
    char part[96] = "";

    (void)snprintf(text, size_bytes, "%llu row%s in %.3f s, %llu rows/s on %llu core%s (%u rank%s)",
                   (unsigned long long)report->rows, report->rows == 1 ? "" : "s", report->seconds,
                   rate_of(rows, report->seconds), (unsigned long long)report->core_count,
                   report->core_count == 1 ? "" : "s", report->world_size,
                   report->world_size == 1 ? "" : "s");
    if (report->rows_before > 0) {
        (void)snprintf(part, sizeof(part), ", %llu done before",
                       (unsigned long long)report->rows_before);
        append(text, size_bytes, part);
    }
    append(text, size_bytes, ": ");
    append(text, size_bytes, report->output_path);
    if (report->failure_count > 0) {
        (void)snprintf(part, sizeof(part),
                       ", %llu row%s failed: ", (unsigned long long)report->failure_count,
                       report->failure_count == 1 ? "" : "s");
        append(text, size_bytes, part);
        append(text, size_bytes, report->output_path);
        append(text, size_bytes, ".errors.jsonl");
    }
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

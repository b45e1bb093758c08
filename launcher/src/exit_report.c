/* SPDX-License-Identifier: Apache-2.0 */
#include "exit_report.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

const char *
neuron_signal_name(int signal_number, char *text, size_t size_bytes)
{
    const char *name = sigabbrev_np(signal_number);

    if (name == NULL) {
        (void)snprintf(text, size_bytes, "signal %d", signal_number);
    } else {
        (void)snprintf(text, size_bytes, "SIG%s", name);
    }
    return text;
}

int
neuron_exit_report_code(const struct neuron_exit_report *report)
{
    switch (report->failure.step) {
    case NEURON_PROCESS_EXEC:
        return neuron_exec_trouble_code(&report->trouble);
    case NEURON_PROCESS_BINDING:
    case NEURON_PROCESS_DIRECTORY:
        return NEURON_EXIT_OWN_ERROR;
    case NEURON_PROCESS_STARTED:
        break;
    }
    switch (report->mpi_end.kind) {
    case NEURON_MPI_END_ABORT:
        /* As a shell would see it, but never as success. */
        return (report->mpi_end.code & 0xff) == 0 ? 1 : report->mpi_end.code & 0xff;
    case NEURON_MPI_END_UNFINALIZED:
    case NEURON_MPI_END_MISSED:
        return 1;
    case NEURON_MPI_END_NONE:
        break;
    }
    return WIFSIGNALED(report->wait_status)
               ? NEURON_EXIT_SIGNAL_BASE + WTERMSIG(report->wait_status)
               : WEXITSTATUS(report->wait_status);
}

/* The line of a rank whose program never ran. */
static void
format_failure(const struct neuron_exit_report *report, char *text, size_t size_bytes)
{
    const char *reason = strerrordesc_np(report->failure.reason);

    switch (report->failure.step) {
    case NEURON_PROCESS_DIRECTORY:
        (void)snprintf(text, size_bytes, "cannot enter directory %.160s: %s",
                       report->working_directory, reason);
        return;
    case NEURON_PROCESS_BINDING:
        (void)snprintf(text, size_bytes, "cannot bind rank %u to cores %s: %s", report->rank,
                       report->cores, reason);
        return;
    case NEURON_PROCESS_STARTED:
    case NEURON_PROCESS_EXEC:
        break;
    }
    (void)neuron_exec_trouble_format(&report->trouble, report->program, text, size_bytes);
}

/* "; 3 other ranks were stopped" or what else became of the others, or nothing. */
static void
format_others(const struct neuron_exit_report *report, char *text, size_t size_bytes)
{
    uint32_t count = report->stopped_count > 0 ? report->stopped_count : report->running_count;

    text[0] = '\0';
    if (count > 0) {
        const char *done = count == 1 ? "was stopped" : "were stopped";

        if (report->stopped_count == 0) {
            done = count == 1 ? "goes on" : "go on";
        }
        (void)snprintf(text, size_bytes, "; %u other rank%s %s", count, count == 1 ? "" : "s",
                       done);
    } else if (report->failed_count > 1) {
        (void)snprintf(text, size_bytes, "; %u of %u ranks failed", report->failed_count,
                       report->rank_count);
    }
}

/* What a signal came with: " (core dumped)", or nothing. */
static const char *
describe_death(const struct neuron_exit_report *report)
{
    if (WCOREDUMP(report->wait_status)) {
        return " (core dumped)";
    }
    if (WTERMSIG(report->wait_status) != SIGKILL) {
        return "";
    }
    switch (report->lack) {
    case NEURON_MEMORY_ENOUGH:
        break;
    case NEURON_MEMORY_GROUP_LACKS:
        return " (out of memory)";
    case NEURON_MEMORY_MACHINE_LACKS:
        return " (probably out of memory)";
    }
    return "";
}

const char *
neuron_exit_report_format(const struct neuron_exit_report *report, char *text, size_t size_bytes)
{
    char others[64] = "";
    char name[24] = "";
    char end[80] = "";
    int status = report->wait_status;

    if (report->failure.step != NEURON_PROCESS_STARTED) {
        format_failure(report, text, size_bytes);
        return text;
    }
    if (report->mpi_end.kind == NEURON_MPI_END_ABORT) {
        (void)snprintf(end, sizeof(end), "called MPI_Abort with code %d", report->mpi_end.code);
    } else if (report->mpi_end.kind == NEURON_MPI_END_UNFINALIZED) {
        (void)snprintf(end, sizeof(end), "exited with code 0 without MPI_Finalize");
    } else if (report->mpi_end.kind == NEURON_MPI_END_MISSED) {
        (void)snprintf(end, sizeof(end),
                       "exited with code 0 before MPI_Init, while others wait for it,");
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(end, sizeof(end), "was killed by %s%s",
                       neuron_signal_name(WTERMSIG(status), name, sizeof(name)),
                       describe_death(report));
    } else {
        (void)snprintf(end, sizeof(end), "exited with code %d", WEXITSTATUS(status));
    }
    format_others(report, others, sizeof(others));
    (void)snprintf(text, size_bytes,
                   "rank %u (%s%.60s%spid %d, core%s %.80s) %s after %llu.%llu s%s", report->rank,
                   report->host == NULL ? "" : "host ", report->host == NULL ? "" : report->host,
                   report->host == NULL ? "" : ", ", (int)report->process,
                   strpbrk(report->cores, ",-") == NULL ? "" : "s", report->cores, end,
                   (unsigned long long)(report->elapsed_ms / 1000),
                   (unsigned long long)(report->elapsed_ms % 1000 / 100), others);
    return text;
}

const char *
neuron_exit_report_count(uint32_t first, uint32_t failed_count, uint32_t rank_count, char *text,
                         size_t size_bytes)
{
    (void)snprintf(text, size_bytes, "%u of %u ranks failed, rank %u%s", failed_count, rank_count,
                   first, failed_count == 1 ? "" : " first");
    return text;
}

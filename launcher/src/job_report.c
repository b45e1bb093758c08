/* SPDX-License-Identifier: Apache-2.0 */
#include "job_report.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "job_details.h"
#include "job_start.h"

void
neuron_job_say(struct neuron_output_relay *relay, const char *text)
{
    char line[NEURON_EXIT_REPORT_BYTES + 80] = "";

    (void)snprintf(line, sizeof(line), "neuronrun: %s", text);
    neuron_output_relay_say(relay, line);
}

static bool
is_quiet(const struct neuron_job *job)
{
    return job->request.line->verbosity == NEURON_LAUNCH_QUIET;
}

void
neuron_job_report_start(const struct neuron_job *job)
{
    const struct neuron_command_line *line = job->request.line;
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    for (uint32_t i = 0; i < job->ranks->rank_count; i += 1) {
        const struct neuron_rank *rank = &job->ranks->ranks[i];

        if (rank->watch >= 0) {
            const char *program = neuron_command_line_program(line, i)->arguments[0];

            (void)snprintf(text, sizeof(text), "rank %u (pid %d%s%.80s) runs on %s %.180s", i,
                           (int)rank->process, line->program_count > 1 ? ", " : "",
                           line->program_count > 1 ? program : "",
                           strpbrk(rank->cores, ",-") == NULL ? "core" : "cores", rank->cores);
            neuron_job_say(job->relay, text);
        }
    }
}

struct neuron_exit_report
neuron_job_rank_report(const struct neuron_job *job, const struct neuron_rank *rank)
{
    uint32_t number = (uint32_t)(rank - job->ranks->ranks);
    struct neuron_exit_report report = {
        .rank = number,
        .host = rank->host,
        .process = rank->process,
        .cores = rank->cores,
        .wait_status = rank->wait_status,
        .mpi_end = rank->mpi_end,
        .failure = rank->failure,
        .lack = rank->is_stopped ? NEURON_MEMORY_ENOUGH : job->lack,
        .program = neuron_job_path(&job->request, number),
        .working_directory =
            neuron_command_line_program(job->request.line, number)->working_directory,
        .elapsed_ms = rank->ended_ms - rank->started_ms,
        .stopped_count = rank == job->failed ? job->stopped_count : 0,
    };

    report.trouble.reason = rank->failure.reason;
    /* The file is that of the rank's host. */
    if (rank->failure.step == NEURON_PROCESS_EXEC && rank->host == NULL) {
        neuron_exec_trouble_find(report.program, report.working_directory, rank->failure.reason,
                                 &report.trouble);
    }
    return report;
}

void
neuron_job_report_failure(const struct neuron_job *job, struct neuron_rank *rank)
{
    struct neuron_exit_report report = neuron_job_rank_report(job, rank);
    char text[NEURON_EXIT_REPORT_BYTES] = "";
    bool is_only_one = job->failed_count == 1 && job->ranks->running_count == 0;

    if (job->request.line->on_failure != NEURON_LAUNCH_CONTINUE || is_only_one ||
        job->failed->failure.step != NEURON_PROCESS_STARTED) {
        return;
    }
    rank->is_named = true;
    if (!is_quiet(job)) {
        report.stopped_count = 0;
        report.running_count = job->ranks->running_count;
        neuron_job_say(job->relay, neuron_exit_report_format(&report, text, sizeof(text)));
    }
}

const char *
neuron_job_choose_line(const struct neuron_job *job, const char *line, char *text,
                       size_t size_bytes)
{
    const struct neuron_rank *failed = job->failed;

    return failed == NULL || !failed->is_named
               ? line
               : neuron_exit_report_count((uint32_t)(failed - job->ranks->ranks), job->failed_count,
                                          job->ranks->rank_count, text, size_bytes);
}

static int
report_failed_rank(struct neuron_job *job)
{
    struct neuron_exit_report report = neuron_job_rank_report(job, job->failed);
    int code = neuron_exit_report_code(&report);
    /* A single rank writes to our output itself: "neuronrun yes | head" ends as "yes | head". */
    bool has_lost_reader =
        neuron_job_is_direct(&job->request) && code == NEURON_EXIT_SIGNAL_BASE + SIGPIPE;
    bool is_own_error = report.failure.step != NEURON_PROCESS_STARTED;

    char counts[NEURON_EXIT_REPORT_BYTES] = "";

    report.failed_count = job->failed_count;
    report.rank_count = job->ranks->rank_count;
    (void)neuron_exit_report_format(&report, job->end_text, sizeof(job->end_text));
    if (is_own_error || !(has_lost_reader || is_quiet(job))) {
        neuron_job_say(job->relay,
                       neuron_job_choose_line(job, job->end_text, counts, sizeof(counts)));
        neuron_job_report_details(job, &report);
    }
    return code;
}

static int
report_signal(struct neuron_job *job)
{
    char name[24] = "";

    /* Whoever sent it knows. */
    (void)snprintf(job->end_text, sizeof(job->end_text), "the job was stopped by %s",
                   neuron_signal_name(job->order.signal_number, name, sizeof(name)));
    return NEURON_EXIT_SIGNAL_BASE + job->order.signal_number;
}

static int
report_output_failure(struct neuron_job *job)
{
    struct neuron_error error = {0};

    if (neuron_output_relay_failure(job->relay) == EPIPE) {
        (void)snprintf(job->end_text, sizeof(job->end_text), "nobody reads the standard output");
        return NEURON_EXIT_SIGNAL_BASE + SIGPIPE;
    }
    neuron_ignore(neuron_output_relay_check(job->relay, &error));
    (void)snprintf(job->end_text, sizeof(job->end_text), "%s; the job was stopped", error.text);
    neuron_job_say(job->relay, job->end_text);
    return NEURON_EXIT_OWN_ERROR;
}

static int
report_timeout(struct neuron_job *job)
{
    uint64_t timeout_ms = job->request.line->timeout_ms;

    (void)snprintf(
        job->end_text, sizeof(job->end_text), "the job was stopped after %llu.%llu s (--timeout)",
        (unsigned long long)(timeout_ms / 1000), (unsigned long long)(timeout_ms % 1000 / 100));
    if (!is_quiet(job)) {
        neuron_job_say(job->relay, job->end_text);
    }
    return NEURON_EXIT_TIMED_OUT;
}

int
neuron_job_report_end(struct neuron_job *job)
{
    switch (job->order.cause) {
    case NEURON_STOP_NONE:
        break;
    case NEURON_STOP_RANK_FAILED:
        return report_failed_rank(job);
    case NEURON_STOP_SIGNAL:
        return report_signal(job);
    case NEURON_STOP_TIMED_OUT:
        return report_timeout(job);
    case NEURON_STOP_OUTPUT_FAILED:
        return report_output_failure(job);
    case NEURON_STOP_START_FAILED:
        (void)snprintf(job->end_text, sizeof(job->end_text), "%s", job->error.text);
        neuron_job_say(job->relay, job->end_text);
        return NEURON_EXIT_OWN_ERROR;
    }
    return 0;
}

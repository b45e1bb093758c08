/* SPDX-License-Identifier: Apache-2.0 */
#include "job_report.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "exit_report.h"
#include "job_start.h"

void
neuron_job_say(struct neuron_output_relay *relay, const char *text)
{
    char line[NEURON_EXIT_REPORT_BYTES + 16] = "";

    (void)snprintf(line, sizeof(line), "neuronrun: %s", text);
    neuron_output_relay_say(relay, line);
}

void
neuron_job_report_start(const struct neuron_rank_table *ranks, struct neuron_output_relay *relay)
{
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    for (uint32_t i = 0; i < ranks->rank_count; i += 1) {
        const struct neuron_rank *rank = &ranks->ranks[i];

        if (rank->watch >= 0) {
            (void)snprintf(text, sizeof(text), "rank %u (pid %d) runs on %s %.200s", i,
                           (int)rank->process,
                           strpbrk(rank->cores, ",-") == NULL ? "core" : "cores", rank->cores);
            neuron_job_say(relay, text);
        }
    }
}

struct neuron_exit_report
neuron_job_rank_report(const struct neuron_job_request *request,
                       const struct neuron_rank_table *ranks, const struct neuron_rank *rank,
                       uint32_t stopped_count)
{
    uint32_t number = (uint32_t)(rank - ranks->ranks);

    return (struct neuron_exit_report){
        .rank = number,
        .process = rank->process,
        .cores = rank->cores,
        .wait_status = rank->wait_status,
        .failure = rank->failure,
        .program = neuron_job_path(request, number),
        .working_directory = neuron_command_line_program(request->line, number)->working_directory,
        .elapsed_ms = rank->ended_ms - rank->started_ms,
        .stopped_count = stopped_count,
    };
}

void
neuron_job_report_failure(const struct neuron_job_request *request,
                          const struct neuron_rank_table *ranks, const struct neuron_rank *rank,
                          struct neuron_output_relay *relay)
{
    struct neuron_exit_report report = neuron_job_rank_report(request, ranks, rank, 0);
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    if (request->line->verbosity != NEURON_LAUNCH_QUIET) {
        report.running_count = ranks->running_count;
        neuron_job_say(relay, neuron_exit_report_format(&report, text, sizeof(text)));
    }
}

static int
report_failed_rank(const struct neuron_job_outcome *outcome)
{
    struct neuron_exit_report report = neuron_job_rank_report(
        outcome->request, outcome->ranks, outcome->failed, outcome->stopped_count);
    char text[NEURON_EXIT_REPORT_BYTES] = "";
    int code = neuron_exit_report_code(&report);
    /* A single rank writes to our output itself: "neuronrun yes | head" ends as "yes | head". */
    bool has_lost_reader =
        neuron_job_is_direct(outcome->request) && code == NEURON_EXIT_SIGNAL_BASE + SIGPIPE;
    bool is_own_error = report.failure.step != NEURON_PROCESS_STARTED;
    bool is_quiet = outcome->request->line->verbosity == NEURON_LAUNCH_QUIET;

    report.failed_count = outcome->failed_count;
    report.rank_count = outcome->ranks->rank_count;
    if (is_own_error || !(has_lost_reader || is_quiet)) {
        neuron_job_say(outcome->relay, neuron_exit_report_format(&report, text, sizeof(text)));
    }
    return code;
}

static int
report_output_failure(const struct neuron_job_outcome *outcome)
{
    char text[NEURON_EXIT_REPORT_BYTES] = "";
    int reason = neuron_output_relay_failure(outcome->relay);

    if (reason == EPIPE) {
        return NEURON_EXIT_SIGNAL_BASE + SIGPIPE;
    }
    (void)snprintf(text, sizeof(text), "cannot write to standard output: %s; the job was stopped",
                   strerrordesc_np(reason));
    neuron_job_say(outcome->relay, text);
    return NEURON_EXIT_OWN_ERROR;
}

static int
report_timeout(const struct neuron_job_outcome *outcome)
{
    uint64_t timeout_ms = outcome->request->line->timeout_ms;
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    (void)snprintf(text, sizeof(text), "the job was stopped after %llu.%llu s (--timeout)",
                   (unsigned long long)(timeout_ms / 1000),
                   (unsigned long long)(timeout_ms % 1000 / 100));
    if (outcome->request->line->verbosity != NEURON_LAUNCH_QUIET) {
        neuron_job_say(outcome->relay, text);
    }
    return NEURON_EXIT_TIMED_OUT;
}

int
neuron_job_report_end(const struct neuron_job_outcome *outcome)
{
    switch (outcome->order->cause) {
    case NEURON_STOP_NONE:
        break;
    case NEURON_STOP_RANK_FAILED:
        return report_failed_rank(outcome);
    case NEURON_STOP_SIGNAL:
        return NEURON_EXIT_SIGNAL_BASE + outcome->order->signal_number;
    case NEURON_STOP_TIMED_OUT:
        return report_timeout(outcome);
    case NEURON_STOP_OUTPUT_FAILED:
        return report_output_failure(outcome);
    case NEURON_STOP_START_FAILED:
        neuron_job_say(outcome->relay, outcome->error->text);
        return NEURON_EXIT_OWN_ERROR;
    }
    return 0;
}

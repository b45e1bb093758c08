/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attempt goes through two phases. While ranks run, a failure, a signal, the time-out or a
 * closed output stops them. When all have ended, whatever they left behind is killed, and the
 * output that the pipes still hold is written, however slow its reader is.
 */
#include "job_attempt.h"

#include <stdio.h>

#include "descendants.h"
#include "job_loop.h"
#include "job_mpi.h"
#include "job_report.h"
#include "job_start.h"
#include "wall_time.h"

static bool
restart_is_due(const struct neuron_job *job)
{
    const struct neuron_restart_question question = {
        .cause = job->order.cause,
        .step = job->failed == NULL ? NEURON_PROCESS_STARTED : job->failed->failure.step,
        .is_timed_out = job->is_timed_out,
        .is_asked_to_stop =
            job->order.asked_by != 0 || neuron_output_relay_check(job->relay, NULL) != NEURON_OK,
        .restart_count = job->request.restart_count,
        .restart_limit = job->request.line->restart_limit,
    };

    return neuron_restart_is_due(&question);
}

static bool
has_drained(const struct neuron_job *job)
{
    return neuron_output_relay_is_done(job->relay) || neuron_job_now_ms() >= job->drain_until_ms;
}

/*
 * How long the output may take. Someone who stopped the job does not wait for it without end; where
 * the job is to start again, its time goes on counting.
 */
static uint64_t
drain_limit(const struct neuron_job *job)
{
    bool is_hurried =
        job->order.cause == NEURON_STOP_SIGNAL || job->order.cause == NEURON_STOP_TIMED_OUT;

    if (is_hurried) {
        return neuron_job_now_ms() + job->order.grace_ms;
    }
    return restart_is_due(job) ? job->timeout_at_ms : UINT64_MAX;
}

static void
drain_output(struct neuron_job *job)
{
    job->is_draining = true;
    job->drain_until_ms = drain_limit(job);
    neuron_output_relay_finish(job->relay);
    neuron_output_relay_run(job->relay, neuron_job_now_ms());
    while (!has_drained(job)) {
        neuron_job_loop_once(job);
    }
    job->is_draining = false;
    if (neuron_output_relay_check(job->relay, NULL) != NEURON_OK) {
        neuron_job_stop(job, NEURON_STOP_OUTPUT_FAILED);
    }
}

void
neuron_job_attempt(struct neuron_job *job)
{
    job->kills = neuron_memory_kills_read("");
    if (neuron_job_start_ranks(&job->request, job->ranks, job->relay, &job->input, &job->error) !=
        NEURON_OK) {
        neuron_job_stop(job, NEURON_STOP_START_FAILED);
    }
    if (job->request.line->verbosity == NEURON_LAUNCH_VERBOSE) {
        neuron_job_report_start(job);
    }
    while (job->ranks->running_count > 0) {
        neuron_job_loop_once(job);
    }
    neuron_job_take_mpi(job);
    neuron_mpi_world_stop(job->request.world);
    uint32_t left_count = neuron_descendants_kill();
    drain_output(job);
    if (left_count > 0) {
        neuron_job_say(job->relay, "some processes of the job do not end, although killed");
    }
}

/* Notes the restart for the report, and tells the user. */
static void
announce_restart(struct neuron_job *job, uint64_t delay_ms)
{
    char text[NEURON_EXIT_REPORT_BYTES + 64] = "";
    char counts[NEURON_EXIT_REPORT_BYTES] = "";
    const struct neuron_exit_report report = neuron_job_rank_report(job, job->failed);
    struct neuron_restart restart = {
        .at_ms = neuron_wall_time_now_ms(),
        .delay_ms = delay_ms,
        .rank = report.rank,
        .exit_code = neuron_exit_report_code(&report),
    };

    (void)neuron_exit_report_format(&report, restart.cause, sizeof(restart.cause));
    (void)neuron_restart_list_add(&job->restarts, &restart);
    if (job->request.line->verbosity != NEURON_LAUNCH_QUIET) {
        (void)snprintf(text, sizeof(text), "restart %u of %u in %llu s: %s",
                       job->request.restart_count + 1, job->request.line->restart_limit,
                       (unsigned long long)(delay_ms / 1000),
                       neuron_job_choose_line(job, restart.cause, counts, sizeof(counts)));
        neuron_job_say(job->relay, text);
    }
}

bool
neuron_job_prepare_restart(struct neuron_job *job)
{
    uint64_t delay_ms = neuron_restart_delay_ms(job->request.restart_count);

    if (!restart_is_due(job)) {
        return false;
    }
    announce_restart(job, delay_ms);
    neuron_input_relay_close(&job->input);
    job->order = (struct neuron_stop_order){.grace_ms = job->order.grace_ms};
    job->restart_at_ms = neuron_job_now_ms() + delay_ms;
    while (job->order.cause == NEURON_STOP_NONE && neuron_job_now_ms() < job->restart_at_ms) {
        neuron_job_loop_once(job);
    }
    job->restart_at_ms = UINT64_MAX;
    if (job->order.cause != NEURON_STOP_NONE) {
        return false;
    }
    job->request.restart_count += 1;
    job->lack = NEURON_MEMORY_ENOUGH;
    job->failed = NULL;
    job->failed_count = 0;
    job->stopped_count = 0;
    return true;
}

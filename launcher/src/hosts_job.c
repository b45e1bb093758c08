/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job on several hosts: one attempt, and others after failures. Each attempt has a channel, keys,
 * an engine and shims of its own; output, input and the time-out go on.
 */
#include "hosts_job.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "descendants.h"
#include "exit_report.h"
#include "guardian.h"
#include "hosts_job_state.h"
#include "hosts_loop.h"
#include "hosts_setup.h"
#include "job_record.h"
#include "job_report.h"
#include "job_start.h"
#include "restart_policy.h"
#include "wall_time.h"

/* Says whether to start again: after a rank failed, or a host or the engine under ranks that ran.
 */
static bool
restart_is_due(const struct neuron_hosts_job *job)
{
    bool is_lost =
        job->order.cause == NEURON_STOP_START_FAILED && job->has_started && !job->is_refused;
    const struct neuron_restart_question question = {
        .cause = is_lost ? NEURON_STOP_RANK_FAILED : job->order.cause,
        .step = job->failed == NULL ? NEURON_PROCESS_STARTED : job->failed->failure.step,
        .is_timed_out = job->is_timed_out,
        .is_asked_to_stop =
            job->order.asked_by != 0 || neuron_output_relay_check(job->relay, NULL) != NEURON_OK,
        .restart_count = job->restart_count,
        .restart_limit = job->request->line->restart_limit,
    };

    return neuron_restart_is_due(&question);
}

/* How long the output may take: someone who stopped the job does not wait for it without end. */
static uint64_t
drain_limit(const struct neuron_hosts_job *job)
{
    if (job->order.cause == NEURON_STOP_NONE) {
        return UINT64_MAX;
    }
    return restart_is_due(job) ? job->timeout_at_ms
                               : neuron_job_now_ms() + job->request->line->grace_ms;
}

static void
drain(struct neuron_hosts_job *job)
{
    uint64_t until_ms = drain_limit(job);

    while (
        !(neuron_host_ranks_are_flushed(job->hosts) && neuron_output_relay_is_done(job->relay)) &&
        neuron_output_relay_failure(job->relay) == 0 && neuron_job_now_ms() < until_ms) {
        neuron_hosts_job_once(job);
    }
}

/* Sets up what lasts for all attempts. */
static enum neuron_status
create_job(struct neuron_hosts_job *job)
{
    const struct neuron_command_line *line = job->request->line;
    uint32_t rank_count = job->request->places->rank_count;
    const struct neuron_output_style style = neuron_job_output_style(line);
    sigset_t signals;

    job->placement.rank_count = rank_count;
    job->plan.placement = &job->placement;
    neuron_guardian_fill_signals(&signals);
    job->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    job->paths = calloc(line->program_count, sizeof(*job->paths));
    if (job->signals < 0 || job->paths == NULL || getrlimit(RLIMIT_NOFILE, &job->files) != 0) {
        return NEURON_FAIL(&job->error, NEURON_SYSTEM, "cannot set up a job of %u ranks",
                           rank_count);
    }
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        job->paths[i] = line->programs[i].arguments[0];
    }
    enum neuron_status status =
        neuron_output_relay_create(rank_count, &style, &job->relay, &job->error);
    if (status == NEURON_OK && line->output_directory != NULL) {
        status = neuron_output_relay_open_files(job->relay, line->output_directory, &job->error);
    }
    return status;
}

static void
destroy_job(struct neuron_hosts_job *job)
{
    neuron_output_relay_destroy(job->relay);
    neuron_restart_list_clear(&job->restarts);
    free(job->paths);
    if (job->signals >= 0) {
        (void)close(job->signals);
    }
    if (job->host_file >= 0) {
        (void)close(job->host_file);
    }
}

/* Starts the engine for an attempt. */
static enum neuron_status
open_attempt(struct neuron_hosts_job *job)
{
    uint32_t rank_count = job->request->places->rank_count;
    struct neuron_job_contact contact = {0};

    job->leases = calloc((size_t)rank_count * NEURON_JOB_PLACE_TEXTS, sizeof(*job->leases));
    if (job->leases == NULL) {
        return NEURON_FAIL(&job->error, NEURON_OUT_OF_MEMORY, "out of memory for %u ranks",
                           rank_count);
    }
    /* The engine keeps the usual limit on open files; we need two pipes and a connection a rank. */
    (void)setrlimit(RLIMIT_NOFILE, &job->files);
    enum neuron_status status = neuron_rank_table_create(rank_count, &job->ranks, &job->error);
    if (status == NEURON_OK) {
        status = neuron_job_channel_listen(&job->channel, &contact, &job->error);
    }
    if (status == NEURON_OK) {
        status = neuron_hosts_setup_start_engine(job->request, &contact, &job->host_file,
                                                 &job->engine, &job->error);
    }
    (void)setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_cur = job->files.rlim_max,
                                                    .rlim_max = job->files.rlim_max});
    if (status == NEURON_OK) {
        status = neuron_host_ranks_create(rank_count, job->channel, job->relay, &job->hosts,
                                          &job->error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < rank_count; i += 1) {
        job->ranks->ranks[i].host = neuron_hosts_job_host(job, i);
    }
    return status;
}

/* Ends what an attempt has, and makes the job ready for another one. */
static void
close_attempt(struct neuron_hosts_job *job)
{
    size_t text_count = (size_t)job->request->places->rank_count * NEURON_JOB_PLACE_TEXTS;

    neuron_engine_process_end(&job->engine);
    neuron_host_ranks_destroy(job->hosts);
    for (size_t i = 0; job->leases != NULL && i < text_count; i += 1) {
        free(job->leases[i]);
    }
    free(job->leases);
    neuron_rank_table_destroy(job->ranks);
    neuron_job_channel_destroy(job->channel, 0);
    (void)neuron_descendants_kill();
    job->engine = (struct neuron_engine_process){0};
    job->hosts = NULL;
    job->leases = NULL;
    job->ranks = NULL;
    job->channel = NULL;
}

static void
run_attempt(struct neuron_hosts_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    job->phase = NEURON_HOSTS_JOINING;
    job->phase_until_ms = now_ms + NEURON_HOSTS_JOIN_LIMIT_MS;
    job->beat_at_ms = now_ms;
    job->cause_at_ms = UINT64_MAX;
    while (job->phase != NEURON_HOSTS_DRAINING) {
        neuron_hosts_job_once(job);
    }
    neuron_hosts_job_end_engine(job);
    if (job->failed != NULL && job->order.cause == NEURON_STOP_NONE) {
        job->order.cause = NEURON_STOP_RANK_FAILED;
    }
    drain(job);
}

/* Notes the restart for the report, and tells the user. */
static void
announce_restart(struct neuron_hosts_job *job, uint64_t delay_ms)
{
    const struct neuron_job seen = neuron_hosts_job_view(job);
    char text[NEURON_EXIT_REPORT_BYTES + 64] = "";
    char counts[NEURON_EXIT_REPORT_BYTES] = "";
    struct neuron_restart restart = {
        .at_ms = neuron_wall_time_now_ms(),
        .delay_ms = delay_ms,
        .rank = job->blamed_rank,
        .exit_code = job->code,
    };

    if (job->order.cause == NEURON_STOP_RANK_FAILED) {
        const struct neuron_exit_report report = neuron_job_rank_report(&seen, job->failed);

        restart.rank = report.rank;
        restart.exit_code = neuron_exit_report_code(&report);
        (void)neuron_exit_report_format(&report, restart.cause, sizeof(restart.cause));
    } else {
        (void)snprintf(restart.cause, sizeof(restart.cause), "%s", job->error.text);
    }
    (void)neuron_restart_list_add(&job->restarts, &restart);
    if (job->request->line->verbosity != NEURON_LAUNCH_QUIET) {
        (void)snprintf(text, sizeof(text), "restart %u of %u in %llu s: %s", job->restart_count + 1,
                       job->request->line->restart_limit, (unsigned long long)(delay_ms / 1000),
                       job->order.cause == NEURON_STOP_RANK_FAILED
                           ? neuron_job_choose_line(&seen, restart.cause, counts, sizeof(counts))
                           : restart.cause);
        neuron_job_say(job->relay, text);
    }
}

/* Decides whether there is another attempt, says so, and waits for its time. */
static bool
prepare_restart(struct neuron_hosts_job *job)
{
    uint64_t delay_ms = neuron_restart_delay_ms(job->restart_count);

    if (!restart_is_due(job)) {
        return false;
    }
    announce_restart(job, delay_ms);
    job->order = (struct neuron_stop_order){.grace_ms = job->order.grace_ms};
    neuron_hosts_job_wait(job, neuron_job_now_ms() + delay_ms);
    if (job->order.cause != NEURON_STOP_NONE) {
        return false;
    }
    close_attempt(job);
    job->restart_count += 1;
    job->error = (struct neuron_error){0};
    job->code = NEURON_EXIT_OWN_ERROR;
    job->failed = NULL;
    job->failed_count = 0;
    job->stopped_count = 0;
    job->joined_count = 0;
    job->claimed_count = 0;
    job->left_count = 0;
    job->blamed_rank = NEURON_RESTART_NO_RANK;
    job->has_lost_host = false;
    job->has_started = false;
    job->is_refused = false;
    job->engine_asks = false;
    return true;
}

/* Writes the report where one is wanted. Returns the exit code of the job. */
static int
write_record(const struct neuron_job *seen, int code)
{
    struct neuron_error error = {0};

    if (seen->request.line->report_path == NULL ||
        neuron_job_record_write(seen, code, &error) == NEURON_OK) {
        return code;
    }
    neuron_job_say(seen->relay, error.text);
    return code == 0 ? NEURON_EXIT_OWN_ERROR : code;
}

/* Runs attempts until there is no other one. Returns the exit code. */
static int
run_attempts(struct neuron_hosts_job *job)
{
    do {
        if (open_attempt(job) != NEURON_OK) {
            (void)fprintf(stderr, "neuronrun: %s\n", job->error.text);
            return NEURON_EXIT_OWN_ERROR;
        }
        run_attempt(job);
    } while (prepare_restart(job));

    struct neuron_job seen = neuron_hosts_job_view(job);
    int code = neuron_job_report_end(&seen);

    if (job->order.cause == NEURON_STOP_START_FAILED) {
        code = job->code;
    }
    code = write_record(&seen, code);
    neuron_output_relay_run(job->relay, neuron_job_now_ms());
    return code;
}

int
neuron_hosts_job_run(const struct neuron_hosts_request *request)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t timeout_ms = request->line->timeout_ms;
    struct neuron_hosts_job job = {
        .request = request,
        .order.grace_ms = request->line->grace_ms,
        .code = NEURON_EXIT_OWN_ERROR,
        .blamed_rank = NEURON_RESTART_NO_RANK,
        .signals = -1,
        .host_file = -1,
        .started_ms = now_ms,
        .timeout_at_ms = timeout_ms == 0 ? UINT64_MAX : now_ms + timeout_ms,
    };
    int code = NEURON_EXIT_OWN_ERROR;

    neuron_host_input_init(&job.input, request->line, request->places->rank_count);
    if (create_job(&job) != NEURON_OK) {
        (void)fprintf(stderr, "neuronrun: %s\n", job.error.text);
    } else {
        code = run_attempts(&job);
    }
    close_attempt(&job);
    destroy_job(&job);
    return code;
}

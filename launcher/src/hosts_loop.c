/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine starts a shim for each rank. Once all have joined, they are told what to run; once all
 * hosts have cores for their ranks, these start; once all have ended, the shims send the rest and
 * leave. Whoever is silent for three heartbeats is lost, and with it the job: a message names the
 * host, and the engine, which may not notice for minutes, is killed in the end.
 */
#include "hosts_loop.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/core_set.h"

#include "descendants.h"
#include "engine_process.h"
#include "exit_report.h"
#include "guardian.h"
#include "host_input.h"
#include "host_ranks.h"
#include "hosts_job_state.h"
#include "hosts_setup.h"
#include "job_report.h"
#include "job_start.h"
#include "stop_order.h"

enum {
    WAIT_SIGNALS,
    WAIT_INPUT,
    WAIT_ENGINE,
    WAIT_OUTPUT = WAIT_ENGINE + NEURON_ENGINE_POLL_COUNT,
    WAIT_CHANNEL = WAIT_OUTPUT + NEURON_OUTPUT_POLL_COUNT,
    WAIT_COUNT = WAIT_CHANNEL + NEURON_JOB_CHANNEL_POLL_COUNT
};

enum {
    LEAVE_LIMIT_MS = 3000,  /* beyond the grace, for shims that do not leave */
    ENGINE_LIMIT_MS = 3000, /* for the engine to end after its shims */
    MISSED_LIMIT = 3
};

/* Sends every shim away. */
static void
leave(struct neuron_hosts_job *job)
{
    if (job->phase < NEURON_HOSTS_LEAVING) {
        job->phase = NEURON_HOSTS_LEAVING;
        job->phase_until_ms = UINT64_MAX;
        neuron_host_ranks_send_all(job->hosts,
                                   &(struct neuron_job_message){.kind = NEURON_JOB_LEAVE});
    }
}

static void
suspend(struct neuron_hosts_job *job)
{
    uint64_t slept_at_ms = neuron_job_now_ms();

    neuron_hosts_job_signal(job, SIGTSTP);
    (void)neuron_job_channel_is_ready(job->channel);
    (void)raise(SIGSTOP);
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        job->hosts->ranks[i].heard_at_ms += neuron_job_now_ms() - slept_at_ms;
    }
}

static void
take_signals(struct neuron_hosts_job *job)
{
    struct signalfd_siginfo taken = {0};

    while (read(job->signals, &taken, sizeof(taken)) == (ssize_t)sizeof(taken)) {
        int number = (int)taken.ssi_signo;

        if (number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT) {
            neuron_hosts_job_signal(
                job, neuron_stop_order_ask_by_signal(&job->order, number, neuron_job_now_ms()));
        } else if (number == SIGTSTP) {
            suspend(job);
        } else if (number != SIGCHLD) {
            neuron_hosts_job_signal(job, number);
        }
    }
}

/* Gives up the silent ranks of a host, and lists them. */
static void
lose_ranks(struct neuron_hosts_job *job, uint32_t node, uint64_t silent_since_ms, char *text,
           size_t size_bytes)
{
    struct neuron_core_set *lost = NULL; /* numbers of ranks */

    if (neuron_core_set_create(0, 0, &lost, NULL) != NEURON_OK) {
        lost = NULL;
    }
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        const struct neuron_host_rank *rank = &job->hosts->ranks[i];

        if (rank->node == node && rank->state != NEURON_HOST_RANK_LEFT &&
            rank->heard_at_ms <= silent_since_ms) {
            neuron_hosts_job_end_rank(job, i, NEURON_HOST_RANK_LOST);
            neuron_host_ranks_end_output(job->hosts, i);
            job->left_count += 1;
            neuron_ignore(lost == NULL ? NEURON_OK : neuron_core_set_add(lost, i, NULL));
        }
    }
    text[0] = '\0';
    if (lost != NULL) {
        (void)neuron_core_set_format(lost, text, size_bytes);
    }
    neuron_core_set_destroy(lost);
}

/* Takes a host for lost, whose shims are silent: a line names it and its ranks. */
static void
lose_host(struct neuron_hosts_job *job, uint32_t silent, uint64_t now_ms)
{
    uint64_t heartbeat_ms = job->request->line->heartbeat_ms;
    uint64_t limit_ms = MISSED_LIMIT * heartbeat_ms;
    char text[NEURON_ERROR_TEXT_BYTES] = "";
    char ranks[64] = "";

    lose_ranks(job, job->hosts->ranks[silent].node, now_ms - (limit_ms - heartbeat_ms), ranks,
               sizeof(ranks));
    job->has_lost_host = true;
    job->blamed_rank = silent;
    (void)snprintf(text, sizeof(text),
                   "host %.60s does not answer: no sign of life of rank%s %s for %llu.%llu s "
                   "(--heartbeat); the job was stopped",
                   neuron_hosts_job_host(job, silent), strpbrk(ranks, ",-") == NULL ? "" : "s",
                   ranks, (unsigned long long)(limit_ms / 1000),
                   (unsigned long long)(limit_ms % 1000 / 100));
    neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, text);
}

static void
take_silence(struct neuron_hosts_job *job, uint64_t now_ms)
{
    uint64_t heartbeat_ms = job->request->line->heartbeat_ms;

    for (uint32_t i = 0; heartbeat_ms != 0 && i < job->hosts->rank_count; i += 1) {
        const struct neuron_host_rank *rank = &job->hosts->ranks[i];
        bool is_expected = rank->state == NEURON_HOST_RANK_JOINED ||
                           rank->state == NEURON_HOST_RANK_RUNNING ||
                           rank->state == NEURON_HOST_RANK_ENDED;

        if (is_expected && job->phase != NEURON_HOSTS_JOINING &&
            job->phase != NEURON_HOSTS_DRAINING &&
            now_ms >= rank->heard_at_ms + MISSED_LIMIT * heartbeat_ms) {
            lose_host(job, i, now_ms);
        }
    }
    if (heartbeat_ms != 0 && now_ms >= job->beat_at_ms) {
        job->beat_at_ms = now_ms + heartbeat_ms;
        neuron_host_ranks_send_all(job->hosts,
                                   &(struct neuron_job_message){.kind = NEURON_JOB_BEAT});
    }
}

/* Says which hosts' shims have not come. */
static void
fail_joining(struct neuron_hosts_job *job)
{
    char text[NEURON_ERROR_TEXT_BYTES] = "";
    uint32_t missing = 0;

    while (missing + 1 < job->hosts->rank_count &&
           job->hosts->ranks[missing].state != NEURON_HOST_RANK_ABSENT) {
        missing += 1;
    }
    (void)snprintf(text, sizeof(text),
                   "host %.60s: rank %u did not come up within %d s; can that host reach this one "
                   "on any port (firewall)?",
                   neuron_hosts_job_host(job, missing), missing, NEURON_HOSTS_JOIN_LIMIT_MS / 1000);
    neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, text);
}

/* The engine has ended before its time. */
static void
take_engine_end(struct neuron_hosts_job *job)
{
    char reason[NEURON_ERROR_TEXT_BYTES] = "";

    if (job->order.cause != NEURON_STOP_NONE || job->phase > NEURON_HOSTS_RUNNING) {
        return;
    }
    if (WIFSIGNALED(job->engine.wait_status)) {
        char name[24] = "";

        (void)snprintf(reason, sizeof(reason), "%.100s was killed by %s", job->request->engine_path,
                       neuron_signal_name(WTERMSIG(job->engine.wait_status), name, sizeof(name)));
    } else {
        neuron_engine_explain(job->engine.noise.text, reason, sizeof(reason));
    }
    neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, reason);
}

/* Goes on to the next phase when this one is over. */
static void
take_phase(struct neuron_hosts_job *job, uint64_t now_ms)
{
    bool is_stopping = job->order.cause != NEURON_STOP_NONE;

    if (job->phase == NEURON_HOSTS_JOINING && now_ms >= job->phase_until_ms) {
        fail_joining(job);
    }
    if ((job->phase < NEURON_HOSTS_RUNNING && is_stopping) ||
        (job->phase == NEURON_HOSTS_RUNNING && job->ranks->running_count == 0)) {
        leave(job);
    }
    if (job->phase == NEURON_HOSTS_LEAVING && is_stopping && job->phase_until_ms == UINT64_MAX) {
        job->phase_until_ms = now_ms + LEAVE_LIMIT_MS;
    }
    bool is_left = job->left_count >= job->joined_count;
    if (job->phase == NEURON_HOSTS_LEAVING && (is_left || now_ms >= job->phase_until_ms)) {
        for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
            neuron_host_ranks_end_output(job->hosts, i);
        }
        job->phase = NEURON_HOSTS_DRAINING;
        job->phase_until_ms = UINT64_MAX;
    }
}

static void
take_time(struct neuron_hosts_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    if (now_ms >= job->timeout_at_ms) {
        job->timeout_at_ms = UINT64_MAX;
        job->is_timed_out = true;
        neuron_hosts_job_stop(job, NEURON_STOP_TIMED_OUT);
    }
    if (now_ms >= job->cause_at_ms) {
        char reason[NEURON_ERROR_TEXT_BYTES] = "";

        job->cause_at_ms = UINT64_MAX;
        job->engine_asks = job->order.cause == NEURON_STOP_NONE;
        neuron_engine_explain(job->engine.noise.text, reason, sizeof(reason));
        neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, reason);
    }
    if (neuron_output_relay_failure(job->relay) != 0) {
        neuron_hosts_job_stop(job, NEURON_STOP_OUTPUT_FAILED);
    }
    neuron_hosts_job_signal(job, neuron_stop_order_tick(&job->order, now_ms));
    take_silence(job, now_ms);
    if (job->engine.has_ended) {
        take_engine_end(job);
    }
    take_phase(job, now_ms);
}

static uint64_t
earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static int
milliseconds_to_wait(const struct neuron_hosts_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t next_ms =
        earlier(neuron_output_relay_deadline(job->relay), neuron_stop_order_deadline(&job->order));

    next_ms = earlier(next_ms, earlier(job->timeout_at_ms, job->phase_until_ms));
    next_ms = earlier(next_ms, job->cause_at_ms);
    if (job->request->line->heartbeat_ms != 0) {
        next_ms = earlier(next_ms, job->beat_at_ms);
    }
    if (neuron_job_channel_is_ready(job->channel) || next_ms <= now_ms) {
        return 0;
    }
    return next_ms == UINT64_MAX ? -1 : (int)earlier(next_ms - now_ms, INT32_MAX);
}

static void
take_noise(struct neuron_hosts_job *job)
{
    size_t added = neuron_engine_process_run(&job->engine);

    if (added > 0 && job->request->line->verbosity == NEURON_LAUNCH_VERBOSE) {
        neuron_output_relay_say(job->relay,
                                job->engine.noise.text + job->engine.noise.length - added);
    }
}

void
neuron_hosts_job_once(struct neuron_hosts_job *job)
{
    struct neuron_job_delivery delivery;
    struct pollfd waits[WAIT_COUNT] = {
        [WAIT_SIGNALS] = {.fd = job->signals, .events = POLLIN},
        [WAIT_INPUT] =
            neuron_host_input_prepare(&job->input, job->hosts, job->phase == NEURON_HOSTS_RUNNING),
    };

    neuron_engine_process_prepare(&job->engine, &waits[WAIT_ENGINE]);
    neuron_output_relay_prepare(job->relay, &waits[WAIT_OUTPUT]);
    neuron_job_channel_prepare(job->channel, &waits[WAIT_CHANNEL]);
    if (poll(waits, WAIT_COUNT, milliseconds_to_wait(job)) < 0) {
        return;
    }
    while (neuron_job_channel_receive(job->channel, &delivery)) {
        neuron_hosts_job_take(job, &delivery);
    }
    take_noise(job);
    if (waits[WAIT_SIGNALS].revents != 0) {
        take_signals(job);
    }
    if (waits[WAIT_INPUT].revents != 0) {
        neuron_host_input_run(&job->input, job->hosts);
    }
    neuron_output_relay_run(job->relay, neuron_job_now_ms());
    neuron_host_ranks_flush(job->hosts);
    take_time(job);
}

void
neuron_hosts_job_end_engine(struct neuron_hosts_job *job)
{
    uint64_t until_ms = neuron_job_now_ms() + (job->has_lost_host ? 0 : ENGINE_LIMIT_MS);

    while (!job->engine.has_ended && neuron_job_now_ms() < until_ms) {
        struct pollfd waits[NEURON_ENGINE_POLL_COUNT];

        neuron_engine_process_prepare(&job->engine, waits);
        (void)poll(waits, NEURON_ENGINE_POLL_COUNT, 100);
        take_noise(job);
    }
    neuron_engine_process_end(&job->engine);
}

void
neuron_hosts_job_wait(struct neuron_hosts_job *job, uint64_t until_ms)
{
    uint64_t now_ms = neuron_job_now_ms();

    while (job->order.cause == NEURON_STOP_NONE && now_ms < until_ms) {
        uint64_t wait_ms = earlier(earlier(until_ms, job->timeout_at_ms) - now_ms, INT32_MAX);
        struct pollfd waits[] = {{.fd = job->signals, .events = POLLIN}};

        (void)poll(waits, 1, (int)wait_ms);
        take_signals(job);
        neuron_output_relay_run(job->relay, neuron_job_now_ms());
        if (neuron_output_relay_failure(job->relay) != 0) {
            neuron_hosts_job_stop(job, NEURON_STOP_OUTPUT_FAILED);
        }
        now_ms = neuron_job_now_ms();
        if (now_ms >= job->timeout_at_ms) {
            job->timeout_at_ms = UINT64_MAX;
            job->is_timed_out = true;
            neuron_hosts_job_stop(job, NEURON_STOP_TIMED_OUT);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine starts a shim for each rank. Once all have joined, they are told what to run; once all
 * hosts have cores for their ranks, these start; once all have ended, the shims send the rest and
 * leave. Whoever is silent for three heartbeats is lost, and with it the job: a message names the
 * host, and the engine, which may not notice for minutes, is killed in the end.
 */
#include "hosts_job.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/process_identity.h"

#include "descendants.h"
#include "engine_process.h"
#include "exit_report.h"
#include "guardian.h"
#include "host_input.h"
#include "host_ranks.h"
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
    JOIN_LIMIT_MS = 120000, /* for all shims to be there */
    CAUSE_MS = 300,         /* for the cause to show when the engine wants a stop */
    LEAVE_LIMIT_MS = 3000,  /* beyond the grace, for shims that do not leave */
    ENGINE_LIMIT_MS = 3000, /* for the engine to end after its shims */
    MISSED_LIMIT = 3
};

enum phase { JOINING, CLAIMING, RUNNING, LEAVING, DRAINING };

struct hosts_job {
    const struct neuron_hosts_request *request;
    struct neuron_job_channel *channel;
    struct neuron_host_ranks *hosts;
    struct neuron_rank_table *ranks; /* what is reported; its processes are elsewhere */
    struct neuron_output_relay *relay;
    struct neuron_engine_process engine;
    struct neuron_host_input input;
    struct neuron_stop_order order;
    struct neuron_error error; /* with an own cause */
    int code;                  /* the exit code of that */
    const struct neuron_rank *failed;
    uint32_t stopped_count;
    char **leases; /* of each rank: lease, cores, CPUs */
    uint32_t joined_count;
    uint32_t claimed_count; /* ranks that have cores */
    uint32_t left_count;
    enum phase phase;
    bool has_lost_host;
    bool engine_asks;
    int signals;
    uint64_t timeout_at_ms;
    uint64_t phase_until_ms;
    uint64_t beat_at_ms;
    uint64_t cause_at_ms; /* when the engine's wish to stop counts as the cause */
};

static const char *
host_of(const struct hosts_job *job, uint32_t rank)
{
    return job->request->hosts->hosts[job->request->places->host_of_rank[rank]].name;
}

static void
signal_ranks(struct hosts_job *job, int signal_number)
{
    if (signal_number != 0 && job->phase == RUNNING) {
        neuron_host_ranks_send_all(
            job->hosts, &(struct neuron_job_message){.kind = NEURON_JOB_SIGNAL,
                                                     .numbers = {(uint64_t)signal_number}});
    }
}

static void
stop_job(struct hosts_job *job, enum neuron_stop_cause cause)
{
    signal_ranks(job, neuron_stop_order_ask(&job->order, cause, neuron_job_now_ms()));
}

/* Stops for a reason of our own, unless there is one. */
static void
fail_job(struct hosts_job *job, int code, const char *text)
{
    if (job->order.cause == NEURON_STOP_NONE) {
        job->code = code;
        neuron_error_set(&job->error, NEURON_SYSTEM, "%s", text);
        stop_job(job, NEURON_STOP_START_FAILED);
    }
}

/* A rank will send nothing about a process any more. */
static void
end_rank(struct hosts_job *job, uint32_t rank, enum neuron_host_rank_state state)
{
    struct neuron_host_rank *host = &job->hosts->ranks[rank];

    if (host->state == NEURON_HOST_RANK_RUNNING) {
        job->ranks->running_count -= 1;
        job->ranks->ranks[rank].ended_ms = neuron_job_now_ms();
    }
    host->state = state;
}

/* Sends every shim away. */
static void
leave(struct hosts_job *job)
{
    if (job->phase < LEAVING) {
        job->phase = LEAVING;
        job->phase_until_ms = UINT64_MAX;
        neuron_host_ranks_send_all(job->hosts,
                                   &(struct neuron_job_message){.kind = NEURON_JOB_LEAVE});
    }
}

static void
take_join(struct hosts_job *job, const struct neuron_job_message *message,
          const struct neuron_job_delivery *delivery)
{
    struct neuron_host_rank *rank = &job->hosts->ranks[message->rank];

    rank->peer = delivery->peer;
    rank->state = NEURON_HOST_RANK_JOINED;
    rank->identity = strdup(message->texts[1]);
    rank->reached = strdup(message->texts[2]);
    (void)snprintf(rank->address, sizeof(rank->address), "%s", delivery->address);
    job->joined_count += 1;
    if (rank->identity == NULL || rank->reached == NULL) {
        fail_job(job, NEURON_EXIT_OWN_ERROR, "out of memory for a rank");
        return;
    }
    if (job->joined_count == job->hosts->rank_count && job->phase == JOINING) {
        neuron_host_ranks_group(job->hosts);
        job->phase = CLAIMING;
        job->phase_until_ms = UINT64_MAX;
        if (neuron_hosts_setup_send(job->request, job->hosts, &job->error) != NEURON_OK) {
            fail_job(job, NEURON_EXIT_OWN_ERROR, "out of memory for the setup of the ranks");
        }
    }
}

/* Starts all ranks, once all have cores. */
static void
start_all(struct hosts_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    job->phase = RUNNING;
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        const char *const texts[] = {job->leases[3 * i], job->leases[3 * i + 1],
                                     job->leases[3 * i + 2]};
        struct neuron_rank *rank = &job->ranks->ranks[i];

        neuron_host_ranks_send(job->hosts, i,
                               &(struct neuron_job_message){
                                   .kind = NEURON_JOB_START, .texts = texts, .text_count = 3});
        job->hosts->ranks[i].state = NEURON_HOST_RANK_RUNNING;
        rank->cores = job->leases[3 * i + 1];
        job->leases[3 * i + 1] = NULL;
        rank->host = host_of(job, i);
        rank->started_ms = now_ms;
        job->ranks->running_count += 1;
    }
}

static void
take_claim(struct hosts_job *job, const struct neuron_job_message *message)
{
    const struct neuron_host_rank *first = &job->hosts->ranks[message->rank];

    if (job->phase != CLAIMING || first->local_rank != 0 ||
        message->text_count != 1 + 2 * first->local_count) {
        return;
    }
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        const struct neuron_host_rank *rank = &job->hosts->ranks[i];

        if (rank->node == first->node && job->leases[3 * i] == NULL) {
            job->leases[3 * i] = strdup(message->texts[0]);
            job->leases[3 * i + 1] = strdup(message->texts[1 + 2 * rank->local_rank]);
            job->leases[3 * i + 2] = strdup(message->texts[2 + 2 * rank->local_rank]);
            job->claimed_count += 1;
        }
    }
    if (job->claimed_count == job->hosts->rank_count && job->order.cause == NEURON_STOP_NONE) {
        start_all(job);
    }
}

static void
take_refusal(struct hosts_job *job, const struct neuron_job_message *message)
{
    char text[NEURON_ERROR_TEXT_BYTES] = "";

    (void)snprintf(text, sizeof(text), "host %.60s: %s", host_of(job, message->rank),
                   message->texts[0]);
    end_rank(job, message->rank, NEURON_HOST_RANK_ENDED);
    fail_job(job, (int)(message->numbers[0] & 0xff), text);
}

static void
take_end(struct hosts_job *job, const struct neuron_job_message *message)
{
    struct neuron_rank *rank = &job->ranks->ranks[message->rank];

    if (job->hosts->ranks[message->rank].state != NEURON_HOST_RANK_RUNNING) {
        return;
    }
    end_rank(job, message->rank, NEURON_HOST_RANK_ENDED);
    rank->wait_status = (int)(uint32_t)message->numbers[0];
    rank->failure.step = (enum neuron_process_step)(message->numbers[1] & 3);
    rank->failure.reason = (int)(uint32_t)message->numbers[2];
    rank->ended_ms = rank->started_ms + message->numbers[3];
    if (rank->wait_status != 0 && job->order.cause == NEURON_STOP_NONE &&
        (job->request->line->on_failure == NEURON_LAUNCH_ABORT || job->failed == NULL)) {
        job->failed = job->failed == NULL ? rank : job->failed;
        job->stopped_count = job->ranks->running_count;
        if (job->request->line->on_failure == NEURON_LAUNCH_ABORT) {
            stop_job(job, NEURON_STOP_RANK_FAILED);
        }
    }
}

/* The engine's process on a host is gone: that is the cause, also where others heard of it first.
 */
static void
take_orphan(struct hosts_job *job, uint32_t rank)
{
    char text[NEURON_ERROR_TEXT_BYTES] = "";

    if (job->phase != RUNNING || (job->order.cause != NEURON_STOP_NONE && !job->engine_asks)) {
        return;
    }
    job->engine_asks = false;
    job->has_lost_host = true;
    (void)snprintf(text, sizeof(text),
                   "host %.60s: the engine's process there has ended, and with it rank %u; the "
                   "job was stopped",
                   host_of(job, rank), rank);
    job->code = NEURON_EXIT_OWN_ERROR;
    neuron_error_set(&job->error, NEURON_PEER_LOST, "%s", text);
    stop_job(job, NEURON_STOP_START_FAILED);
}

static void
take_from_rank(struct hosts_job *job, const struct neuron_job_message *message)
{
    struct neuron_host_rank *rank = &job->hosts->ranks[message->rank];

    rank->heard_at_ms = neuron_job_now_ms();
    switch ((int)message->kind) {
    case NEURON_JOB_CLAIMED:
        take_claim(job, message);
        break;
    case NEURON_JOB_REFUSED:
        take_refusal(job, message);
        break;
    case NEURON_JOB_STARTED:
        job->ranks->ranks[message->rank].process = (pid_t)message->numbers[0];
        break;
    case NEURON_JOB_OUTPUT:
        neuron_host_ranks_take_output(job->hosts, message);
        break;
    case NEURON_JOB_TAKEN:
        rank->input_room += message->numbers[0];
        break;
    case NEURON_JOB_ENDED:
        take_end(job, message);
        break;
    case NEURON_JOB_ASKED:
        if (job->phase == RUNNING && job->order.cause == NEURON_STOP_NONE &&
            job->cause_at_ms == UINT64_MAX) {
            job->cause_at_ms = neuron_job_now_ms() + CAUSE_MS;
        } else {
            signal_ranks(job, job->order.cause == NEURON_STOP_NONE ? 0 : SIGTERM);
        }
        break;
    case NEURON_JOB_ORPHANED:
        take_orphan(job, message->rank);
        break;
    case NEURON_JOB_LEFT:
        end_rank(job, message->rank, NEURON_HOST_RANK_LEFT);
        neuron_host_ranks_end_output(job->hosts, message->rank);
        job->left_count += 1;
        break;
    default:
        break;
    }
}

static bool
is_peer(const struct neuron_job_peer *left, const struct neuron_job_peer *right)
{
    return left->size_bytes == right->size_bytes &&
           memcmp(left->name, right->name, left->size_bytes) == 0;
}

static void
welcome(const struct hosts_job *job, const struct neuron_job_peer *peer)
{
    const struct neuron_job_message message = {.kind = NEURON_JOB_WELCOME};
    struct neuron_error error;
    size_t size_bytes = 0;
    void *bytes = NULL;

    if (neuron_job_message_encode(&message, &bytes, &size_bytes, &error) == NEURON_OK) {
        neuron_job_channel_send(job->channel, peer, bytes, size_bytes);
        free(bytes);
    }
}

static void
take_delivery(struct hosts_job *job, const struct neuron_job_delivery *delivery)
{
    struct neuron_job_message message;
    struct neuron_error error = {0};

    if (neuron_job_message_decode(delivery->bytes, delivery->size_bytes, &message, &error) !=
        NEURON_OK) {
        fail_job(job, NEURON_EXIT_OWN_ERROR, error.text);
    } else if (message.rank >= job->hosts->rank_count) {
        fail_job(job, NEURON_EXIT_OWN_ERROR, "the engine started more ranks than it was asked to");
    } else if (message.kind == NEURON_JOB_HELLO) {
        welcome(job, &delivery->peer);
    } else if (message.kind == NEURON_JOB_JOIN &&
               job->hosts->ranks[message.rank].state == NEURON_HOST_RANK_ABSENT) {
        take_join(job, &message, delivery);
        job->hosts->ranks[message.rank].heard_at_ms = neuron_job_now_ms();
    } else if (is_peer(&delivery->peer, &job->hosts->ranks[message.rank].peer)) {
        take_from_rank(job, &message);
    }
    neuron_job_message_clear(&message);
}

static void
suspend(struct hosts_job *job)
{
    uint64_t slept_at_ms = neuron_job_now_ms();

    signal_ranks(job, SIGTSTP);
    (void)neuron_job_channel_is_ready(job->channel);
    (void)raise(SIGSTOP);
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        job->hosts->ranks[i].heard_at_ms += neuron_job_now_ms() - slept_at_ms;
    }
}

static void
take_signals(struct hosts_job *job)
{
    struct signalfd_siginfo taken = {0};

    while (read(job->signals, &taken, sizeof(taken)) == (ssize_t)sizeof(taken)) {
        int number = (int)taken.ssi_signo;

        if (number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT) {
            signal_ranks(job,
                         neuron_stop_order_ask_by_signal(&job->order, number, neuron_job_now_ms()));
        } else if (number == SIGTSTP) {
            suspend(job);
        } else if (number != SIGCHLD) {
            signal_ranks(job, number);
        }
    }
}

/* Takes a host for lost, whose shims are silent: it names the host and its ranks. */
static void
lose_host(struct hosts_job *job, uint32_t silent, uint64_t now_ms)
{
    uint64_t heartbeat_ms = job->request->line->heartbeat_ms;
    uint32_t node = job->hosts->ranks[silent].node;
    char text[NEURON_ERROR_TEXT_BYTES] = "";
    uint32_t last = silent;
    uint32_t count = 0;

    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        struct neuron_host_rank *rank = &job->hosts->ranks[i];

        if (rank->node == node && rank->state != NEURON_HOST_RANK_LEFT &&
            now_ms >= rank->heard_at_ms + (MISSED_LIMIT - 1) * heartbeat_ms) {
            end_rank(job, i, NEURON_HOST_RANK_LOST);
            neuron_host_ranks_end_output(job->hosts, i);
            job->left_count += 1;
            last = i;
            count += 1;
        }
    }
    job->has_lost_host = true;
    (void)snprintf(
        text, sizeof(text),
        "host %.60s does not answer (%u rank%s, %u to %u): no sign of life for %llu.%llu "
        "s (--heartbeat); the job was stopped",
        host_of(job, silent), count, count == 1 ? "" : "s", silent, last,
        (unsigned long long)(MISSED_LIMIT * heartbeat_ms / 1000),
        (unsigned long long)(MISSED_LIMIT * heartbeat_ms % 1000 / 100));
    fail_job(job, NEURON_EXIT_OWN_ERROR, text);
}

static void
take_silence(struct hosts_job *job, uint64_t now_ms)
{
    uint64_t heartbeat_ms = job->request->line->heartbeat_ms;

    for (uint32_t i = 0; heartbeat_ms != 0 && i < job->hosts->rank_count; i += 1) {
        const struct neuron_host_rank *rank = &job->hosts->ranks[i];
        bool is_expected = rank->state == NEURON_HOST_RANK_JOINED ||
                           rank->state == NEURON_HOST_RANK_RUNNING ||
                           rank->state == NEURON_HOST_RANK_ENDED;

        if (is_expected && job->phase != JOINING &&
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
fail_joining(struct hosts_job *job)
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
                   host_of(job, missing), missing, JOIN_LIMIT_MS / 1000);
    fail_job(job, NEURON_EXIT_OWN_ERROR, text);
}

/* The engine has ended before its time. */
static void
take_engine_end(struct hosts_job *job)
{
    char reason[NEURON_ERROR_TEXT_BYTES] = "";

    if (job->order.cause != NEURON_STOP_NONE || job->phase > RUNNING) {
        return;
    }
    if (WIFSIGNALED(job->engine.wait_status)) {
        char name[24] = "";

        (void)snprintf(reason, sizeof(reason), "%.100s was killed by %s", job->request->engine_path,
                       neuron_signal_name(WTERMSIG(job->engine.wait_status), name, sizeof(name)));
    } else {
        neuron_engine_explain(job->engine.noise.text, reason, sizeof(reason));
    }
    fail_job(job, NEURON_EXIT_OWN_ERROR, reason);
}

/* Goes on to the next phase when this one is over. */
static void
take_phase(struct hosts_job *job, uint64_t now_ms)
{
    bool is_stopping = job->order.cause != NEURON_STOP_NONE;

    if (job->phase == JOINING && now_ms >= job->phase_until_ms) {
        fail_joining(job);
    }
    if ((job->phase < RUNNING && is_stopping) ||
        (job->phase == RUNNING && job->ranks->running_count == 0)) {
        leave(job);
    }
    if (job->phase == LEAVING && is_stopping && job->phase_until_ms == UINT64_MAX) {
        job->phase_until_ms = now_ms + LEAVE_LIMIT_MS;
    }
    bool is_left = job->left_count >= job->joined_count;
    if (job->phase == LEAVING && (is_left || now_ms >= job->phase_until_ms)) {
        for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
            neuron_host_ranks_end_output(job->hosts, i);
        }
        job->phase = DRAINING;
    }
}

static void
take_time(struct hosts_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    if (now_ms >= job->timeout_at_ms) {
        job->timeout_at_ms = UINT64_MAX;
        stop_job(job, NEURON_STOP_TIMED_OUT);
    }
    if (now_ms >= job->cause_at_ms) {
        char reason[NEURON_ERROR_TEXT_BYTES] = "";

        job->cause_at_ms = UINT64_MAX;
        job->engine_asks = job->order.cause == NEURON_STOP_NONE;
        neuron_engine_explain(job->engine.noise.text, reason, sizeof(reason));
        fail_job(job, NEURON_EXIT_OWN_ERROR, reason);
    }
    if (neuron_output_relay_failure(job->relay) != 0) {
        stop_job(job, NEURON_STOP_OUTPUT_FAILED);
    }
    signal_ranks(job, neuron_stop_order_tick(&job->order, now_ms));
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
milliseconds_to_wait(const struct hosts_job *job)
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
take_noise(struct hosts_job *job)
{
    size_t added = neuron_engine_process_run(&job->engine);

    if (added > 0 && job->request->line->verbosity == NEURON_LAUNCH_VERBOSE) {
        neuron_output_relay_say(job->relay,
                                job->engine.noise.text + job->engine.noise.length - added);
    }
}

static void
run_once(struct hosts_job *job)
{
    struct neuron_job_delivery delivery;
    struct pollfd waits[WAIT_COUNT] = {
        [WAIT_SIGNALS] = {.fd = job->signals, .events = POLLIN},
        [WAIT_INPUT] = neuron_host_input_prepare(&job->input, job->hosts, job->phase == RUNNING),
    };

    neuron_engine_process_prepare(&job->engine, &waits[WAIT_ENGINE]);
    neuron_output_relay_prepare(job->relay, &waits[WAIT_OUTPUT]);
    neuron_job_channel_prepare(job->channel, &waits[WAIT_CHANNEL]);
    if (poll(waits, WAIT_COUNT, milliseconds_to_wait(job)) < 0) {
        return;
    }
    while (neuron_job_channel_receive(job->channel, &delivery)) {
        take_delivery(job, &delivery);
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

/* Writes what is left. Someone who stopped the job does not wait for it without end. */
static void
drain(struct hosts_job *job)
{
    uint64_t until_ms = job->order.cause == NEURON_STOP_NONE
                            ? UINT64_MAX
                            : neuron_job_now_ms() + job->order.grace_ms;

    while (
        !(neuron_host_ranks_are_flushed(job->hosts) && neuron_output_relay_is_done(job->relay)) &&
        neuron_output_relay_failure(job->relay) == 0 && neuron_job_now_ms() < until_ms) {
        run_once(job);
    }
}

/* Lets the engine end, or kills it: one that has lost a host would wait for minutes. */
static void
end_engine(struct hosts_job *job)
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

/* Says how the job ended, as for one on this machine. */
static int
report_end(const struct hosts_job *job)
{
    struct neuron_placement placement = {.rank_count = job->hosts->rank_count};
    const struct neuron_launch_plan plan = {.placement = &placement};
    const struct neuron_command_line *line = job->request->line;
    char **paths = calloc(line->program_count, sizeof(*paths));
    struct neuron_job reported = {
        .request = {.line = line, .plan = &plan, .paths = paths},
        .ranks = job->ranks,
        .relay = job->relay,
        .order = job->order,
        .error = job->error,
        .failed = job->failed,
        .failed_count = job->failed == NULL ? 0 : 1,
        .stopped_count = job->stopped_count,
    };

    if (paths == NULL) {
        return NEURON_EXIT_OWN_ERROR;
    }
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        paths[i] = line->programs[i].arguments[0];
    }
    int code = neuron_job_report_end(&reported);
    if (job->order.cause == NEURON_STOP_START_FAILED) {
        code = job->code;
    }
    free(paths);
    return code;
}

static enum neuron_status
create_job(struct hosts_job *job, struct neuron_job_contact *contact)
{
    uint32_t rank_count = job->request->places->rank_count;
    const struct neuron_output_style style = neuron_job_output_style(job->request->line);
    struct rlimit files = {0};
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    job->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    job->leases = calloc((size_t)rank_count * 3, sizeof(*job->leases));
    if (job->signals < 0 || job->leases == NULL) {
        return NEURON_FAIL(&job->error, NEURON_SYSTEM, "cannot set up a job of %u ranks",
                           rank_count);
    }
    enum neuron_status status = neuron_rank_table_create(rank_count, &job->ranks, &job->error);
    if (status == NEURON_OK) {
        status = neuron_job_channel_listen(&job->channel, contact, &job->error);
    }
    if (status == NEURON_OK) {
        status = neuron_hosts_setup_start_engine(job->request, contact, &job->engine, &job->error);
    }
    /* After the engine's start, which keeps the usual limit: two pipes and a connection a rank. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (status == NEURON_OK) {
        status = neuron_output_relay_create(rank_count, &style, &job->relay, &job->error);
    }
    if (status == NEURON_OK && job->request->line->output_directory != NULL) {
        status = neuron_output_relay_open_files(job->relay, job->request->line->output_directory,
                                                &job->error);
    }
    if (status == NEURON_OK) {
        status = neuron_host_ranks_create(rank_count, job->channel, job->relay, &job->hosts,
                                          &job->error);
    }
    return status;
}

static void
destroy_job(struct hosts_job *job)
{
    neuron_engine_process_end(&job->engine);
    neuron_host_ranks_destroy(job->hosts);
    neuron_output_relay_destroy(job->relay);
    for (uint32_t i = 0; job->leases != NULL && i < job->request->places->rank_count * 3; i += 1) {
        free(job->leases[i]);
    }
    free(job->leases);
    neuron_rank_table_destroy(job->ranks);
    neuron_job_channel_destroy(job->channel, 0);
    if (job->signals >= 0) {
        (void)close(job->signals);
    }
}

int
neuron_hosts_job_run(const struct neuron_hosts_request *request)
{
    uint64_t now_ms = neuron_job_now_ms();
    uint64_t timeout_ms = request->line->timeout_ms;
    struct neuron_job_contact contact = {0};
    struct hosts_job job = {
        .request = request,
        .order.grace_ms = request->line->grace_ms,
        .code = NEURON_EXIT_OWN_ERROR,
        .signals = -1,
        .timeout_at_ms = timeout_ms == 0 ? UINT64_MAX : now_ms + timeout_ms,
        .phase_until_ms = now_ms + JOIN_LIMIT_MS,
        .beat_at_ms = now_ms,
        .cause_at_ms = UINT64_MAX,
    };
    int code = NEURON_EXIT_OWN_ERROR;

    neuron_host_input_init(&job.input, request->line, request->places->rank_count);
    if (create_job(&job, &contact) != NEURON_OK) {
        (void)fprintf(stderr, "neuronrun: %s\n", job.error.text);
    } else {
        while (job.phase != DRAINING) {
            run_once(&job);
        }
        end_engine(&job);
        drain(&job);
        if (job.failed != NULL && job.order.cause == NEURON_STOP_NONE) {
            job.order.cause = NEURON_STOP_RANK_FAILED;
        }
        code = report_end(&job);
        neuron_output_relay_run(job.relay, neuron_job_now_ms());
    }
    destroy_job(&job);
    (void)neuron_descendants_kill();
    return code;
}

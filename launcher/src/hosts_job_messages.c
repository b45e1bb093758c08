/* SPDX-License-Identifier: Apache-2.0 */
/* What shims tell the launcher, and what follows from it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_report.h"
#include "hosts_job_state.h"
#include "hosts_setup.h"
#include "job_report.h"
#include "job_start.h"

enum { CAUSE_MS = 300 /* for the cause to show when the engine wants a stop */ };

static void
take_join(struct neuron_hosts_job *job, const struct neuron_job_message *message,
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
        neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, "out of memory for a rank");
        return;
    }
    if (job->joined_count == job->hosts->rank_count && job->phase == NEURON_HOSTS_JOINING) {
        neuron_host_ranks_group(job->hosts);
        job->phase = NEURON_HOSTS_CLAIMING;
        job->phase_until_ms = UINT64_MAX;
        if (neuron_hosts_setup_send(job->request, job->hosts, job->restart_count, &job->error) !=
            NEURON_OK) {
            neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR,
                                  "out of memory for the setup of the ranks");
        }
    }
}

/* Starts all ranks, once all have cores. */
static void
start_all(struct neuron_hosts_job *job)
{
    uint64_t now_ms = neuron_job_now_ms();

    job->phase = NEURON_HOSTS_RUNNING;
    job->has_started = true;
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        char **texts = job->leases + (size_t)NEURON_JOB_PLACE_TEXTS * i;
        struct neuron_rank *rank = &job->ranks->ranks[i];

        neuron_host_ranks_send(job->hosts, i,
                               &(struct neuron_job_message){.kind = NEURON_JOB_START,
                                                            .texts = (const char *const *)texts,
                                                            .text_count = NEURON_JOB_PLACE_TEXTS});
        job->hosts->ranks[i].state = NEURON_HOST_RANK_RUNNING;
        rank->cores = texts[NEURON_JOB_PLACE_CORES];
        texts[NEURON_JOB_PLACE_CORES] = NULL;
        rank->devices = texts[NEURON_JOB_PLACE_DEVICES];
        rank->started_ms = now_ms;
        job->ranks->running_count += 1;
    }
}

/* Keeps what a host has for one of its ranks: the lease is the same for all. */
static void
keep_place(struct neuron_hosts_job *job, uint32_t number, const struct neuron_job_message *message)
{
    enum { OWN_COUNT = NEURON_JOB_PLACE_TEXTS - 1 };
    char **kept = job->leases + (size_t)NEURON_JOB_PLACE_TEXTS * number;
    const char *const *own =
        message->texts + 1 + (size_t)OWN_COUNT * job->hosts->ranks[number].local_rank;
    bool is_kept = (kept[NEURON_JOB_PLACE_LEASE] = strdup(message->texts[0])) != NULL;

    for (int i = 0; is_kept && i < OWN_COUNT; i += 1) {
        kept[i + 1] = strdup(own[i]);
        is_kept = kept[i + 1] != NULL;
    }
    job->claimed_count += 1;
    if (!is_kept) {
        neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, "out of memory for the cores of ranks");
    }
}

static void
take_claim(struct neuron_hosts_job *job, const struct neuron_job_message *message)
{
    const struct neuron_host_rank *first = &job->hosts->ranks[message->rank];

    if (job->phase != NEURON_HOSTS_CLAIMING || first->local_rank != 0 ||
        message->text_count != 1 + (NEURON_JOB_PLACE_TEXTS - 1) * first->local_count) {
        return;
    }
    for (uint32_t i = 0; i < job->hosts->rank_count; i += 1) {
        const struct neuron_host_rank *rank = &job->hosts->ranks[i];

        if (rank->node == first->node && job->leases[(size_t)NEURON_JOB_PLACE_TEXTS * i] == NULL) {
            keep_place(job, i, message);
        }
    }
    if (job->claimed_count == job->hosts->rank_count && job->order.cause == NEURON_STOP_NONE) {
        start_all(job);
    }
}

static void
take_refusal(struct neuron_hosts_job *job, const struct neuron_job_message *message)
{
    char text[NEURON_ERROR_TEXT_BYTES] = "";

    (void)snprintf(text, sizeof(text), "host %.60s: %s", neuron_hosts_job_host(job, message->rank),
                   message->texts[0]);
    job->is_refused = true;
    neuron_hosts_job_end_rank(job, message->rank, NEURON_HOST_RANK_ENDED);
    neuron_hosts_job_fail(job, (int)(message->numbers[0] & 0xff), text);
}

static struct timeval
make_time(uint64_t microseconds)
{
    return (struct timeval){.tv_sec = (time_t)(microseconds / 1000000),
                            .tv_usec = (suseconds_t)(microseconds % 1000000)};
}

/* A rank failed by itself: the others are stopped, unless they are to go on. */
static void
take_failure(struct neuron_hosts_job *job, struct neuron_rank *rank)
{
    bool goes_on = job->request->line->on_failure == NEURON_LAUNCH_CONTINUE &&
                   rank->failure.step == NEURON_PROCESS_STARTED && job->ranks->running_count > 0;

    job->failed = job->failed == NULL ? rank : job->failed;
    job->failed_count += 1;
    const struct neuron_job seen = neuron_hosts_job_view(job);
    neuron_job_report_failure(&seen, rank);
    if (!goes_on) {
        job->stopped_count = job->ranks->running_count;
        neuron_hosts_job_stop(job, NEURON_STOP_RANK_FAILED);
    }
}

static void
take_end(struct neuron_hosts_job *job, const struct neuron_job_message *message)
{
    struct neuron_rank *rank = &job->ranks->ranks[message->rank];

    if (job->hosts->ranks[message->rank].state != NEURON_HOST_RANK_RUNNING) {
        return;
    }
    neuron_hosts_job_end_rank(job, message->rank, NEURON_HOST_RANK_ENDED);
    rank->wait_status = (int)(uint32_t)message->numbers[NEURON_JOB_ENDED_STATUS];
    rank->failure.step = (enum neuron_process_step)(message->numbers[NEURON_JOB_ENDED_STEP] & 3);
    rank->failure.reason = (int)(uint32_t)message->numbers[NEURON_JOB_ENDED_REASON];
    rank->ended_ms = rank->started_ms + message->numbers[NEURON_JOB_ENDED_ELAPSED_MS];
    rank->usage = (struct rusage){
        .ru_maxrss = (long)(message->numbers[NEURON_JOB_ENDED_PEAK_KIB] & INT64_MAX),
        .ru_utime = make_time(message->numbers[NEURON_JOB_ENDED_USER_US]),
        .ru_stime = make_time(message->numbers[NEURON_JOB_ENDED_SYSTEM_US]),
    };
    rank->is_stopped = job->order.cause != NEURON_STOP_NONE;
    if (rank->wait_status != 0 && !rank->is_stopped) {
        take_failure(job, rank);
    }
}

/* The engine's process on a host is gone: that is the cause, also where others heard of it first.
 */
static void
take_orphan(struct neuron_hosts_job *job, uint32_t rank)
{
    char text[NEURON_ERROR_TEXT_BYTES] = "";

    if (job->phase != NEURON_HOSTS_RUNNING ||
        (job->order.cause != NEURON_STOP_NONE && !job->engine_asks)) {
        return;
    }
    job->engine_asks = false;
    job->has_lost_host = true;
    job->blamed_rank = rank;
    (void)snprintf(text, sizeof(text),
                   "host %.60s: the engine's process there has ended, and with it rank %u; the "
                   "job was stopped",
                   neuron_hosts_job_host(job, rank), rank);
    job->code = NEURON_EXIT_OWN_ERROR;
    neuron_error_set(&job->error, NEURON_PEER_LOST, "%s", text);
    neuron_hosts_job_stop(job, NEURON_STOP_START_FAILED);
}

static void
take_from_rank(struct neuron_hosts_job *job, const struct neuron_job_message *message)
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
        if (job->phase == NEURON_HOSTS_RUNNING && job->order.cause == NEURON_STOP_NONE &&
            job->cause_at_ms == UINT64_MAX) {
            job->cause_at_ms = neuron_job_now_ms() + CAUSE_MS;
        } else {
            neuron_hosts_job_signal(job, job->order.cause == NEURON_STOP_NONE ? 0 : SIGTERM);
        }
        break;
    case NEURON_JOB_ORPHANED:
        take_orphan(job, message->rank);
        break;
    case NEURON_JOB_LEFT:
        neuron_hosts_job_end_rank(job, message->rank, NEURON_HOST_RANK_LEFT);
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
welcome(const struct neuron_hosts_job *job, const struct neuron_job_peer *peer)
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

void
neuron_hosts_job_take(struct neuron_hosts_job *job, const struct neuron_job_delivery *delivery)
{
    struct neuron_job_message message;
    struct neuron_error error = {0};

    if (neuron_job_message_decode(delivery->bytes, delivery->size_bytes, &message, &error) !=
        NEURON_OK) {
        neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR, error.text);
    } else if (message.rank >= job->hosts->rank_count) {
        neuron_hosts_job_fail(job, NEURON_EXIT_OWN_ERROR,
                              "the engine started more ranks than it was asked to");
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

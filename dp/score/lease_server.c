/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   serving ──over──> telling ──all have come and said good-bye, or time is up──> ended
 *
 * Once the job is over it is told again and again, as a message may go astray with its connection;
 * what ranks still have on disk is entered meanwhile.
 */
#include "score/lease_server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/clock.h"
#include "score/score_thread.h"

enum {
    WAIT_MS = 50,
    LOOK_MS = 200,
    TELL_MS = 250,
    BURST = 256,       /* messages that are taken before the journal is written */
    GOODBYE_MS = 2000, /* that a complete job waits for ranks that have not come, or are stopped */
    SAVE_MS = 35000,   /* that one which goes on later waits for what they save */
    LINGER_MS = 500
};

struct neuron_lease_server {
    const struct neuron_lease_server_plan *plan;
    struct neuron_lease_channel *channel;
    struct neuron_score_thread *thread;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        bool is_started;
        enum neuron_status status; /* of the start */
        struct neuron_error error;
        bool is_aborted;
        enum neuron_score_end end;
        struct neuron_error reason;
    } shared;
};

/* Takes messages, the first one after waiting, as many as there are. */
static enum neuron_status
take_messages(struct neuron_lease_server *server, int timeout_ms, struct neuron_error *error)
{
    struct neuron_lease_delivery delivery = {0};
    enum neuron_status status = NEURON_OK;

    for (int i = 0; status == NEURON_OK && i < BURST &&
                    neuron_lease_channel_receive(server->channel, timeout_ms, &delivery);
         i += 1) {
        struct neuron_lease_message message = {0};

        timeout_ms = 0;
        if (neuron_lease_message_decode(delivery.bytes, delivery.size_bytes, &message, NULL) ==
            NEURON_OK) {
            status = neuron_lease_desk_take(server->plan->desk, &delivery.peer, &message,
                                            neuron_clock_ns(), error);
        }
        neuron_lease_message_destroy(&message);
    }
    return status;
}

static enum neuron_status
send_answers(struct neuron_lease_server *server, struct neuron_error *error)
{
    const struct neuron_lease_answer *answers = NULL;
    size_t count = 0;

    enum neuron_status status =
        neuron_lease_desk_settle(server->plan->desk, &answers, &count, error);
    for (size_t i = 0; i < count; i += 1) {
        unsigned char *bytes = NULL;
        size_t size_bytes = 0;

        if (neuron_lease_message_encode(&answers[i].message, &bytes, &size_bytes, NULL) ==
            NEURON_OK) {
            /* A rank that is gone is found out by its silence. */
            neuron_ignore(neuron_lease_channel_send(server->channel, &answers[i].peer, bytes,
                                                    size_bytes, NULL));
        }
        free(bytes);
    }
    return status;
}

/* Ends the job where this process was told to. */
static void
obey(struct neuron_lease_server *server)
{
    (void)pthread_mutex_lock(&server->shared.lock);
    bool is_aborted = server->shared.is_aborted;
    enum neuron_score_end end = server->shared.end;
    struct neuron_error reason = server->shared.reason;
    (void)pthread_mutex_unlock(&server->shared.lock);
    if (is_aborted) {
        neuron_lease_desk_end(server->plan->desk, end, reason.text);
    }
    /* Written by a signal handler of another thread. */
    if (__atomic_load_n(server->plan->stop_signal, __ATOMIC_RELAXED) != 0) {
        neuron_lease_desk_end(server->plan->desk, NEURON_SCORE_INTERRUPTED, "");
    }
}

static void
serve(struct neuron_lease_server *server)
{
    struct neuron_lease_desk *desk = server->plan->desk;
    struct neuron_error error = {0};
    uint64_t looked_ns = 0;

    while (!neuron_lease_desk_state(desk)->is_over) {
        enum neuron_status status = take_messages(server, WAIT_MS, &error);
        uint64_t now_ns = neuron_clock_ns();

        if (status == NEURON_OK && now_ns - looked_ns > (uint64_t)LOOK_MS * NEURON_NS_PER_MS) {
            status = neuron_lease_desk_look(desk, now_ns, &error);
            looked_ns = now_ns;
        }
        if (status != NEURON_OK) {
            neuron_lease_desk_end(desk, NEURON_SCORE_BROKEN, error.text);
        }
        obey(server);
        if (!neuron_lease_desk_state(desk)->is_over) {
            neuron_ignore(send_answers(server, &error));
        }
        neuron_score_view_show(server->plan->view, desk, now_ns);
    }
}

static bool
is_complete(const struct neuron_lease_desk *desk)
{
    return neuron_lease_desk_state(desk)->end <= NEURON_SCORE_COMPLETE_WITH_ERRORS;
}

/* Whether ranks have still to hear of the end: who comes after a small job is complete would look
 * for a server that is gone. */
static bool
is_awaited(const struct neuron_lease_desk *desk, uint64_t waited_ns)
{
    bool is_early = waited_ns < (uint64_t)GOODBYE_MS * NEURON_NS_PER_MS;

    /* What lives counts as lost after its silence at the latest, which ends the wait. */
    return (neuron_lease_desk_live_count(desk) > 0 &&
            (is_complete(desk) || waited_ns < (uint64_t)SAVE_MS * NEURON_NS_PER_MS)) ||
           (is_complete(desk) && is_early && neuron_lease_desk_absent_count(desk) > 0);
}

/* Tells everybody until all have said good-bye, and enters what they had on disk. */
static void
tell_end(struct neuron_lease_server *server)
{
    struct neuron_lease_desk *desk = server->plan->desk;
    struct neuron_error error = {0};
    uint64_t begin_ns = neuron_clock_ns();
    uint32_t absent_count = 0; /* when it was told */
    uint64_t told_ns = 0;

    do {
        uint64_t now_ns = neuron_clock_ns();

        if (neuron_lease_desk_absent_count(desk) != absent_count ||
            now_ns - told_ns > (uint64_t)TELL_MS * NEURON_NS_PER_MS) {
            neuron_ignore(send_answers(server, &error));
            neuron_ignore(neuron_lease_desk_look(desk, now_ns, &error));
            told_ns = now_ns;
            absent_count = neuron_lease_desk_absent_count(desk);
        }
        neuron_ignore(take_messages(server, WAIT_MS, &error));
        if (neuron_clock_ns() - begin_ns > (uint64_t)GOODBYE_MS * NEURON_NS_PER_MS) {
            neuron_ignore(neuron_lease_desk_lose_stopped(desk, neuron_clock_ns(), &error));
        }
    } while (is_awaited(desk, neuron_clock_ns() - begin_ns));
    neuron_ignore(send_answers(server, &error)); /* for the journal */
    /* A rank that is stopped for good would keep the launcher waiting. */
    if (neuron_lease_desk_state(desk)->end != NEURON_SCORE_INTERRUPTED) {
        neuron_lease_desk_end_silent(desk);
    }
}

static void
tell_start(struct neuron_lease_server *server, enum neuron_status status,
           const struct neuron_error *error)
{
    (void)pthread_mutex_lock(&server->shared.lock);
    server->shared.is_started = true;
    server->shared.status = status;
    server->shared.error = *error;
    (void)pthread_cond_broadcast(&server->shared.changed);
    (void)pthread_mutex_unlock(&server->shared.lock);
}

static void
run_server(void *argument)
{
    struct neuron_lease_server *server = argument;
    struct neuron_error error = {0};

    /* The channel belongs to this thread. */
    enum neuron_status status =
        neuron_lease_channel_listen(&server->plan->channel, &server->channel, &error);
    tell_start(server, status, &error);
    if (status == NEURON_OK) {
        serve(server);
        tell_end(server);
    }
    neuron_lease_channel_destroy(server->channel, LINGER_MS);
}

static enum neuron_status
await_start(struct neuron_lease_server *server, struct neuron_error *error)
{
    (void)pthread_mutex_lock(&server->shared.lock);
    while (!server->shared.is_started) {
        (void)pthread_cond_wait(&server->shared.changed, &server->shared.lock);
    }
    enum neuron_status status = server->shared.status;
    if (status != NEURON_OK) {
        status = NEURON_FAIL(error, status, "%s", server->shared.error.text);
    }
    (void)pthread_mutex_unlock(&server->shared.lock);
    return status;
}

enum neuron_status
neuron_lease_server_start(const struct neuron_lease_server_plan *plan,
                          struct neuron_lease_server **server, struct neuron_error *error)
{
    struct neuron_lease_server *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the lease server");
    }
    made->plan = plan;
    (void)pthread_mutex_init(&made->shared.lock, NULL);
    (void)pthread_cond_init(&made->shared.changed, NULL);
    enum neuron_status status =
        neuron_score_thread_start("neuron:leases", run_server, made, &made->thread, error);
    if (status == NEURON_OK) {
        status = await_start(made, error);
    }
    if (status != NEURON_OK) {
        neuron_lease_server_join(made);
        return status;
    }
    *server = made;
    return NEURON_OK;
}

void
neuron_lease_server_abort(struct neuron_lease_server *server, enum neuron_score_end end,
                          const struct neuron_error *reason)
{
    (void)pthread_mutex_lock(&server->shared.lock);
    server->shared.is_aborted = true;
    server->shared.end = end;
    server->shared.reason = *reason;
    (void)pthread_mutex_unlock(&server->shared.lock);
}

void
neuron_lease_server_join(struct neuron_lease_server *server)
{
    if (server == NULL) {
        return;
    }
    neuron_score_thread_join(server->thread);
    (void)pthread_cond_destroy(&server->shared.changed);
    (void)pthread_mutex_destroy(&server->shared.lock);
    free(server);
}

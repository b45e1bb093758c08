/* SPDX-License-Identifier: Apache-2.0 */
/* The lease server: the thread of a rank that shares rows out to all ranks of the job. */
#ifndef NEURON_SCORE_LEASE_SERVER_H
#define NEURON_SCORE_LEASE_SERVER_H

#include <signal.h>

#include "neuron/status.h"
#include "score/lease_channel.h"
#include "score/lease_desk.h"
#include "score/score_view.h"

/* All of it is borrowed, and outlives the server. */
struct neuron_lease_server_plan {
    struct neuron_lease_channel_plan channel;
    struct neuron_lease_desk *desk; /* the thread's, until the server has ended */
    struct neuron_score_view *view; /* the same; shows how the job gets on */
    /* Not 0 once a signal asked to stop. The server's thread reads it atomically, and so the
     * handler has to write it. */
    const volatile sig_atomic_t *stop_signal;
};

struct neuron_lease_server;

/*
 * Starts to serve: ranks find it from now on.
 *
 * server  receives a new object, which the caller joins. Unchanged on failure.
 *
 * Returns as neuron_lease_channel_listen() and neuron_score_thread_start().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_server_start(const struct neuron_lease_server_plan *plan,
                          struct neuron_lease_server **server, struct neuron_error *error);

/* Tells it that the rank of this process cannot go on, and why: the job is over then. */
void
neuron_lease_server_abort(struct neuron_lease_server *server, enum neuron_score_end end,
                          const struct neuron_error *reason);

/*
 * Waits until the job is over and all ranks that live have heard of it, and destroys the server.
 * The desk is the caller's again. Accepts NULL.
 */
void
neuron_lease_server_join(struct neuron_lease_server *server);

#endif

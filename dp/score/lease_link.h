/* SPDX-License-Identifier: Apache-2.0 */
/* A rank's end of the talk with the lease server: finds it, and notices when it is gone. */
#ifndef NEURON_SCORE_LEASE_LINK_H
#define NEURON_SCORE_LEASE_LINK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_channel.h"
#include "score/lease_message.h"

/* One thread at a time. */
struct neuron_lease_link;

/* Says whether the job is over without a server: a rank that comes late need not wait. */
typedef bool
neuron_link_over_fn(void *argument);

/* All of it is borrowed, and outlives the link. */
struct neuron_lease_link_plan {
    struct neuron_lease_channel_plan channel;
    struct neuron_lease_message hello;
    uint64_t timeout_ms;                      /* silence after which the server counts as gone */
    neuron_link_over_fn *is_over;             /* NULL for nobody to ask */
    void *argument;                           /* of that */
    uint64_t gone_epoch_ns;                   /* of a server that is gone; 0 for none */
    const volatile sig_atomic_t *stop_signal; /* not 0 once a signal asked to stop */
};

/*
 * Finds the server and says hello to it, again and again until one answers. Its answer is the first
 * message that is received.
 *
 * link  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_STOPPED when the job is over; NEURON_PEER_LOST when none has answered in time;
 * NEURON_CANCELLED; or as neuron_lease_channel_connect(). Blocks.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_link_open(const struct neuron_lease_link_plan *plan, struct neuron_lease_link **link,
                       struct neuron_error *error);

/* The server that it talks to. */
const struct neuron_lease_server_place *
neuron_lease_link_place(const struct neuron_lease_link *link);

/* Sends a message. Returns as neuron_lease_channel_send(). */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_link_send(struct neuron_lease_link *link, const struct neuron_lease_message *message,
                       struct neuron_error *error);

/*
 * Takes the next message; what is damaged is left out.
 *
 * timeout_ms  how long to wait for one; 0 not at all.
 * message     destroyed by the caller.
 *
 * Returns whether there was one.
 */
bool
neuron_lease_link_receive(struct neuron_lease_link *link, int timeout_ms,
                          struct neuron_lease_message *message);

/* Says whether the server's process has ended, where that can be seen, or nothing was heard of it
 * for too long although it was asked. */
bool
neuron_lease_link_is_lost(struct neuron_lease_link *link);

/* Closes it. Accepts NULL. */
void
neuron_lease_link_destroy(struct neuron_lease_link *link);

#endif

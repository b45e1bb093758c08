/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a channel between ranks and their lease server. */
#ifndef NEURON_SCORE_LEASE_CHANNEL_BODY_H
#define NEURON_SCORE_LEASE_CHANNEL_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include <zmq.h>

#include "neuron/host_addresses.h"
#include "score/lease_channel.h"
#include "score/lease_place_file.h"
#include "score/lease_socket.h"

enum { NEURON_LEASE_KEPT_LIMIT = 64 /* messages until a server is found */ };

struct neuron_lease_kept {
    unsigned char *bytes;
    size_t size_bytes;
};

struct neuron_lease_channel {
    void *context;
    void *socket; /* NULL for a rank that does not know yet which attempt leads to the server */
    void *gate;   /* of a server; see lease_gate.h */
    int events;   /* an epoll descriptor over those of the sockets */
    struct neuron_lease_keys keys;
    zmq_msg_t message; /* the last delivery */
    bool has_message;
    /* Of a server. */
    char *path;
    struct neuron_lease_file_mark mark;
    /* Of a rank, until it knows. */
    void *attempts[NEURON_HOST_ADDRESS_LIMIT];
    int attempt_count;
    struct neuron_lease_kept kept[NEURON_LEASE_KEPT_LIMIT];
    int kept_count;
};

/* Makes one without sockets, of which so many are to come. Returns NEURON_SYSTEM or
   NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_channel_create(int socket_count, struct neuron_lease_channel **channel,
                            struct neuron_error *error);

/* Has the channel's descriptor tell of this socket, too. */
bool
neuron_lease_channel_watch(const struct neuron_lease_channel *channel, void *socket);

/* Keeps a message until a server is found. Returns NEURON_QUEUE_FULL or NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_channel_keep(struct neuron_lease_channel *channel, const unsigned char *bytes,
                          size_t size_bytes, struct neuron_error *error);

/* Keeps to the attempt that was answered first, if one was, and sends what was kept. */
void
neuron_lease_channel_settle(struct neuron_lease_channel *channel);

/* Closes the attempts, and drops what was kept for them. */
void
neuron_lease_channel_give_up(struct neuron_lease_channel *channel);

#endif

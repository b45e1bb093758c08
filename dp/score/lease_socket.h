/* SPDX-License-Identifier: Apache-2.0 */
/* What all sockets between ranks and their lease server have in common. */
#ifndef NEURON_SCORE_LEASE_SOCKET_H
#define NEURON_SCORE_LEASE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/secret_key.h"
#include "neuron/status.h"
#include "score/lease_channel.h"

/* The halves of a pair of CURVE keys, which both ends have. */
struct neuron_lease_keys {
    unsigned char secret[NEURON_SECRET_KEY_BYTES]; /* the job's key */
    unsigned char public[NEURON_SECRET_KEY_BYTES]; /* follows from it */
};

/* Fills the error with what ZeroMQ, or the system, last refused. Returns NEURON_SYSTEM. */
enum neuron_status
neuron_lease_refuse(const char *what, struct neuron_error *error);

/* Makes the pair of a key in hex. Returns NEURON_INVALID_ARGUMENT for what is none; NEURON_SYSTEM
   where ZeroMQ has no CURVE. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_keys_make(const char *text, struct neuron_lease_keys *keys,
                       struct neuron_error *error);

bool
neuron_lease_socket_set(void *socket, int option, int value);
bool
neuron_lease_socket_set_key(void *socket, int option,
                            const unsigned char key[NEURON_SECRET_KEY_BYTES]);

/* Bounds what the socket keeps, and makes it speak IPv6 where the address has a '['. */
bool
neuron_lease_socket_set_up(void *socket, const char *address);

/* The descriptor that tells that something may have come; -1 for none. */
int
neuron_lease_socket_descriptor(void *socket);

/* Sends, as neuron_lease_channel_send(); also an empty message. */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_socket_send(void *socket, const struct neuron_lease_peer *peer,
                         const unsigned char *bytes, size_t size_bytes, struct neuron_error *error);

#endif

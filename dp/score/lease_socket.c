/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_socket.h"

#include <errno.h>
#include <string.h>

#include <zmq.h>

enum { Z85_BYTES = NEURON_SECRET_KEY_BYTES * 5 / 4 + 1, CURVE_BYTES = 256 };

enum neuron_status
neuron_lease_refuse(const char *what, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot %s: %s", what, zmq_strerror(zmq_errno()));
}

enum neuron_status
neuron_lease_keys_make(const char *text, struct neuron_lease_keys *keys, struct neuron_error *error)
{
    char secret[Z85_BYTES] = "";
    char public[Z85_BYTES] = "";

    if (!neuron_secret_key_parse(text, keys->secret)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "NEURONRUN_KEY is not 64 hex digits; leave it to neuronrun, or give all "
                           "ranks one that \"openssl rand -hex 32\" has made");
    }
    if (zmq_z85_encode(secret, keys->secret, sizeof(keys->secret)) == NULL ||
        zmq_curve_public(public, secret) != 0 || zmq_z85_decode(keys->public, public) == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "libzmq.so.5 is made without CURVE, so that what ranks say could be "
                           "read by others; install one that has it");
    }
    return NEURON_OK;
}

bool
neuron_lease_socket_set(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

bool
neuron_lease_socket_set_key(void *socket, int option,
                            const unsigned char key[NEURON_SECRET_KEY_BYTES])
{
    return zmq_setsockopt(socket, option, key, NEURON_SECRET_KEY_BYTES) == 0;
}

/* What both ends have in common. */
bool
neuron_lease_socket_set_up(void *socket, const char *address)
{
    /* ZeroMQ measures what CURVE has made of a message. */
    const int64_t longest = NEURON_LEASE_MESSAGE_BYTES + CURVE_BYTES;

    return neuron_lease_socket_set(socket, ZMQ_LINGER, 0) &&
           neuron_lease_socket_set(socket, ZMQ_SNDHWM, NEURON_LEASE_QUEUE_LIMIT) &&
           neuron_lease_socket_set(socket, ZMQ_RCVHWM, NEURON_LEASE_QUEUE_LIMIT) &&
           neuron_lease_socket_set(socket, ZMQ_IPV6, strchr(address, '[') != NULL) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof(longest)) == 0;
}

int
neuron_lease_socket_descriptor(void *socket)
{
    int descriptor = -1;
    size_t size_bytes = sizeof(descriptor);

    return zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size_bytes) == 0 ? descriptor : -1;
}

/* Sends on a socket: `peer` is NULL for a rank. */
enum neuron_status
neuron_lease_socket_send(void *socket, const struct neuron_lease_peer *peer,
                         const unsigned char *bytes, size_t size_bytes, struct neuron_error *error)
{
    int sent = -1;

    /* A ROUTER takes everything, and drops what it cannot keep. */
    if (peer != NULL &&
        zmq_send(socket, peer->name, peer->size_bytes, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
        return neuron_lease_refuse("send to a rank", error);
    }
    do {
        sent = zmq_send(socket, bytes, size_bytes, ZMQ_DONTWAIT);
    } while (sent < 0 && zmq_errno() == EINTR);
    if (sent < 0 && zmq_errno() == EAGAIN) {
        return NEURON_FAIL(error, NEURON_QUEUE_FULL, "the lease server does not read");
    }
    return sent < 0 ? neuron_lease_refuse("send a message", error) : NEURON_OK;
}

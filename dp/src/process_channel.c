/* SPDX-License-Identifier: Apache-2.0 */
#include "process_channel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <zmq.h>

#include "neuron/free_descriptors.h"

enum { NEEDED_DESCRIPTORS = 12 }; /* of a context, its two threads, and a socket with its peer */

struct neuron_process_channel {
    void *context;
    void *socket;
};

enum neuron_status
neuron_process_channel_make_address(char address[NEURON_ISOLATED_ADDRESS_BYTES],
                                    struct neuron_error *error)
{
    uint64_t name[2] = {0};

    if (getrandom(name, sizeof(name), 0) != (ssize_t)sizeof(name)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make a name for a socket: %s",
                           strerrordesc_np(errno));
    }
    /* To Linux, and ZeroMQ, a name that begins with '@' is not one of a file. */
    (void)snprintf(address, NEURON_ISOLATED_ADDRESS_BYTES,
                   "ipc://@neuron-%" PRIx64 "-%016" PRIx64 "%016" PRIx64, (uint64_t)getpid(),
                   name[0], name[1]);
    return NEURON_OK;
}

/* Sets what a socket is to be before it is bound or connected. Everybody on the machine can see the
   name of one: it talks to processes of its own user alone. */
static bool
set_up(void *socket)
{
    const int none = 0;
    const int64_t longest = sizeof(struct neuron_isolated_message);
    const uid_t user = geteuid();

    return zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none)) == 0 &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof(longest)) == 0 &&
           zmq_setsockopt(socket, ZMQ_IPC_FILTER_UID, &user, sizeof(user)) == 0;
}

static bool
open_end(struct neuron_process_channel *channel, const char *address, enum neuron_channel_end end)
{
    channel->context = zmq_ctx_new();
    if (channel->context == NULL) {
        return false;
    }
    channel->socket = zmq_socket(channel->context, ZMQ_PAIR);
    if (channel->socket == NULL || !set_up(channel->socket)) {
        return false;
    }
    return end == NEURON_CHANNEL_LISTENS ? zmq_bind(channel->socket, address) == 0
                                         : zmq_connect(channel->socket, address) == 0;
}

enum neuron_status
neuron_process_channel_create(const char *address, enum neuron_channel_end end,
                              struct neuron_process_channel **channel, struct neuron_error *error)
{
    enum neuron_status status =
        neuron_free_descriptors_check(NEEDED_DESCRIPTORS, "the sockets of an executor", error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_process_channel *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a channel");
    }
    if (!open_end(created, address, end)) {
        int reason = zmq_errno();

        neuron_process_channel_destroy(created);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open the socket %.120s: %s", address,
                           zmq_strerror(reason));
    }
    *channel = created;
    return NEURON_OK;
}

enum neuron_status
neuron_process_channel_send(struct neuron_process_channel *channel,
                            const struct neuron_isolated_message *message,
                            struct neuron_error *error)
{
    int sent = 0;

    do {
        sent = zmq_send(channel->socket, message, sizeof(*message), ZMQ_DONTWAIT);
    } while (sent < 0 && zmq_errno() == EINTR);
    /* Without a peer a PAIR takes nothing. */
    if (sent < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot send a message to an executor: %s",
                           zmq_strerror(zmq_errno()));
    }
    return NEURON_OK;
}

unsigned
neuron_process_channel_wait(struct neuron_process_channel *channel, int other, int timeout_ms)
{
    zmq_pollitem_t items[] = {{.socket = channel->socket, .events = ZMQ_POLLIN},
                              {.fd = other, .events = ZMQ_POLLIN}};
    unsigned found = 0;

    if (zmq_poll(items, 2, timeout_ms) < 0 && zmq_errno() != EINTR) {
        return NEURON_CHANNEL_FAILED;
    }
    if ((items[0].revents & ZMQ_POLLIN) != 0) {
        found |= NEURON_CHANNEL_HAS_MESSAGE;
    }
    if (items[1].revents != 0) {
        found |= NEURON_CHANNEL_HAS_OTHER;
    }
    return found;
}

enum neuron_status
neuron_process_channel_receive(struct neuron_process_channel *channel,
                               struct neuron_isolated_message *message, bool *was_there,
                               struct neuron_error *error)
{
    unsigned char bytes[sizeof(*message)];
    int received = 0;

    do {
        received = zmq_recv(channel->socket, bytes, sizeof(bytes), ZMQ_DONTWAIT);
    } while (received < 0 && zmq_errno() == EINTR);
    *was_there = received >= 0;
    if (received < 0 && zmq_errno() == EAGAIN) {
        return NEURON_OK;
    }
    if (received < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot receive a message of an executor: %s",
                           zmq_strerror(zmq_errno()));
    }
    return neuron_isolated_message_decode(bytes, (size_t)received, message, error);
}

void
neuron_process_channel_destroy(struct neuron_process_channel *channel)
{
    if (channel == NULL) {
        return;
    }
    if (channel->socket != NULL) {
        (void)zmq_close(channel->socket);
    }
    while (channel->context != NULL && zmq_ctx_term(channel->context) != 0 &&
           zmq_errno() == EINTR) {
        /* A signal came while ZeroMQ's threads were being awaited. */
    }
    free(channel);
}

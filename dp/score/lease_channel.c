/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server has a ROUTER, each rank a DEALER. Both have the same pair of CURVE keys: its secret
 * half is the 32 bytes of the job's key, its public half follows from that. A rank encrypts its
 * first words for whoever has the secret half, so only such a server can answer; and the server's
 * gate lets in only who proves to have it, too. Nothing on the way tells any part of the key.
 *
 * Where a server has several addresses, a rank does not know which of them leads to it, and two
 * may. So it opens a connection to each, and sends an empty message; the server answers such ones
 * by themselves. The first connection that is answered stays, and what the rank has sent meanwhile,
 * which was kept here, goes there: it arrives once. Users send no empty messages.
 */
#include "score/lease_channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "neuron/free_descriptors.h"
#include "score/lease_channel_body.h"
#include "score/lease_gate.h"

enum {
    DESCRIPTORS_OF_CONTEXT = 12,
    DESCRIPTORS_OF_SOCKET = 2 /* its own, and that of a connection */
};

enum neuron_status
neuron_lease_channel_create(int socket_count, struct neuron_lease_channel **channel,
                            struct neuron_error *error)
{
    uint32_t needed = DESCRIPTORS_OF_CONTEXT + DESCRIPTORS_OF_SOCKET * (uint32_t)socket_count;
    enum neuron_status status =
        neuron_free_descriptors_check(needed, "what ranks say to each other", error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_lease_channel *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a channel");
    }
    created->events = epoll_create1(EPOLL_CLOEXEC);
    created->context = zmq_ctx_new();
    if (created->events < 0 || created->context == NULL) {
        status = neuron_lease_refuse("set up ZeroMQ", error);
        neuron_lease_channel_destroy(created, 0);
        return status;
    }
    *channel = created;
    return NEURON_OK;
}

bool
neuron_lease_channel_watch(const struct neuron_lease_channel *channel, void *socket)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(channel->events, EPOLL_CTL_ADD, neuron_lease_socket_descriptor(socket),
                     &event) == 0;
}

enum neuron_status
neuron_lease_channel_send(struct neuron_lease_channel *channel,
                          const struct neuron_lease_peer *peer, const unsigned char *bytes,
                          size_t size_bytes, struct neuron_error *error)
{
    if (size_bytes == 0 || size_bytes > NEURON_LEASE_MESSAGE_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a message of %zu bytes cannot be sent; at most %d fit", size_bytes,
                           NEURON_LEASE_MESSAGE_BYTES);
    }
    if (channel->socket == NULL) {
        neuron_lease_channel_settle(channel);
    }
    return channel->socket == NULL
               ? neuron_lease_channel_keep(channel, bytes, size_bytes, error)
               : neuron_lease_socket_send(channel->socket, peer, bytes, size_bytes, error);
}

static void
drop_message(struct neuron_lease_channel *channel)
{
    if (channel->has_message) {
        (void)zmq_msg_close(&channel->message);
        channel->has_message = false;
    }
}

/* Receives the next part of a message; false when there is none. */
static bool
receive_part(struct neuron_lease_channel *channel)
{
    drop_message(channel);
    (void)zmq_msg_init(&channel->message);
    channel->has_message = true;
    return zmq_msg_recv(&channel->message, channel->socket, ZMQ_DONTWAIT) >= 0;
}

/* Receives whom the next message is from; false when there is none. */
static bool
receive_peer(struct neuron_lease_channel *channel, struct neuron_lease_peer *peer)
{
    if (!receive_part(channel)) {
        return false;
    }
    size_t size_bytes = zmq_msg_size(&channel->message);
    if (size_bytes <= sizeof(peer->name)) {
        memcpy(peer->name, zmq_msg_data(&channel->message), size_bytes);
        peer->size_bytes = (uint8_t)size_bytes;
    }
    return true;
}

/* Our own messages have one part; of another's only the first counts. */
static void
drop_rest(void *socket)
{
    int more = 0;
    size_t size_bytes = sizeof(more);
    char beyond = '\0';

    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size_bytes) == 0 && more != 0 &&
           zmq_recv(socket, &beyond, 1, ZMQ_DONTWAIT) >= 0) {
    }
}

/* Takes what has come, and answers who asks whether anybody is here; false when nothing is left. */
static bool
take(struct neuron_lease_channel *channel, struct neuron_lease_delivery *delivery)
{
    if (channel->gate != NULL) {
        neuron_lease_gate_answer(channel->gate, channel->keys.public);
    }
    if (channel->socket == NULL) {
        neuron_lease_channel_settle(channel);
    }
    while (channel->socket != NULL) {
        *delivery = (struct neuron_lease_delivery){0};
        if ((channel->gate != NULL && !receive_peer(channel, &delivery->peer)) ||
            !receive_part(channel)) {
            break;
        }
        drop_rest(channel->socket);
        delivery->bytes = zmq_msg_data(&channel->message);
        delivery->size_bytes = zmq_msg_size(&channel->message);
        if (delivery->size_bytes > 0) {
            return true;
        }
        if (channel->gate != NULL) {
            neuron_ignore(neuron_lease_socket_send(channel->socket, &delivery->peer,
                                                   (const unsigned char *)"", 0, NULL));
        }
    }
    *delivery = (struct neuron_lease_delivery){0};
    return false;
}

static int64_t
now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for something to take; false after the time, or a signal. */
static bool
wait_for_any(const struct neuron_lease_channel *channel, long timeout_ms)
{
    zmq_pollitem_t items[NEURON_HOST_ADDRESS_LIMIT + 2];
    int count = 0;

    if (channel->socket != NULL) {
        items[count++] = (zmq_pollitem_t){.socket = channel->socket, .events = ZMQ_POLLIN};
    }
    if (channel->gate != NULL) {
        items[count++] = (zmq_pollitem_t){.socket = channel->gate, .events = ZMQ_POLLIN};
    }
    for (int i = 0; i < channel->attempt_count; i += 1) {
        items[count++] = (zmq_pollitem_t){.socket = channel->attempts[i], .events = ZMQ_POLLIN};
    }
    return zmq_poll(items, count, timeout_ms) > 0;
}

bool
neuron_lease_channel_receive(struct neuron_lease_channel *channel, int timeout_ms,
                             struct neuron_lease_delivery *delivery)
{
    int64_t until_ms = timeout_ms > 0 ? now_ms() + timeout_ms : 0;

    while (!take(channel, delivery)) {
        int64_t left_ms = timeout_ms > 0 ? until_ms - now_ms() : 0;

        if (left_ms <= 0 || !wait_for_any(channel, (long)left_ms)) {
            return false;
        }
    }
    return true;
}

int
neuron_lease_channel_descriptor(const struct neuron_lease_channel *channel)
{
    return channel->events;
}

void
neuron_lease_channel_destroy(struct neuron_lease_channel *channel, int linger_ms)
{
    if (channel == NULL) {
        return;
    }
    if (channel->path != NULL) {
        neuron_lease_place_file_remove(channel->path, &channel->mark);
        free(channel->path);
    }
    drop_message(channel);
    neuron_lease_channel_give_up(channel);
    if (channel->socket != NULL) {
        (void)neuron_lease_socket_set(channel->socket, ZMQ_LINGER, linger_ms);
        (void)zmq_close(channel->socket);
    }
    if (channel->gate != NULL) {
        (void)zmq_close(channel->gate);
    }
    while (channel->context != NULL && zmq_ctx_term(channel->context) != 0 &&
           zmq_errno() == EINTR) {
        /* A signal came while ZeroMQ's threads were being awaited. */
    }
    if (channel->events >= 0) {
        (void)close(channel->events);
    }
    explicit_bzero(&channel->keys, sizeof(channel->keys));
    free(channel);
}

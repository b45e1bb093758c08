/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <zmq.h>

#include "score/lease_channel_body.h"
#include "score/lease_place_file.h"

enum { RECONNECT_MS = 100, RECONNECT_MOST_MS = 2000 };

/* Reads the file, and checks that its server is one for this rank. */
static enum neuron_status
find_place(const struct neuron_lease_channel_plan *plan, struct neuron_lease_place *place,
           struct neuron_error *error)
{
    struct neuron_lease_place own = {.key = ""};
    enum neuron_status status = neuron_lease_place_file_read(plan->path, place, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_lease_place_fill(plan->job_id, &own);
    if (strcmp(place->job_id, own.job_id) != 0) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "%.100s is of a lease server of another job, %.40s", plan->path,
                           place->job_id);
    }
    if (strncmp(place->addresses, "ipc:", 4) == 0 &&
        strcmp(place->server.host, own.server.host) != 0) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "%.100s is of a lease server for ranks on %.40s alone", plan->path,
                           place->server.host);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_lease_channel_find(const struct neuron_lease_channel_plan *plan,
                          struct neuron_lease_server_place *place, struct neuron_error *error)
{
    struct neuron_lease_place found;
    enum neuron_status status = find_place(plan, &found, error);

    if (status == NEURON_OK) {
        *place = found.server;
    }
    return status;
}

static bool
open_attempt(struct neuron_lease_channel *channel, const char *address)
{
    void *socket = zmq_socket(channel->context, ZMQ_DEALER);

    if (socket == NULL) {
        return false;
    }
    channel->attempts[channel->attempt_count] = socket;
    channel->attempt_count += 1;
    return neuron_lease_socket_set_up(socket, address) &&
           neuron_lease_socket_set(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
           neuron_lease_socket_set(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MOST_MS) &&
           neuron_lease_socket_set_key(socket, ZMQ_CURVE_SERVERKEY, channel->keys.public) &&
           neuron_lease_socket_set_key(socket, ZMQ_CURVE_PUBLICKEY, channel->keys.public) &&
           neuron_lease_socket_set_key(socket, ZMQ_CURVE_SECRETKEY, channel->keys.secret) &&
           neuron_lease_channel_watch(channel, socket) && zmq_connect(socket, address) == 0;
}

static enum neuron_status
open_attempts(struct neuron_lease_channel *channel, const char *addresses,
              struct neuron_error *error)
{
    for (const char *next = addresses; next != NULL;) {
        size_t length = strcspn(next, ",");
        char address[NEURON_LEASE_ADDRESS_BYTES] = "";

        (void)snprintf(address, sizeof(address), "%.*s", (int)length, next);
        if (!open_attempt(channel, address)) {
            return neuron_lease_refuse("open a connection to the lease server", error);
        }
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
    if (channel->attempt_count == 1) {
        channel->socket = channel->attempts[0];
        channel->attempt_count = 0;
    }
    for (int i = 0; i < channel->attempt_count; i += 1) {
        (void)zmq_send(channel->attempts[i], "", 0, ZMQ_DONTWAIT);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_lease_channel_connect(const struct neuron_lease_channel_plan *plan,
                             struct neuron_lease_channel **channel,
                             struct neuron_lease_server_place *place, struct neuron_error *error)
{
    struct neuron_lease_place found;
    struct neuron_lease_channel *created = NULL;
    enum neuron_status status = find_place(plan, &found, error);

    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_lease_channel_create(NEURON_HOST_ADDRESS_LIMIT, &created, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (found.key[0] != '\0') {
        status = neuron_lease_keys_make(found.key, &created->keys, error);
    } else if (plan->key != NULL) {
        status = neuron_lease_keys_make(plan->key, &created->keys, error);
    } else {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "the lease server wants the key of the job, and NEURONRUN_KEY is not "
                             "set: start all ranks with neuronrun, or give all of them one");
    }
    if (status == NEURON_OK) {
        status = open_attempts(created, found.addresses, error);
    }
    if (status != NEURON_OK) {
        neuron_lease_channel_destroy(created, 0);
        return status;
    }
    if (place != NULL) {
        *place = found.server;
    }
    *channel = created;
    return NEURON_OK;
}

enum neuron_status
neuron_lease_channel_keep(struct neuron_lease_channel *channel, const unsigned char *bytes,
                          size_t size_bytes, struct neuron_error *error)
{
    if (channel->kept_count == NEURON_LEASE_KEPT_LIMIT) {
        return NEURON_FAIL(error, NEURON_QUEUE_FULL, "the lease server does not answer");
    }
    unsigned char *copy = malloc(size_bytes);
    if (copy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a message");
    }
    memcpy(copy, bytes, size_bytes);
    channel->kept[channel->kept_count] =
        (struct neuron_lease_kept){.bytes = copy, .size_bytes = size_bytes};
    channel->kept_count += 1;
    return NEURON_OK;
}

static void
drop_kept(struct neuron_lease_channel *channel)
{
    for (int i = 0; i < channel->kept_count; i += 1) {
        free(channel->kept[i].bytes);
    }
    channel->kept_count = 0;
}

static void
close_attempt(const struct neuron_lease_channel *channel, void *socket)
{
    (void)epoll_ctl(channel->events, EPOLL_CTL_DEL, neuron_lease_socket_descriptor(socket), NULL);
    (void)zmq_close(socket);
}

/* Keeps to the attempt that was answered, if there is one. */
void
neuron_lease_channel_settle(struct neuron_lease_channel *channel)
{
    char answer = '\0';
    int found = 0;

    while (found < channel->attempt_count &&
           zmq_recv(channel->attempts[found], &answer, 1, ZMQ_DONTWAIT) < 0) {
        found += 1;
    }
    if (found == channel->attempt_count) {
        return;
    }
    channel->socket = channel->attempts[found];
    for (int i = 0; i < channel->attempt_count; i += 1) {
        if (i != found) {
            close_attempt(channel, channel->attempts[i]);
        }
    }
    channel->attempt_count = 0;
    for (int i = 0; i < channel->kept_count; i += 1) {
        /* A queue takes more than are kept. */
        neuron_ignore(neuron_lease_socket_send(channel->socket, NULL, channel->kept[i].bytes,
                                               channel->kept[i].size_bytes, NULL));
    }
    drop_kept(channel);
}

void
neuron_lease_channel_give_up(struct neuron_lease_channel *channel)
{
    drop_kept(channel);
    for (int i = 0; i < channel->attempt_count; i += 1) {
        close_attempt(channel, channel->attempts[i]);
    }
    channel->attempt_count = 0;
}

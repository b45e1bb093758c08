/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "neuron/host_addresses.h"
#include "neuron/secret_key.h"
#include "score/lease_channel_body.h"
#include "score/lease_gate.h"
#include "score/lease_place_file.h"

enum { BACKLOG = 1024 /* ranks that may connect at the same time */ };

/* Binds at all addresses of the machine; "[" in the text stands for those of IPv6, too. */
static bool
bind_socket(struct neuron_lease_channel *channel, const char *address)
{
    channel->socket = zmq_socket(channel->context, ZMQ_ROUTER);
    if (channel->socket == NULL || !neuron_lease_socket_set_up(channel->socket, address) ||
        !neuron_lease_socket_set(channel->socket, ZMQ_BACKLOG, BACKLOG) ||
        !neuron_lease_socket_set(channel->socket, ZMQ_CURVE_SERVER, 1) ||
        !neuron_lease_socket_set_key(channel->socket, ZMQ_CURVE_SECRETKEY, channel->keys.secret) ||
        zmq_setsockopt(channel->socket, ZMQ_ZAP_DOMAIN, "neuron-score", 12) != 0) {
        return false;
    }
    return zmq_bind(channel->socket, strchr(address, '[') != NULL ? "tcp://*:*" : address) == 0;
}

static enum neuron_status
list_addresses(const struct neuron_lease_channel *channel, bool has_six, char *addresses,
               struct neuron_error *error)
{
    char address[NEURON_LEASE_ADDRESS_BYTES] = "";
    size_t size_bytes = sizeof(address);

    if (zmq_getsockopt(channel->socket, ZMQ_LAST_ENDPOINT, address, &size_bytes) != 0) {
        return neuron_lease_refuse("find the port", error);
    }
    return neuron_host_addresses_list(has_six, strrchr(address, ':') + 1, addresses, error);
}

/* Listens for ranks on other hosts. */
static enum neuron_status
listen_to_all(struct neuron_lease_channel *channel, char *addresses, struct neuron_error *error)
{
    bool has_six = bind_socket(channel, "tcp://[::]:*");

    if (!has_six && channel->socket != NULL) {
        (void)zmq_close(channel->socket);
        channel->socket = NULL;
    }
    if (!has_six && !bind_socket(channel, "tcp://*:*")) {
        return neuron_lease_refuse("listen for the ranks on other hosts", error);
    }
    return list_addresses(channel, has_six, addresses, error);
}

/* Listens for ranks on this host, at a name that nobody else has. */
static enum neuron_status
listen_here(struct neuron_lease_channel *channel, char *addresses, struct neuron_error *error)
{
    enum { NAME_DIGITS = 32 };
    char name[NEURON_SECRET_KEY_DIGITS + 1] = "";
    enum neuron_status status = neuron_secret_key_make(name, error);

    if (status != NEURON_OK) {
        return status;
    }
    (void)snprintf(addresses, NEURON_LEASE_ADDRESS_BYTES, "ipc://@neuron-score-%.*s", NAME_DIGITS,
                   name);
    return bind_socket(channel, addresses) ? NEURON_OK
                                           : neuron_lease_refuse("listen for the ranks", error);
}

/* Finds the key of the ranks; makes one where the file can carry it. */
static enum neuron_status
choose_key(const struct neuron_lease_channel_plan *plan, struct neuron_lease_keys *keys,
           char *fresh, struct neuron_error *error)
{
    if (plan->key != NULL) {
        return neuron_lease_keys_make(plan->key, keys, error);
    }
    if (plan->reach != NEURON_LEASE_ONE_HOST) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "ranks on several hosts talk only with a common key: start them with "
                           "neuronrun, or give all of them one in NEURONRUN_KEY, as \"openssl rand "
                           "-hex 32\" makes it");
    }
    enum neuron_status status = neuron_secret_key_make(fresh, error);
    return status == NEURON_OK ? neuron_lease_keys_make(fresh, keys, error) : status;
}

static enum neuron_status
open_server(const struct neuron_lease_channel_plan *plan, struct neuron_lease_channel *channel,
            struct neuron_lease_place *place, struct neuron_error *error)
{
    enum neuron_status status = choose_key(plan, &channel->keys, place->key, error);

    if (status != NEURON_OK) {
        return status;
    }
    channel->gate = zmq_socket(channel->context, ZMQ_REP);
    if (!neuron_lease_gate_open(channel->gate)) {
        return neuron_lease_refuse("set up the key of the job", error);
    }
    status = plan->reach == NEURON_LEASE_ONE_HOST ? listen_here(channel, place->addresses, error)
                                                  : listen_to_all(channel, place->addresses, error);
    if (status == NEURON_OK && (!neuron_lease_channel_watch(channel, channel->gate) ||
                                !neuron_lease_channel_watch(channel, channel->socket))) {
        status = neuron_lease_refuse("watch the ranks", error);
    }
    return status;
}

enum neuron_status
neuron_lease_channel_listen(const struct neuron_lease_channel_plan *plan,
                            struct neuron_lease_channel **channel, struct neuron_error *error)
{
    struct neuron_lease_place place = {.key = ""};
    struct neuron_lease_channel *created = NULL;
    enum neuron_status status = neuron_lease_channel_create(2, &created, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_lease_place_fill(plan->job_id, &place);
    status = open_server(plan, created, &place, error);
    if (status == NEURON_OK) {
        status = neuron_lease_place_file_write(plan->path, &place, &created->mark, error);
    }
    if (status == NEURON_OK) {
        created->path = strdup(plan->path);
        if (created->path == NULL) {
            neuron_lease_place_file_remove(plan->path, &created->mark);
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a path");
        }
    }
    if (status != NEURON_OK) {
        neuron_lease_channel_destroy(created, 0);
        return status;
    }
    *channel = created;
    return NEURON_OK;
}

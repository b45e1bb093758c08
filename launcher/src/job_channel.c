/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher has a ROUTER, each shim a DEALER. CURVE encrypts both ways, and proves the launcher
 * to the shims; that a shim has the shims' key is checked by the launcher, whom ZeroMQ asks over
 * a socket inside the process (ZAP). A connection that breaks is not made again: what was on its
 * way would be lost without a trace, while a peer that falls silent is noticed.
 *
 * Queues have no bound of messages here. What is on its way is bounded by those who send: output
 * and input by their windows, the rest by being rare.
 */
#include "job_channel.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "job_contact.h"
#include "job_message.h"

enum {
    KEY_BYTES = 32,
    REACHED_BYTES = 64,
    ADDRESS_BYTES = 80,
    ZAP_FRAME_LIMIT = 7,
    ZAP_KEY_FRAME = 6,
    ZAP_FRAME_BYTES = 256
};

/* The calls of libzmq that are used here. */
struct library {
    void *file;
    void *(*ctx_new)(void);
    int (*ctx_term)(void *context);
    void *(*socket)(void *context, int type);
    int (*close)(void *socket);
    int (*setsockopt)(void *socket, int option, const void *value, size_t size_bytes);
    int (*getsockopt)(void *socket, int option, void *value, size_t *size_bytes);
    int (*bind)(void *socket, const char *address);
    int (*connect)(void *socket, const char *address);
    int (*send)(void *socket, const void *bytes, size_t size_bytes, int flags);
    int (*recv)(void *socket, void *bytes, size_t size_bytes, int flags);
    int (*poll)(zmq_pollitem_t *items, int count, long timeout_ms);
    int (*msg_init)(zmq_msg_t *message);
    int (*msg_recv)(zmq_msg_t *message, void *socket, int flags);
    int (*msg_close)(zmq_msg_t *message);
    void *(*msg_data)(zmq_msg_t *message);
    size_t (*msg_size)(const zmq_msg_t *message);
    const char *(*msg_gets)(const zmq_msg_t *message, const char *property);
    int (*curve_keypair)(char *public_key, char *secret_key);
    uint8_t *(*z85_decode)(uint8_t *bytes, const char *text);
    int (*get_errno)(void);
    const char *(*describe)(int reason);
};

struct neuron_job_channel {
    struct library library;
    void *context;
    void *socket;
    void *gate; /* where ZeroMQ asks who may come in; NULL in a shim */
    unsigned char allowed_key[KEY_BYTES];
    zmq_msg_t message; /* the last one */
    bool has_message;
    char reached[REACHED_BYTES]; /* of a shim */
};

static bool
load_call(struct library *library, const char *name, void *call)
{
    void *found = dlsym(library->file, name);

    /* POSIX has a pointer to a function fit into one to an object; C knows no cast for it. */
    memcpy(call, &found, sizeof(found));
    return found != NULL;
}

static enum neuron_status
load_library(struct library *library, struct neuron_error *error)
{
    library->file = dlopen("libzmq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library->file == NULL) {
        return NEURON_FAIL(
            error, NEURON_SYSTEM,
            "jobs on several hosts need libzmq.so.5, which cannot be loaded (Debian: "
            "apt-get install libzmq5)");
    }
    struct {
        const char *name;
        void *call;
    } calls[] = {
        {"zmq_ctx_new", &library->ctx_new},
        {"zmq_ctx_term", &library->ctx_term},
        {"zmq_socket", &library->socket},
        {"zmq_close", &library->close},
        {"zmq_setsockopt", &library->setsockopt},
        {"zmq_getsockopt", &library->getsockopt},
        {"zmq_bind", &library->bind},
        {"zmq_connect", &library->connect},
        {"zmq_send", &library->send},
        {"zmq_recv", &library->recv},
        {"zmq_poll", &library->poll},
        {"zmq_msg_init", &library->msg_init},
        {"zmq_msg_recv", &library->msg_recv},
        {"zmq_msg_close", &library->msg_close},
        {"zmq_msg_data", &library->msg_data},
        {"zmq_msg_size", &library->msg_size},
        {"zmq_msg_gets", &library->msg_gets},
        {"zmq_curve_keypair", &library->curve_keypair},
        {"zmq_z85_decode", &library->z85_decode},
        {"zmq_errno", &library->get_errno},
        {"zmq_strerror", &library->describe},
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i += 1) {
        if (!load_call(library, calls[i].name, calls[i].call)) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "libzmq.so.5 has no %s; it is too old",
                               calls[i].name);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
create_channel(struct neuron_job_channel **channel, struct neuron_error *error)
{
    struct neuron_job_channel *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a channel");
    }
    enum neuron_status status = load_library(&created->library, error);
    if (status == NEURON_OK) {
        created->context = created->library.ctx_new();
    }
    if (status == NEURON_OK && created->context == NULL) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "cannot set up ZeroMQ");
    }
    if (status != NEURON_OK) {
        neuron_job_channel_destroy(created, 0);
        return status;
    }
    *channel = created;
    return NEURON_OK;
}

static bool
set_number(const struct neuron_job_channel *channel, void *socket, int option, int value)
{
    return channel->library.setsockopt(socket, option, &value, sizeof(value)) == 0;
}

static bool
set_key(const struct neuron_job_channel *channel, void *socket, int option, const char *key)
{
    return channel->library.setsockopt(socket, option, key, NEURON_JOB_KEY_BYTES + 1) == 0;
}

/* What both ends have in common. */
static bool
set_up(const struct neuron_job_channel *channel, void *socket)
{
    const int64_t longest = NEURON_JOB_MESSAGE_BYTES;

    return set_number(channel, socket, ZMQ_LINGER, 0) &&
           set_number(channel, socket, ZMQ_SNDHWM, 0) &&
           set_number(channel, socket, ZMQ_RECONNECT_IVL, -1) &&
           channel->library.setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof(longest)) == 0;
}

static enum neuron_status
refuse(const struct neuron_job_channel *channel, const char *what, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot %s: %s", what,
                       channel->library.describe(channel->library.get_errno()));
}

/* Opens the socket of the launcher, whose keys are known. */
static enum neuron_status
open_router(struct neuron_job_channel *channel, const char *secret, bool *has_six,
            struct neuron_error *error)
{
    const struct library *library = &channel->library;

    channel->gate = library->socket(channel->context, ZMQ_REP);
    if (channel->gate == NULL || !set_number(channel, channel->gate, ZMQ_LINGER, 0) ||
        library->bind(channel->gate, "inproc://zeromq.zap.01") != 0) {
        return refuse(channel, "set up the keys of the job", error);
    }
    channel->socket = library->socket(channel->context, ZMQ_ROUTER);
    if (channel->socket == NULL || !set_up(channel, channel->socket) ||
        !set_number(channel, channel->socket, ZMQ_CURVE_SERVER, 1) ||
        !set_key(channel, channel->socket, ZMQ_CURVE_SECRETKEY, secret) ||
        library->setsockopt(channel->socket, ZMQ_ZAP_DOMAIN, "neuronrun", 9) != 0) {
        return refuse(channel, "encrypt the job's messages", error);
    }
    *has_six = set_number(channel, channel->socket, ZMQ_IPV6, 1) &&
               library->bind(channel->socket, "tcp://*:*") == 0;
    if (!*has_six && (!set_number(channel, channel->socket, ZMQ_IPV6, 0) ||
                      library->bind(channel->socket, "tcp://*:*") != 0)) {
        return refuse(channel, "listen for the other hosts", error);
    }
    return NEURON_OK;
}

static enum neuron_status
listen_with_keys(struct neuron_job_channel *channel, struct neuron_job_contact *contact,
                 struct neuron_error *error)
{
    const struct library *library = &channel->library;
    char keys[4][NEURON_JOB_KEY_BYTES + 1] = {"", "", "", ""};
    char address[ADDRESS_BYTES] = "";
    size_t size_bytes = sizeof(address);
    bool has_six = false;

    if (library->curve_keypair(keys[0], keys[1]) != 0 ||
        library->curve_keypair(keys[2], keys[3]) != 0 ||
        library->z85_decode(channel->allowed_key, keys[2]) == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "libzmq.so.5 is made without CURVE, so that messages between hosts "
                           "could be read by others; install one that has it");
    }
    enum neuron_status status = open_router(channel, keys[1], &has_six, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (library->getsockopt(channel->socket, ZMQ_LAST_ENDPOINT, address, &size_bytes) != 0) {
        return refuse(channel, "find the port", error);
    }
    neuron_job_contact_format_keys((const char *const[]){keys[0], keys[2], keys[3]}, contact->keys);
    return neuron_host_addresses_list(has_six, strrchr(address, ':') + 1, contact->addresses,
                                      error);
}

enum neuron_status
neuron_job_channel_listen(struct neuron_job_channel **channel, struct neuron_job_contact *contact,
                          struct neuron_error *error)
{
    struct neuron_job_channel *created = NULL;
    enum neuron_status status = create_channel(&created, error);

    if (status != NEURON_OK) {
        return status;
    }
    *contact = (struct neuron_job_contact){0};
    status = listen_with_keys(created, contact, error);
    if (status != NEURON_OK) {
        neuron_job_channel_destroy(created, 0);
        return status;
    }
    *channel = created;
    return NEURON_OK;
}

/* Answers one question of who may come in: who has proved to have the shims' key. */
static bool
answer_gate(const struct neuron_job_channel *channel)
{
    const struct library *library = &channel->library;
    char frames[ZAP_FRAME_LIMIT][ZAP_FRAME_BYTES] = {""};
    int sizes[ZAP_FRAME_LIMIT] = {0};
    int count = 0;
    int more = 1;
    size_t more_bytes = sizeof(more);

    while (more != 0) {
        char beyond[ZAP_FRAME_BYTES] = "";
        char *frame = count < ZAP_FRAME_LIMIT ? frames[count] : beyond;
        int received = library->recv(channel->gate, frame, ZAP_FRAME_BYTES, ZMQ_DONTWAIT);

        if (received < 0) {
            return false;
        }
        if (count < ZAP_FRAME_LIMIT) {
            sizes[count] = received;
        }
        count += 1;
        (void)library->getsockopt(channel->gate, ZMQ_RCVMORE, &more, &more_bytes);
    }
    bool is_allowed = count == ZAP_FRAME_LIMIT && sizes[ZAP_KEY_FRAME] == KEY_BYTES &&
                      memcmp(frames[ZAP_KEY_FRAME], channel->allowed_key, KEY_BYTES) == 0;
    (void)library->send(channel->gate, "1.0", 3, ZMQ_SNDMORE);
    (void)library->send(channel->gate, frames[1], (size_t)sizes[1], ZMQ_SNDMORE);
    (void)library->send(channel->gate, is_allowed ? "200" : "400", 3, ZMQ_SNDMORE);
    (void)library->send(channel->gate, "", 0, ZMQ_SNDMORE);
    (void)library->send(channel->gate, "", 0, ZMQ_SNDMORE);
    (void)library->send(channel->gate, "", 0, 0);
    return true;
}

/* The attempts of a shim to reach the launcher, one an address. */
struct attempts {
    void *sockets[NEURON_HOST_ADDRESS_LIMIT];
    char hosts[NEURON_HOST_ADDRESS_LIMIT][REACHED_BYTES];
    zmq_pollitem_t items[NEURON_HOST_ADDRESS_LIMIT];
    int count;
};

static void
open_attempt(const struct neuron_job_channel *channel, struct attempts *attempts,
             const char *address, char keys[3][NEURON_JOB_KEY_BYTES + 1])
{
    const struct library *library = &channel->library;
    void *socket = library->socket(channel->context, ZMQ_DEALER);

    if (socket == NULL) {
        return;
    }
    if (!set_up(channel, socket) || !set_number(channel, socket, ZMQ_RCVHWM, 0) ||
        !set_number(channel, socket, ZMQ_IPV6, strchr(address, '[') != NULL) ||
        !set_key(channel, socket, ZMQ_CURVE_SERVERKEY, keys[0]) ||
        !set_key(channel, socket, ZMQ_CURVE_PUBLICKEY, keys[1]) ||
        !set_key(channel, socket, ZMQ_CURVE_SECRETKEY, keys[2]) ||
        library->connect(socket, address) != 0) {
        (void)library->close(socket);
        return;
    }
    size_t prefix = strlen("tcp://") + (strchr(address, '[') != NULL ? 1 : 0);
    const char *host = address + (strlen(address) > prefix ? prefix : 0);
    size_t length = strchr(address, '[') != NULL ? strcspn(host, "]") : strcspn(host, ":");
    (void)snprintf(attempts->hosts[attempts->count], sizeof(attempts->hosts[0]), "%.*s",
                   (int)length, host);
    attempts->sockets[attempts->count] = socket;
    attempts->items[attempts->count] = (zmq_pollitem_t){.socket = socket, .events = ZMQ_POLLIN};
    attempts->count += 1;
}

/* Waits for the first answer; -1 for none. */
static int
await_answer(const struct neuron_job_channel *channel, struct attempts *attempts, int timeout_ms)
{
    if (channel->library.poll(attempts->items, attempts->count, timeout_ms) <= 0) {
        return -1;
    }
    for (int i = 0; i < attempts->count; i += 1) {
        if ((attempts->items[i].revents & ZMQ_POLLIN) != 0) {
            return i;
        }
    }
    return -1;
}

static void
open_attempts(const struct neuron_job_channel *channel, const char *addresses,
              struct attempts *attempts, char keys[3][NEURON_JOB_KEY_BYTES + 1])
{
    for (const char *next = addresses;
         next != NULL && attempts->count < NEURON_HOST_ADDRESS_LIMIT;) {
        size_t length = strcspn(next, ",");
        char address[ADDRESS_BYTES] = "";

        (void)snprintf(address, sizeof(address), "%.*s", (int)length, next);
        open_attempt(channel, attempts, address, keys);
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
}

/* Sends the greeting on all attempts, and keeps the one that is answered first; -1 for none. */
static int
greet(const struct neuron_job_channel *channel, struct attempts *attempts, const void *greeting,
      size_t greeting_bytes, int timeout_ms)
{
    for (int i = 0; i < attempts->count; i += 1) {
        (void)channel->library.send(attempts->sockets[i], greeting, greeting_bytes, ZMQ_DONTWAIT);
    }
    int answer = await_answer(channel, attempts, timeout_ms);
    for (int i = 0; i < attempts->count; i += 1) {
        if (i != answer) {
            (void)channel->library.close(attempts->sockets[i]);
        }
    }
    return answer;
}

enum neuron_status
neuron_job_channel_connect(const struct neuron_job_contact *contact, const void *greeting,
                           size_t greeting_bytes, int timeout_ms,
                           struct neuron_job_channel **channel, struct neuron_error *error)
{
    char keys[3][NEURON_JOB_KEY_BYTES + 1] = {"", "", ""};
    struct neuron_job_channel *created = NULL;
    struct attempts attempts = {0};

    if (!neuron_job_contact_parse_keys(contact->keys, keys)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the keys of the job are damaged");
    }
    enum neuron_status status = create_channel(&created, error);
    if (status != NEURON_OK) {
        return status;
    }
    open_attempts(created, contact->addresses, &attempts, keys);
    int answer = greet(created, &attempts, greeting, greeting_bytes, timeout_ms);
    if (answer < 0) {
        neuron_job_channel_destroy(created, 0);
        return NEURON_FAIL(error, NEURON_TIMED_OUT, "neuronrun does not answer at any of %.160s",
                           contact->addresses);
    }
    created->socket = attempts.sockets[answer];
    (void)snprintf(created->reached, sizeof(created->reached), "%s", attempts.hosts[answer]);
    *channel = created;
    return NEURON_OK;
}

const char *
neuron_job_channel_reached(const struct neuron_job_channel *channel)
{
    return channel->reached;
}

static struct pollfd
wait_for(const struct neuron_job_channel *channel, void *socket)
{
    struct pollfd wait = {.fd = -1, .events = POLLIN};
    size_t size_bytes = sizeof(wait.fd);

    if (socket != NULL) {
        (void)channel->library.getsockopt(socket, ZMQ_FD, &wait.fd, &size_bytes);
    }
    return wait;
}

void
neuron_job_channel_prepare(const struct neuron_job_channel *channel, struct pollfd *waits)
{
    waits[0] = wait_for(channel, channel->socket);
    waits[1] = wait_for(channel, channel->gate);
}

static bool
has_input(const struct neuron_job_channel *channel, void *socket)
{
    int events = 0;
    size_t size_bytes = sizeof(events);

    return socket != NULL &&
           channel->library.getsockopt(socket, ZMQ_EVENTS, &events, &size_bytes) == 0 &&
           (events & ZMQ_POLLIN) != 0;
}

bool
neuron_job_channel_is_ready(const struct neuron_job_channel *channel)
{
    return has_input(channel, channel->socket) || has_input(channel, channel->gate);
}

static void
drop_message(struct neuron_job_channel *channel)
{
    if (channel->has_message) {
        (void)channel->library.msg_close(&channel->message);
        channel->has_message = false;
    }
}

/* Receives the next part of a message; false when there is none. */
static bool
receive_part(struct neuron_job_channel *channel)
{
    drop_message(channel);
    (void)channel->library.msg_init(&channel->message);
    channel->has_message = true;
    return channel->library.msg_recv(&channel->message, channel->socket, ZMQ_DONTWAIT) >= 0;
}

/* Receives whom the next message is from; false when there is none. */
static bool
receive_peer(struct neuron_job_channel *channel, struct neuron_job_peer *peer)
{
    if (!receive_part(channel)) {
        return false;
    }
    size_t size_bytes = channel->library.msg_size(&channel->message);
    if (size_bytes <= sizeof(peer->name)) {
        memcpy(peer->name, channel->library.msg_data(&channel->message), size_bytes);
        peer->size_bytes = (uint8_t)size_bytes;
    }
    return true;
}

static bool
has_more(const struct neuron_job_channel *channel)
{
    int more = 0;
    size_t size_bytes = sizeof(more);

    return channel->library.getsockopt(channel->socket, ZMQ_RCVMORE, &more, &size_bytes) == 0 &&
           more != 0;
}

bool
neuron_job_channel_receive(struct neuron_job_channel *channel, struct neuron_job_delivery *delivery)
{
    const struct library *library = &channel->library;

    while (channel->gate != NULL && has_input(channel, channel->gate) && answer_gate(channel)) {
    }
    *delivery = (struct neuron_job_delivery){0};
    if ((channel->gate != NULL && !receive_peer(channel, &delivery->peer)) ||
        !receive_part(channel)) {
        return false;
    }
    const char *address = library->msg_gets(&channel->message, "Peer-Address");
    (void)snprintf(delivery->address, sizeof(delivery->address), "%s",
                   address == NULL ? "" : address);
    delivery->bytes = library->msg_data(&channel->message);
    delivery->size_bytes = library->msg_size(&channel->message);
    /* Our own messages have one part; of another's only the first counts. */
    while (has_more(channel)) {
        char beyond = '\0';

        if (library->recv(channel->socket, &beyond, 1, ZMQ_DONTWAIT) < 0) {
            break;
        }
    }
    return true;
}

void
neuron_job_channel_send(struct neuron_job_channel *channel, const struct neuron_job_peer *peer,
                        const void *bytes, size_t size_bytes)
{
    const struct library *library = &channel->library;

    if (peer != NULL && library->send(channel->socket, peer->name, peer->size_bytes,
                                      ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
        return;
    }
    (void)library->send(channel->socket, bytes, size_bytes, ZMQ_DONTWAIT);
}

void
neuron_job_channel_destroy(struct neuron_job_channel *channel, int linger_ms)
{
    if (channel == NULL) {
        return;
    }
    const struct library *library = &channel->library;
    drop_message(channel);
    if (channel->socket != NULL) {
        (void)set_number(channel, channel->socket, ZMQ_LINGER, linger_ms);
        (void)library->close(channel->socket);
    }
    if (channel->gate != NULL) {
        (void)library->close(channel->gate);
    }
    while (channel->context != NULL && library->ctx_term(channel->context) != 0 &&
           library->get_errno() == EINTR) {
        /* A signal came while ZeroMQ's threads were being awaited. */
    }
    /* The library stays: threads of its own may still be on their way out. */
    free(channel);
}

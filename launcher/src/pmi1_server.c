/* SPDX-License-Identifier: Apache-2.0 */
#include "pmi1_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pmi1_message.h"
#include "pmi1_store.h"

enum {
    KEYS_PER_RANK = 256, /* MPICH puts about five */
    KEYS_BESIDES = 1024,
    NO_RANK = UINT16_MAX + 1
};

static const char space_name[] = "neuronrun";

struct rank_socket {
    int own;     /* -1 once it is not listened to */
    int of_rank; /* -1 once the rank has it */
    bool is_in_barrier;
    bool is_spawning; /* between the first line of a spawn and its last */
    size_t length;    /* of what has come and is not worked off */
    char received[NEURON_PMI1_LINE_BYTES];
};

struct neuron_pmi1_server {
    int epoll;
    uint32_t rank_count;
    uint32_t waiting_count; /* ranks in the barrier */
    uint32_t unfinished;    /* the rank that more lines are here of; NO_RANK for none */
    struct neuron_pmi1_store store;
    struct rank_socket *sockets; /* by rank */
};

static void
stop_listening(const struct neuron_pmi1_server *server, struct rank_socket *socket)
{
    if (socket->own >= 0) {
        /* A child between fork and exec may still hold the descriptor: closing is not enough. */
        (void)epoll_ctl(server->epoll, EPOLL_CTL_DEL, socket->own, NULL);
        (void)close(socket->own);
        socket->own = -1;
    }
    socket->length = 0;
}

void
neuron_pmi1_server_close_rank_end(struct neuron_pmi1_server *server, uint32_t rank)
{
    struct rank_socket *socket = &server->sockets[rank];

    if (socket->of_rank >= 0) {
        (void)close(socket->of_rank);
        socket->of_rank = -1;
    }
}

void
neuron_pmi1_server_destroy(struct neuron_pmi1_server *server)
{
    if (server == NULL) {
        return;
    }
    for (uint32_t i = 0; server->sockets != NULL && i < server->rank_count; i += 1) {
        neuron_pmi1_server_close_rank_end(server, i);
        stop_listening(server, &server->sockets[i]);
    }
    if (server->epoll >= 0) {
        (void)close(server->epoll);
    }
    neuron_pmi1_store_clear(&server->store);
    free(server->sockets);
    free(server);
}

static bool
open_sockets(struct neuron_pmi1_server *server)
{
    for (uint32_t i = 0; i < server->rank_count; i += 1) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        struct rank_socket *socket = &server->sockets[i];
        int ends[2] = {-1, -1};

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            return false;
        }
        socket->own = ends[0];
        socket->of_rank = ends[1];
        if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, socket->own, &event) != 0) {
            return false;
        }
    }
    return true;
}

enum neuron_status
neuron_pmi1_server_create(uint32_t rank_count, struct neuron_pmi1_server **server,
                          struct neuron_error *error)
{
    struct neuron_pmi1_server *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a PMI server");
    }
    created->unfinished = NO_RANK;
    created->store.limit = (size_t)rank_count * KEYS_PER_RANK + KEYS_BESIDES;
    created->epoll = epoll_create1(EPOLL_CLOEXEC);
    created->sockets = calloc(rank_count, sizeof(*created->sockets));
    if (created->sockets != NULL) {
        created->rank_count = rank_count;
        for (uint32_t i = 0; i < rank_count; i += 1) {
            created->sockets[i].own = -1;
            created->sockets[i].of_rank = -1;
        }
    }
    if (created->epoll < 0 || created->sockets == NULL || !open_sockets(created)) {
        int reason = errno;

        neuron_pmi1_server_destroy(created);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot set up a PMI server for %u ranks: %s",
                           rank_count, strerrordesc_np(reason));
    }
    *server = created;
    return NEURON_OK;
}

int
neuron_pmi1_server_rank_end(const struct neuron_pmi1_server *server, uint32_t rank)
{
    return server->sockets[rank].of_rank;
}

int
neuron_pmi1_server_descriptor(const struct neuron_pmi1_server *server)
{
    return server->epoll;
}

/* A rank asks for one thing at a time, so there is room for its answer, or it plays no part. */
static void
answer_rank(struct neuron_pmi1_server *server, uint32_t rank, struct neuron_pmi1_answer *answer)
{
    struct rank_socket *socket = &server->sockets[rank];
    char text[NEURON_PMI1_LINE_BYTES] = "";

    answer->space = space_name;
    answer->universe_size = server->rank_count;
    size_t length = neuron_pmi1_answer_format(answer, text);
    if (length > 0 && socket->own >= 0 &&
        send(socket->own, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length) {
        stop_listening(server, socket);
    }
}

static void
enter_barrier(struct neuron_pmi1_server *server, uint32_t rank)
{
    if (!server->sockets[rank].is_in_barrier) {
        server->sockets[rank].is_in_barrier = true;
        server->waiting_count += 1;
    }
    if (server->waiting_count < server->rank_count) {
        return;
    }
    server->waiting_count = 0;
    for (uint32_t i = 0; i < server->rank_count; i += 1) {
        struct neuron_pmi1_answer answer = {.to = NEURON_PMI1_BARRIER_IN};

        server->sockets[i].is_in_barrier = false;
        answer_rank(server, i, &answer);
    }
}

/* The value of a key. Where every rank runs is what MPICH asks under a name of its own. */
static const char *
find_value(const struct neuron_pmi1_server *server, const char *key, char *mapping,
           size_t mapping_bytes)
{
    if (strcmp(key, "PMI_process_mapping") == 0) {
        (void)snprintf(mapping, mapping_bytes, "(vector,(0,1,%u))", server->rank_count);
        return mapping;
    }
    return neuron_pmi1_store_get(&server->store, key);
}

/* Does what a rank asks for. Returns whether that is an event. */
static bool
serve(struct neuron_pmi1_server *server, uint32_t rank, const struct neuron_pmi1_request *request,
      struct neuron_mpi_event *event)
{
    struct neuron_pmi1_answer answer = {.to = request->command};
    char mapping[48] = "";
    bool is_event = true;

    switch (request->command) {
    case NEURON_PMI1_INIT:
        event->kind = NEURON_MPI_CONNECTED;
        break;
    case NEURON_PMI1_FINALIZE:
        event->kind = NEURON_MPI_FINALIZED;
        break;
    case NEURON_PMI1_ABORT:
        event->kind = NEURON_MPI_ABORTED;
        event->code = request->code;
        break;
    case NEURON_PMI1_BARRIER_IN:
        enter_barrier(server, rank);
        return false;
    case NEURON_PMI1_PUT:
        answer.is_refused = !neuron_pmi1_store_put(&server->store, request->key, request->value);
        is_event = false;
        break;
    case NEURON_PMI1_GET:
        answer.value = find_value(server, request->key, mapping, sizeof(mapping));
        is_event = false;
        break;
    case NEURON_PMI1_GET_MAXES:
    case NEURON_PMI1_GET_APPNUM:
    case NEURON_PMI1_GET_UNIVERSE_SIZE:
    case NEURON_PMI1_GET_MY_KVSNAME:
    case NEURON_PMI1_SPAWN:
    case NEURON_PMI1_SPAWN_PART:
    case NEURON_PMI1_SPAWN_END:
    case NEURON_PMI1_PUBLISH_NAME:
    case NEURON_PMI1_UNPUBLISH_NAME:
    case NEURON_PMI1_LOOKUP_NAME:
        is_event = false;
        break;
    }
    answer_rank(server, rank, &answer);
    return is_event;
}

static void
complain(uint32_t rank, struct neuron_mpi_event *event)
{
    event->kind = NEURON_MPI_SAID;
    (void)snprintf(event->text, sizeof(event->text),
                   "rank %u sends what is no PMI-1 request, and is not served any longer; --mpi "
                   "off goes without a server",
                   rank);
}

/* Reads a line. Says whether it is a request; lines of a spawn are, only inside one. */
static bool
read_request(struct rank_socket *socket, size_t length, struct neuron_pmi1_request *request)
{
    if (memchr(socket->received, '\0', length) != NULL ||
        !neuron_pmi1_request_parse(socket->received, request)) {
        return false;
    }
    bool is_part =
        request->command == NEURON_PMI1_SPAWN_PART || request->command == NEURON_PMI1_SPAWN_END;
    bool is_in_place = is_part == socket->is_spawning;

    socket->is_spawning =
        request->command == NEURON_PMI1_SPAWN || request->command == NEURON_PMI1_SPAWN_PART;
    return is_in_place;
}

/* Works off the lines of a rank until one of them is an event. Returns whether one was. */
static bool
take_lines(struct neuron_pmi1_server *server, uint32_t rank, struct neuron_mpi_event *event)
{
    struct rank_socket *socket = &server->sockets[rank];
    struct neuron_pmi1_request request = {0};
    bool is_event = false;
    char *end = NULL;

    *event = (struct neuron_mpi_event){.rank = rank};
    server->unfinished = NO_RANK;
    while (!is_event && (end = memchr(socket->received, '\n', socket->length)) != NULL) {
        size_t taken = (size_t)(end - socket->received) + 1;

        *end = '\0';
        bool is_request = read_request(socket, taken - 1, &request);
        memmove(socket->received, end + 1, socket->length - taken);
        socket->length -= taken;
        if (!is_request) {
            stop_listening(server, socket);
            complain(rank, event);
            return true;
        }
        is_event = serve(server, rank, &request, event);
    }
    if (is_event) {
        server->unfinished = rank;
    } else if (socket->length == sizeof(socket->received)) {
        stop_listening(server, socket);
        complain(rank, event);
        return true;
    }
    return is_event;
}

/* Receives what a rank has sent. Nothing, its end: it is not listened to any longer. */
static void
receive(const struct neuron_pmi1_server *server, struct rank_socket *socket)
{
    ssize_t received = recv(socket->own, socket->received + socket->length,
                            sizeof(socket->received) - socket->length, MSG_DONTWAIT);

    if (received > 0) {
        socket->length += (size_t)received;
    } else if (received == 0 || (errno != EAGAIN && errno != EINTR)) {
        stop_listening(server, socket);
    }
}

bool
neuron_pmi1_server_next(struct neuron_pmi1_server *server, struct neuron_mpi_event *event)
{
    struct epoll_event ready = {0};

    if (server->unfinished != NO_RANK && take_lines(server, server->unfinished, event)) {
        return true;
    }
    while (epoll_wait(server->epoll, &ready, 1, 0) == 1) {
        receive(server, &server->sockets[ready.data.u32]);
        if (take_lines(server, ready.data.u32, event)) {
            return true;
        }
    }
    return false;
}

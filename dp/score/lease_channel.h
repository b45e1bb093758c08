/* SPDX-License-Identifier: Apache-2.0 */
/* Carries messages between the ranks of a job and its lease server. */
#ifndef NEURON_SCORE_LEASE_CHANNEL_H
#define NEURON_SCORE_LEASE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

/*
 * The server says where it is in a file beside the output, OUTPUT.server, which only its user may
 * read; it appears whole, and goes away with the server's end. On one host, and so within one
 * process, the server listens at an abstract ipc:// name. Where the job has ranks on several hosts
 * it listens at tcp://, on the addresses of the machine. Everything is CURVE encrypted with the key
 * that the launcher has given to all ranks (NEURONRUN_KEY), and nobody is let in who does not have
 * it. Ranks on one host that have none get a fresh one, which stands in the file; on several hosts
 * nothing listens without one.
 *
 * The server lets ranks in while it receives: it has to call receive() often, as ranks do until
 * they have heard from it.
 *
 * A channel belongs to the thread that made it.
 */
struct neuron_lease_channel;

/* Where the ranks of the job are. */
enum neuron_lease_reach { NEURON_LEASE_ONE_HOST = 0, NEURON_LEASE_ANY_HOST = 1 };

struct neuron_lease_channel_plan {
    const char *path;   /* "scores.npy.server" */
    const char *job_id; /* stands in the file: a rank of another job does not take it */
    const char *key;    /* NEURONRUN_KEY: 64 hex digits; NULL for none */
    enum neuron_lease_reach reach;
};

/* The server's process, as the file names it. */
struct neuron_lease_server_place {
    char host[65];
    pid_t pid;
    uint64_t start_ticks;
    uint64_t epoch_ns; /* when it began to listen: tells one server from the next */
};

enum {
    NEURON_LEASE_PEER_BYTES = 16,
    NEURON_LEASE_MESSAGE_BYTES = 32 * 1024 * 1024, /* most that a message has */
    NEURON_LEASE_QUEUE_LIMIT = 1024                /* messages on their way, each way and peer */
};

/* Whom a message came from; zeroed for the server. */
struct neuron_lease_peer {
    uint8_t size_bytes;
    unsigned char name[NEURON_LEASE_PEER_BYTES];
};

/* A message that has arrived. */
struct neuron_lease_delivery {
    struct neuron_lease_peer peer;
    const unsigned char *bytes; /* the channel's, until the next call */
    size_t size_bytes;
};

/*
 * Opens the server's end, and writes the file.
 *
 * Returns NEURON_INVALID_ARGUMENT for a missing or damaged key, with what to do; NEURON_SYSTEM;
 * NEURON_OUT_OF_MEMORY. Nothing is left then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_channel_listen(const struct neuron_lease_channel_plan *plan,
                            struct neuron_lease_channel **channel, struct neuron_error *error);

/*
 * Opens a rank's end to the server that the file names. Does not wait: whether anybody is there is
 * found out by talking.
 *
 * place  receives who it is. May be NULL.
 *
 * Returns NEURON_PEER_LOST when there is no file, or that of another job, or of a server for the
 * ranks of another host; NEURON_INVALID_SYNTAX for a damaged one; NEURON_INVALID_ARGUMENT,
 * NEURON_SYSTEM or NEURON_OUT_OF_MEMORY as above.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_channel_connect(const struct neuron_lease_channel_plan *plan,
                             struct neuron_lease_channel **channel,
                             struct neuron_lease_server_place *place, struct neuron_error *error);

/* Reads the file alone. Returns as neuron_lease_channel_connect(). */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_channel_find(const struct neuron_lease_channel_plan *plan,
                          struct neuron_lease_server_place *place, struct neuron_error *error);

/*
 * Sends a message, without waiting. What goes to a rank that is gone, or does not read, is dropped.
 *
 * peer        NULL for the server.
 * size_bytes  1 to NEURON_LEASE_MESSAGE_BYTES.
 *
 * Returns NEURON_INVALID_ARGUMENT for another size; NEURON_QUEUE_FULL, to ranks alone, when the
 * server has not read for so long that nothing more fits; NEURON_SYSTEM; NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_channel_send(struct neuron_lease_channel *channel,
                          const struct neuron_lease_peer *peer, const unsigned char *bytes,
                          size_t size_bytes, struct neuron_error *error);

/*
 * Takes the next message.
 *
 * timeout_ms  how long to wait for one; 0 not at all.
 *
 * Returns whether there was one. A signal ends the wait.
 */
bool
neuron_lease_channel_receive(struct neuron_lease_channel *channel, int timeout_ms,
                             struct neuron_lease_delivery *delivery);

/* A descriptor that becomes readable when messages may have arrived (ZMQ_FD: look with receive(, 0)
 * before waiting on it). */
int
neuron_lease_channel_descriptor(const struct neuron_lease_channel *channel);

/* Closes it, waiting at most so long for what is not sent; a server's file goes away. NULL is fine.
 */
void
neuron_lease_channel_destroy(struct neuron_lease_channel *channel, int linger_ms);

#endif

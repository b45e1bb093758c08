/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries messages between the launcher of a job and its shims on other hosts, encrypted, and from
 * and to nobody else. The one place of the launcher that knows ZeroMQ, which it loads when a
 * channel is made: a launch on one host has no use for it.
 */
#ifndef NEURON_LAUNCHER_JOB_CHANNEL_H
#define NEURON_LAUNCHER_JOB_CHANNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/host_addresses.h"
#include "neuron/status.h"

enum {
    NEURON_JOB_KEYS_BYTES = 3 * 80 + 1,
    NEURON_JOB_PEER_BYTES = 32,
    NEURON_JOB_CHANNEL_POLL_COUNT = 2
};

struct neuron_job_channel;

/* Whom a message came from; only the launcher tells its peers apart. */
struct neuron_job_peer {
    uint8_t size_bytes; /* 0 for none */
    unsigned char name[NEURON_JOB_PEER_BYTES];
};

/* What a shim needs to reach the launcher. */
struct neuron_job_contact {
    char addresses[NEURON_HOST_ADDRESSES_BYTES]; /* "tcp://10.0.0.1:4000,tcp://..." */
    char keys[NEURON_JOB_KEYS_BYTES]; /* in hex: the launcher's, the shims' two; secret */
};

/* A message that has arrived. */
struct neuron_job_delivery {
    struct neuron_job_peer peer;
    char address[64];  /* of the peer, as the launcher's kernel sees it; may be empty */
    const void *bytes; /* the channel's, until the next call */
    size_t size_bytes;
};

/*
 * Opens the launcher's end, with keys made for this job. It listens on every address of the
 * machine, and takes in only who proves to have the shims' key.
 *
 * contact  receives what shims need.
 *
 * Returns NEURON_SYSTEM, also where libzmq is missing or made without CURVE; NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_job_channel_listen(struct neuron_job_channel **channel, struct neuron_job_contact *contact,
                          struct neuron_error *error);

/*
 * Opens a shim's end: asks at every address, and keeps to the one from where the launcher answers.
 *
 * greeting  what is sent to each.
 *
 * Returns NEURON_TIMED_OUT when nobody has answered in time; else as above.
 */
enum neuron_status
neuron_job_channel_connect(const struct neuron_job_contact *contact, const void *greeting,
                           size_t greeting_bytes, int timeout_ms,
                           struct neuron_job_channel **channel, struct neuron_error *error);

/* The host part of the address at which a shim has reached the launcher. */
const char *
neuron_job_channel_reached(const struct neuron_job_channel *channel);

/* Says what to wait for, in NEURON_JOB_CHANNEL_POLL_COUNT entries. */
void
neuron_job_channel_prepare(const struct neuron_job_channel *channel, struct pollfd *waits);

/* Says whether something has arrived already: then nothing may be waited for. */
bool
neuron_job_channel_is_ready(const struct neuron_job_channel *channel);

/* Takes the next message, without waiting; false when there is none. */
bool
neuron_job_channel_receive(struct neuron_job_channel *channel,
                           struct neuron_job_delivery *delivery);

/*
 * Sends a message, without waiting. What goes to a peer that is gone is dropped.
 *
 * peer  NULL for the launcher.
 */
void
neuron_job_channel_send(struct neuron_job_channel *channel, const struct neuron_job_peer *peer,
                        const void *bytes, size_t size_bytes);

/*
 * Destroys a channel. Accepts NULL. Blocks for at most so long for what is not sent yet.
 */
void
neuron_job_channel_destroy(struct neuron_job_channel *channel, int linger_ms);

#endif

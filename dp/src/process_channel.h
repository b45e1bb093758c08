/* SPDX-License-Identifier: Apache-2.0 */
/* The wire between a process and the executor that it started for itself: messages by ZeroMQ. */
#ifndef NEURON_DP_PROCESS_CHANNEL_H
#define NEURON_DP_PROCESS_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "isolated_protocol.h"
#include "isolated_setup.h"

/*
 * One end of a pair of sockets. Each has a ZeroMQ context of its own, whose threads are where the
 * thread is that makes it: on the core that the two processes share, no message wakes another. One
 * thread at a time.
 */
struct neuron_process_channel;

/*
 * Makes an address that nobody else has: a name without a file, which is gone with the process that
 * listens, however that ends.
 *
 * Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_process_channel_make_address(char address[NEURON_ISOLATED_ADDRESS_BYTES],
                                    struct neuron_error *error);

/* Which end. */
enum neuron_channel_end { NEURON_CHANNEL_LISTENS, NEURON_CHANNEL_CONNECTS };

/*
 * Makes an end.
 *
 * address  made by the above, where both ends have the same user.
 * channel  receives a new end, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_process_channel_create(const char *address, enum neuron_channel_end end,
                              struct neuron_process_channel **channel, struct neuron_error *error);

/* Sends a message, which waits until the other end is there. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_process_channel_send(struct neuron_process_channel *channel,
                            const struct neuron_isolated_message *message,
                            struct neuron_error *error);

/* What a wait came to: bits. */
enum {
    NEURON_CHANNEL_HAS_MESSAGE = 1,
    NEURON_CHANNEL_HAS_OTHER = 2, /* the other descriptor is readable */
    NEURON_CHANNEL_FAILED = 4     /* the system refused to wait */
};

/*
 * Waits until there is a message, or another descriptor is readable.
 *
 * timeout_ms  most to wait; -1 for no limit.
 *
 * Returns the bits of what there is; none when the time is over, or a signal came.
 */
unsigned
neuron_process_channel_wait(struct neuron_process_channel *channel, int other, int timeout_ms);

/*
 * Receives a message.
 *
 * message     unchanged unless there was one.
 * was_there   says whether.
 *
 * Returns NEURON_INVALID_ARGUMENT for one that is none (isolated_protocol.h), or NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_process_channel_receive(struct neuron_process_channel *channel,
                               struct neuron_isolated_message *message, bool *was_there,
                               struct neuron_error *error);

/* Destroys an end, and drops what was not received. Accepts NULL. */
void
neuron_process_channel_destroy(struct neuron_process_channel *channel);

#endif

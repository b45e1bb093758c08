/* SPDX-License-Identifier: Apache-2.0 */
/* Carries addresses from any thread to one thread, in order. The one place that knows ZeroMQ. */
#ifndef NEURON_EXECUTOR_CHANNEL_H
#define NEURON_EXECUTOR_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/core_set.h"
#include "neuron/status.h"
#include "neuron/topology.h"

/* The channels of one runtime: a ZeroMQ context. It outlives its channels. */
struct neuron_channel_group;

/* An inbox: any thread sends, the thread that made it receives. */
struct neuron_channel;

/*
 * Makes a group for one channel per core. ZeroMQ's own thread, which clears closed sockets away,
 * is bound to these cores.
 *
 * cores  cores of the machine. Borrowed for the call.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_channel_group_create(const struct neuron_topology *topology,
                            const struct neuron_core_set *cores,
                            struct neuron_channel_group **group, struct neuron_error *error);

/* Says whether the calling process made the group: a forked child did not. Any thread. */
bool
neuron_channel_group_is_own(const struct neuron_channel_group *group);

/* Destroys a group without channels. Accepts NULL. Blocks until ZeroMQ's thread is gone. */
void
neuron_channel_group_destroy(struct neuron_channel_group *group);

/*
 * Makes a channel whose receiver is the calling thread.
 *
 * nc  the process's number of the receiver's core; unique in the group, and named in error texts.
 *
 * Returns NEURON_SYSTEM, most likely because the process may open no more files, or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_channel_create(struct neuron_channel_group *group, uint32_t nc,
                      struct neuron_channel **channel, struct neuron_error *error);

/*
 * Sends an address, which is not NULL. What the sender wrote before is visible to the receiver.
 *
 * Returns NEURON_QUEUE_FULL when NEURON_INBOX_LIMIT messages wait, NEURON_STOPPED when the channel
 * is closed, or NEURON_SYSTEM. Never waits for the receiver.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_channel_send(struct neuron_channel *channel, const void *message,
                    struct neuron_error *error);

/* Lets nobody send any more. What was sent is still received. Any thread. */
void
neuron_channel_close(struct neuron_channel *channel);

/*
 * Waits for the next address. Returns NULL when the channel is closed and all was received.
 * The receiving thread.
 */
const void *
neuron_channel_receive(struct neuron_channel *channel);

/* Says how many messages wait, at this moment. Any thread. */
uint32_t
neuron_channel_waiting_count(const struct neuron_channel *channel);

/* Destroys a channel. Accepts NULL. The receiving thread, or one that has joined it. */
void
neuron_channel_destroy(struct neuron_channel *channel);

#endif

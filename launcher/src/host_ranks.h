/* SPDX-License-Identifier: Apache-2.0 */
/* The ranks of a job on several hosts: who speaks for each, and what it has printed. */
#ifndef NEURON_LAUNCHER_HOST_RANKS_H
#define NEURON_LAUNCHER_HOST_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#include "job_channel.h"
#include "job_message.h"
#include "output_relay.h"

enum { NEURON_HOST_STREAMS = 2 };

/* Output that has come and does not fit into its pipe yet. */
struct neuron_host_stream {
    int pipe; /* the writing end of one that the relay reads; -1 after the end */
    char *bytes;
    size_t start;
    size_t end;
    bool is_over;
};

enum neuron_host_rank_state {
    NEURON_HOST_RANK_ABSENT,
    NEURON_HOST_RANK_JOINED,
    NEURON_HOST_RANK_RUNNING,
    NEURON_HOST_RANK_ENDED,
    NEURON_HOST_RANK_LEFT,
    NEURON_HOST_RANK_LOST /* does not answer */
};

struct neuron_host_rank {
    enum neuron_host_rank_state state;
    struct neuron_job_peer peer;
    char *identity; /* of its host */
    char *reached;  /* the address of ours that its shim has reached */
    char address[64];
    uint32_t node;
    uint32_t local_rank;
    uint32_t local_count;
    uint64_t heard_at_ms;
    uint64_t input_room;
    struct neuron_host_stream streams[NEURON_HOST_STREAMS];
};

struct neuron_host_ranks {
    struct neuron_host_rank *ranks;
    uint32_t rank_count;
    uint32_t node_count;
    struct neuron_job_channel *channel; /* borrowed */
};

/* Makes the ranks, each with pipes into the relay. */
enum neuron_status
neuron_host_ranks_create(uint32_t rank_count, struct neuron_job_channel *channel,
                         struct neuron_output_relay *relay, struct neuron_host_ranks **ranks,
                         struct neuron_error *error);

/* Sends a message to the shim of a rank that has joined and not left. */
void
neuron_host_ranks_send(const struct neuron_host_ranks *ranks, uint32_t rank,
                       struct neuron_job_message *message);

/* Sends it to all of them. */
void
neuron_host_ranks_send_all(const struct neuron_host_ranks *ranks,
                           struct neuron_job_message *message);

/* Numbers the hosts and the ranks on each, once all have joined. */
void
neuron_host_ranks_group(struct neuron_host_ranks *ranks);

/* Takes output in. What is over the window is dropped: no shim of ours sends that. */
void
neuron_host_ranks_take_output(struct neuron_host_ranks *ranks,
                              const struct neuron_job_message *message);

/* Hands output over to the relay as far as there is room, and tells the shims so. */
void
neuron_host_ranks_flush(struct neuron_host_ranks *ranks);

/* Says whether all output was handed over. */
bool
neuron_host_ranks_are_flushed(const struct neuron_host_ranks *ranks);

/* Ends the streams of a rank that sends no more. */
void
neuron_host_ranks_end_output(struct neuron_host_ranks *ranks, uint32_t rank);

void
neuron_host_ranks_destroy(struct neuron_host_ranks *ranks);

#endif

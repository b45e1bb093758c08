/* SPDX-License-Identifier: Apache-2.0 */
/* The ranks of a job, as the lease server knows them: who is there, who is silent. */
#ifndef NEURON_SCORE_RANK_ROLL_H
#define NEURON_SCORE_RANK_ROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_channel.h"
#include "score/lease_message.h"
#include "score/score_report.h"

/* Beside what a report shows of a rank. */
struct neuron_roll_entry {
    struct neuron_lease_peer peer;
    uint64_t start_ticks;
    uint64_t heard_ns;   /* CLOCK_MONOTONIC */
    uint64_t round_rows; /* that keep its cores busy once; at least 1 */
    bool is_on_this_host;
    bool has_left; /* it has said good-bye */
};

/* Zeroed but for its count and memory nobody has come yet. One thread at a time. */
struct neuron_rank_roll {
    struct neuron_report_rank *ranks; /* one a rank of the job */
    struct neuron_roll_entry *entries;
    uint32_t count;
};

/* Makes room for ranks. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_roll_create(struct neuron_rank_roll *roll, uint32_t count, struct neuron_error *error);

/* Enters a rank that says hello. */
void
neuron_rank_roll_enter(struct neuron_rank_roll *roll, const struct neuron_lease_peer *peer,
                       const struct neuron_lease_message *hello, uint64_t now_ns);

/* Says whether a message is from the process that is entered for its rank. */
bool
neuron_rank_roll_knows(const struct neuron_rank_roll *roll, const struct neuron_lease_peer *peer,
                       uint32_t rank);

/* Says whether a rank that counts as alive has ended, or has been silent for longer than that. */
bool
neuron_rank_roll_is_lost(const struct neuron_rank_roll *roll, uint32_t rank, uint64_t now_ns,
                         uint64_t timeout_ms);

/* Says whether a rank that counts as alive is stopped, by a signal, on this host. */
bool
neuron_rank_roll_is_stopped(const struct neuron_rank_roll *roll, uint32_t rank);

/* Ends the process of a rank that was lost, if it is one of this host and still there. Returns
 * whether it was. */
bool
neuron_rank_roll_end_process(const struct neuron_rank_roll *roll, uint32_t rank);

/* Frees what it holds. Accepts a zeroed one. */
void
neuron_rank_roll_destroy(struct neuron_rank_roll *roll);

#endif

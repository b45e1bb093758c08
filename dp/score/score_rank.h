/* SPDX-License-Identifier: Apache-2.0 */
/* A rank at work: asks for leases, has them done, puts them on disk, says so. */
#ifndef NEURON_SCORE_SCORE_RANK_H
#define NEURON_SCORE_SCORE_RANK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/lease_link.h"
#include "score/rank_work.h"

/* All of it is borrowed, and outlives the call. */
struct neuron_score_rank {
    const struct neuron_rank_tools *tools;
    struct neuron_lease_link *link;
    uint32_t rank;
    uint64_t load_ns;   /* that the model took to the cores */
    bool opens_outputs; /* made by another rank */
    const volatile sig_atomic_t *stop_signal;
};

/* How the job is over, as this rank was told, or has told. */
struct neuron_score_outcome {
    enum neuron_score_end end;
    bool is_lead;                       /* this rank has led the job to its end */
    uint64_t done_rows;                 /* of the job */
    char text[NEURON_LEASE_TEXT_BYTES]; /* why it failed; empty for complete */
};

/* How a failure of a rank ends a job: whether to run it again helps. */
enum neuron_score_end
neuron_score_end_for(enum neuron_status status);

/*
 * Works until the job is over, or a signal asks to stop: then what is written goes to disk first.
 *
 * Returns NEURON_PEER_LOST when the server is gone: what was not told to it is lost, and is done
 * again; or what stood in the way of this rank, which the server was told.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_rank_run(const struct neuron_score_rank *rank, struct neuron_score_outcome *outcome,
                      struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Scores files: one rank's part of a job, from its arguments to the outputs. */
#ifndef NEURON_SCORE_SCORE_JOB_H
#define NEURON_SCORE_SCORE_JOB_H

#include <signal.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/command_line.h"
#include "score/rank_identity.h"
#include "score/score_rank.h"

/* All of it is borrowed for the call. */
struct neuron_score_job {
    const struct neuron_score_options *options;
    const struct neuron_rank_identity *identity;
    const char *version;                      /* of the program */
    int64_t start_ns;                         /* since the epoch: when this rank started */
    const volatile sig_atomic_t *stop_signal; /* not 0 once a signal asked to stop */
};

/*
 * Scores rows with the other ranks of the job, until it is over. The first rank leads; where that
 * dies, one of the others does. The leader says on standard output what was done.
 *
 * outcome  receives how the job is over, also after a failure, as far as it is known.
 *
 * Returns what stood in the way of this rank. What was scored until then stays, and the job goes on
 * from there when it is run again.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_job_run(const struct neuron_score_job *job, struct neuron_score_outcome *outcome,
                     struct neuron_error *error);

#endif

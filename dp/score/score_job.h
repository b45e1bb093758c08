/* SPDX-License-Identifier: Apache-2.0 */
/* Scores a file: one rank's part of a job, from its arguments to the output. */
#ifndef NEURON_SCORE_SCORE_JOB_H
#define NEURON_SCORE_SCORE_JOB_H

#include <signal.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/command_line.h"
#include "score/rank_identity.h"

/* All of it is borrowed for the call. */
struct neuron_score_job {
    const struct neuron_score_options *options;
    const struct neuron_rank_identity *identity;
    int64_t start_ns;                         /* since the epoch: when this rank started */
    const volatile sig_atomic_t *stop_signal; /* not 0 once a signal asked to stop */
};

/*
 * Scores this rank's rows and writes them into the output, which appears under its name when the
 * last rank is done. Says on standard output what was done.
 *
 * Returns what stood in the way; NEURON_CANCELLED when it was told to stop, which it does after the
 * rows at hand. Nothing unfinished is left behind then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_job_run(const struct neuron_score_job *job, struct neuron_error *error);

#endif

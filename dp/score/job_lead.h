/* SPDX-License-Identifier: Apache-2.0 */
/* The rank that leads a job: it has the journal, serves the leases, and finishes the outputs. */
#ifndef NEURON_SCORE_JOB_LEAD_H
#define NEURON_SCORE_JOB_LEAD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"
#include "score/job_files.h"
#include "score/lease_channel.h"
#include "score/rank_identity.h"
#include "score/score_rank.h"

/* All of it is borrowed, and outlives the lead. */
struct neuron_job_lead_plan {
    const struct neuron_job_files *files;
    const struct neuron_rank_identity *identity;
    struct neuron_lease_channel_plan channel;
    const char *version; /* of the program */
    uint64_t batch_rows;
    int64_t start_ns; /* since the epoch: when this rank started */
    bool is_takeover; /* of a job that another rank of it led: it can only go on */
    const volatile sig_atomic_t *stop_signal;
};

/* One thread at a time. */
struct neuron_job_lead;

/*
 * Takes the lead: locks the journal, decides whether a job goes on, makes or opens the part files,
 * and serves.
 *
 * holder  receives, with NEURON_STOPPED, the process that has the lead, or -1. May be NULL.
 * lead    receives a new object, which the caller ends. Unchanged on failure.
 *
 * Returns NEURON_STOPPED when another process leads; or what stood in the way. What this call made
 * is removed then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_lead_take(const struct neuron_job_lead_plan *plan, pid_t *holder,
                     struct neuron_job_lead **lead, struct neuron_error *error);

/* Says whether all rows were done before this run: then this rank has nothing to score. */
bool
neuron_job_lead_is_done(const struct neuron_job_lead *lead);

/* Ends the job for everybody, as this rank cannot go on. */
void
neuron_job_lead_abort(struct neuron_job_lead *lead, enum neuron_score_end end,
                      const struct neuron_error *reason);

/*
 * Waits until all ranks have heard that the job is over; if it is complete, puts the outputs in
 * place; writes what was asked for of reports, and says on standard output what was done.
 *
 * outcome  receives how the job is over.
 *
 * Returns what stood in the way of finishing: the job can go on from there.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_lead_finish(struct neuron_job_lead *lead, struct neuron_score_outcome *outcome,
                       struct neuron_error *error);

/* Frees it, which lets others lead. After it was finished. Accepts NULL. */
void
neuron_job_lead_destroy(struct neuron_job_lead *lead);

#endif

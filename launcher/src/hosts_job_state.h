/* SPDX-License-Identifier: Apache-2.0 */
/* A job on several hosts while it runs: what its loop and its messages both change. */
#ifndef NEURON_LAUNCHER_HOSTS_JOB_STATE_H
#define NEURON_LAUNCHER_HOSTS_JOB_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "neuron/status.h"

#include "engine_process.h"
#include "host_input.h"
#include "host_ranks.h"
#include "hosts_job.h"
#include "job_body.h"
#include "job_channel.h"
#include "launch_plan.h"
#include "output_relay.h"
#include "placement.h"
#include "rank_table.h"
#include "restart_policy.h"
#include "stop_order.h"

enum { NEURON_HOSTS_JOIN_LIMIT_MS = 120000 /* for all shims to be there */ };

enum neuron_hosts_phase {
    NEURON_HOSTS_JOINING,
    NEURON_HOSTS_CLAIMING,
    NEURON_HOSTS_RUNNING,
    NEURON_HOSTS_LEAVING,
    NEURON_HOSTS_DRAINING
};

struct neuron_hosts_job {
    const struct neuron_hosts_request *request;
    struct neuron_output_relay *relay;
    struct neuron_host_input input;
    char **paths; /* of the programs, as they are reported */
    struct neuron_placement placement;
    struct neuron_launch_plan plan; /* each host has its own: this one has but the ranks' number */
    struct rlimit files;            /* the limit on open files that was */
    int signals;
    int host_file; /* for engines; -1 for none yet */
    uint64_t started_ms;
    uint64_t timeout_at_ms;
    bool is_timed_out;
    uint32_t restart_count;
    struct neuron_restart_list restarts;

    /* The attempt. */
    struct neuron_job_channel *channel;
    struct neuron_host_ranks *hosts;
    struct neuron_rank_table *ranks; /* what is reported; its processes are elsewhere */
    struct neuron_engine_process engine;
    struct neuron_stop_order order;
    struct neuron_error error; /* with an own cause */
    int code;                  /* the exit code of that */
    const struct neuron_rank *failed;
    uint32_t failed_count; /* ranks that failed by themselves */
    uint32_t stopped_count;
    uint32_t blamed_rank; /* of a host that failed; or NEURON_RESTART_NO_RANK */
    char **leases;        /* NEURON_JOB_PLACE_TEXTS of each rank */
    uint32_t joined_count;
    uint32_t claimed_count; /* ranks that have cores */
    uint32_t left_count;
    enum neuron_hosts_phase phase;
    bool has_started; /* all ranks were told to */
    bool is_refused;  /* a shim could not start its rank */
    bool has_lost_host;
    bool engine_asks;
    uint64_t phase_until_ms;
    uint64_t beat_at_ms;
    uint64_t cause_at_ms; /* when the engine's wish to stop counts as the cause */
};

/* The job as one on this machine would look at this moment. Points into the job. */
struct neuron_job
neuron_hosts_job_view(const struct neuron_hosts_job *job);

/* The host of a rank, by the name that the user gave. */
const char *
neuron_hosts_job_host(const struct neuron_hosts_job *job, uint32_t rank);

/* Sends a signal to all ranks that run; 0 for none. */
void
neuron_hosts_job_signal(struct neuron_hosts_job *job, int signal_number);

/* Stops the job, unless it is being stopped. */
void
neuron_hosts_job_stop(struct neuron_hosts_job *job, enum neuron_stop_cause cause);

/* Stops it for a reason of our own, with an exit code, unless there is another one. */
void
neuron_hosts_job_fail(struct neuron_hosts_job *job, int code, const char *text);

/* Notes that a rank will send nothing about a process any more. */
void
neuron_hosts_job_end_rank(struct neuron_hosts_job *job, uint32_t rank,
                          enum neuron_host_rank_state state);

/* Takes in a message (hosts_job_messages.c). */
void
neuron_hosts_job_take(struct neuron_hosts_job *job, const struct neuron_job_delivery *delivery);

#endif

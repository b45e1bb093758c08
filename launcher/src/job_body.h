/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the job share: everything that is known of a job while it lives. */
#ifndef NEURON_LAUNCHER_JOB_BODY_H
#define NEURON_LAUNCHER_JOB_BODY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

#include "exit_report.h"
#include "input_relay.h"
#include "job.h"
#include "memory_lack.h"
#include "output_relay.h"
#include "rank_table.h"
#include "restart_policy.h"
#include "stop_order.h"

/* An attempt is all ranks from their start to their end; a job that restarts has several. */
struct neuron_job {
    struct neuron_job_request request; /* its restart_count counts up */
    struct neuron_rank_table *ranks;
    struct neuron_output_relay *relay;
    struct neuron_input_relay input;
    int signals; /* signalfd */
    pid_t guardian;
    uint64_t started_ms;
    uint64_t timeout_at_ms;
    bool is_timed_out;
    uint64_t reaped_at_ms;  /* when orphans were last looked for */
    uint64_t reap_at_ms;    /* when to look again */
    uint64_t restart_at_ms; /* between two attempts: when the next one starts */
    struct neuron_restart_list restarts;

    /* The attempt. */
    struct neuron_stop_order order;
    struct neuron_error error;        /* with NEURON_STOP_START_FAILED */
    struct neuron_memory_kills kills; /* at its start */
    enum neuron_memory_lack lack;     /* where the failed rank died of SIGKILL */
    const struct neuron_rank *failed;
    uint32_t failed_count;                   /* ranks that failed by themselves */
    uint32_t stopped_count;                  /* ranks that were stopped because of the first */
    char end_text[NEURON_EXIT_REPORT_BYTES]; /* after the end: why; empty after success */
    bool is_draining;                        /* no rank is left */
    uint64_t drain_until_ms;
};

#endif

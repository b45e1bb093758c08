/* SPDX-License-Identifier: Apache-2.0 */
/* Whether and when a job starts again after a failure: values to values. */
#ifndef NEURON_LAUNCHER_RESTART_POLICY_H
#define NEURON_LAUNCHER_RESTART_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "exit_report.h"
#include "process.h"
#include "stop_order.h"

enum { NEURON_RESTART_FIRST_DELAY_MS = 1000, NEURON_RESTART_LONGEST_DELAY_MS = 60000 };

/* How an attempt ended. */
struct neuron_restart_question {
    enum neuron_stop_cause cause;
    enum neuron_process_step step; /* at which the failed rank's program did not start */
    bool is_timed_out;             /* --timeout is over, if only while ranks were being stopped */
    bool is_asked_to_stop;  /* a signal came, or output failed, while ranks were being stopped */
    uint32_t restart_count; /* so far */
    uint32_t restart_limit;
};

/* Says whether to start again: only after a rank failed whose program did run. */
bool
neuron_restart_is_due(const struct neuron_restart_question *question);

/* How long to wait before the next attempt: doubles with each, up to a minute. */
uint64_t
neuron_restart_delay_ms(uint32_t restart_count);

#define NEURON_RESTART_NO_RANK UINT32_MAX /* the engine failed */

/* A restart that was decided on. */
struct neuron_restart {
    uint64_t at_ms; /* of CLOCK_REALTIME, when it was decided */
    uint64_t delay_ms;
    uint32_t rank; /* whose failure, or whose host's, caused it; or NEURON_RESTART_NO_RANK */
    int exit_code; /* of that rank; NEURON_EXIT_OWN_ERROR where it is not known */
    char cause[NEURON_EXIT_REPORT_BYTES];
};

/* All restarts of a job, in order. A zeroed list is empty. */
struct neuron_restart_list {
    struct neuron_restart *restarts;
    uint32_t count;
};

/* Adds a copy. Says whether there was memory. */
bool
neuron_restart_list_add(struct neuron_restart_list *list, const struct neuron_restart *restart);

/* Frees what the list owns. */
void
neuron_restart_list_clear(struct neuron_restart_list *list);

#endif

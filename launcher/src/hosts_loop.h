/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a job on several hosts: what it waits for, and what time brings. */
#ifndef NEURON_LAUNCHER_HOSTS_LOOP_H
#define NEURON_LAUNCHER_HOSTS_LOOP_H

#include <stdint.h>

#include "hosts_job_state.h"

/* Waits until something happens, and takes it in. Ranks are gone in phase DRAINING. */
void
neuron_hosts_job_once(struct neuron_hosts_job *job);

/* Lets the engine end, or kills it: one that has lost a host would wait for minutes. */
void
neuron_hosts_job_end_engine(struct neuron_hosts_job *job);

/*
 * Waits between two attempts, while nothing runs. A signal, the time-out or a closed output ends
 * the wait, and is then the cause of the job's end.
 */
void
neuron_hosts_job_wait(struct neuron_hosts_job *job, uint64_t until_ms);

#endif

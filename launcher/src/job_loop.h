/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a job: waits for what comes next, and takes it in. */
#ifndef NEURON_LAUNCHER_JOB_LOOP_H
#define NEURON_LAUNCHER_JOB_LOOP_H

#include "job_body.h"
#include "stop_order.h"

/* Stops all ranks, unless they are being stopped already. */
void
neuron_job_stop(struct neuron_job *job, enum neuron_stop_cause cause);

/* Waits once, and takes in what came: ends before signals, signals before times. */
void
neuron_job_loop_once(struct neuron_job *job);

#endif

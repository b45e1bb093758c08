/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine and the shims it starts are told. */
#ifndef NEURON_LAUNCHER_HOSTS_SETUP_H
#define NEURON_LAUNCHER_HOSTS_SETUP_H

#include "neuron/status.h"

#include "engine_process.h"
#include "host_ranks.h"
#include "hosts_job.h"
#include "job_channel.h"

/* Starts the engine for one shim a rank. */
enum neuron_status
neuron_hosts_setup_start_engine(const struct neuron_hosts_request *request,
                                const struct neuron_job_contact *contact,
                                struct neuron_engine_process *engine, struct neuron_error *error);

/* Tells every rank what to run. All have joined and are grouped by hosts. */
enum neuron_status
neuron_hosts_setup_send(const struct neuron_hosts_request *request,
                        const struct neuron_host_ranks *ranks, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine and the shims it starts are told. */
#ifndef NEURON_LAUNCHER_HOSTS_SETUP_H
#define NEURON_LAUNCHER_HOSTS_SETUP_H

#include "neuron/status.h"

#include "engine_process.h"
#include "host_ranks.h"
#include "hosts_job.h"
#include "job_channel.h"

/*
 * Starts the engine for one shim a rank.
 *
 * host_file  receives a file that the engine reads when it likes; -1 where there is none yet. The
 *            caller closes it after the last engine's end.
 */
enum neuron_status
neuron_hosts_setup_start_engine(const struct neuron_hosts_request *request,
                                const struct neuron_job_contact *contact, int *host_file,
                                struct neuron_engine_process *engine, struct neuron_error *error);

/* Tells every rank what to run. All have joined and are grouped by hosts. */
enum neuron_status
neuron_hosts_setup_send(const struct neuron_hosts_request *request,
                        const struct neuron_host_ranks *ranks, uint32_t restart_count,
                        struct neuron_error *error);

#endif

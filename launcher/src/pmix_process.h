/* SPDX-License-Identifier: Apache-2.0 */
/* The launcher's side of its PMIx server, a process of its own (launcher/pmix). */
#ifndef NEURON_LAUNCHER_PMIX_PROCESS_H
#define NEURON_LAUNCHER_PMIX_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

#include "launch_plan.h"
#include "pmix_message.h"

enum { NEURON_PMIX_VARIABLE_LIMIT = 64 };

/* A zeroed one, with both descriptors -1, is no server. */
struct neuron_pmix_process {
    int socket;
    int watch; /* pidfd */
    pid_t process;
    char *variables[NEURON_PMIX_VARIABLE_LIMIT]; /* for every rank: "NAME=VALUE" */
    size_t variable_count;
};

/*
 * Starts the server, and returns while it makes itself ready.
 *
 * program      its path.
 * folder       of the session.
 * environment  of the launcher; of what others say about PMIx nothing reaches the server.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_pmix_process_start(struct neuron_pmix_process *server, char *program, char *folder,
                          char *const *environment, struct neuron_error *error);

/*
 * Tells the server of the ranks, and waits until they may start: some milliseconds; many seconds
 * where the server is stuck.
 *
 * Returns NEURON_SYSTEM where there is no server, with what to do about it.
 */
enum neuron_status
neuron_pmix_process_register(struct neuron_pmix_process *server,
                             const struct neuron_launch_plan *plan, struct neuron_error *error);

/* Kills the server, and forgets it. Does nothing where there is none. */
void
neuron_pmix_process_stop(struct neuron_pmix_process *server);

#endif

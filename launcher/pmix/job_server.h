/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PMIx server that Open MPI programs of one job talk to, by libpmix. There is one in a process,
 * as that library has it. Its threads call back; what they have to tell goes over a socket to
 * neuronrun (pmix_message.h).
 */
#ifndef NEURON_LAUNCHER_PMIX_JOB_SERVER_H
#define NEURON_LAUNCHER_PMIX_JOB_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* How a server is to be. Borrowed for ever. */
struct neuron_job_server_options {
    int socket;           /* to neuronrun */
    const char *folder;   /* of the job; holds "server" and "job" */
    bool hurries_answers; /* a workaround: neuron_job_server_run() acknowledges at once */
};

/* The ranks of the job. */
struct neuron_pmix_job {
    uint32_t rank_count;
    uint32_t core_count;
    char **cpus; /* by rank: "0-3", or empty where it is not bound */
};

enum { NEURON_JOB_SERVER_POLL_COUNT = 2 };

/* Starts the server, which knows of no job yet. Returns NULL, or why it does not start. */
const char *
neuron_job_server_start(const struct neuron_job_server_options *options);

/* Makes a job known, and prints nothing. Returns NULL, or why that fails. */
const char *
neuron_job_server_register(const struct neuron_pmix_job *job);

/*
 * The variables that every rank gets: "NAME=VALUE", the last NULL. They name the rank that they
 * are made for, 0, in PMIX_RANK. Kept for ever. NULL where that fails.
 */
char **
neuron_job_server_variables(void);

/* Says what to wait for, in NEURON_JOB_SERVER_POLL_COUNT entries. */
void
neuron_job_server_prepare(struct pollfd *waits);

/* Does what the library's own threads may not do. */
void
neuron_job_server_run(void);

#endif

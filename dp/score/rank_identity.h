/* SPDX-License-Identifier: Apache-2.0 */
/* Which rank of which job this process is. */
#ifndef NEURON_SCORE_RANK_IDENTITY_H
#define NEURON_SCORE_RANK_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

enum {
    NEURON_WORLD_SIZE_LIMIT = 1000000, /* most ranks of a job */
    NEURON_JOB_ID_BYTES = 128          /* the text that names a job, with its terminator */
};

struct neuron_rank_identity {
    uint32_t rank;       /* below world_size */
    uint32_t world_size; /* at least 1 */
    bool is_local;       /* all ranks of the job are on this host */
    const char *key;     /* that the launcher gave to all ranks; NULL for none. The environment's */
    char job_id[NEURON_JOB_ID_BYTES];
};

/*
 * Reads RANK and WORLD_SIZE, or else OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE; a process
 * without either pair is a job of one rank. The job is named by NEURONRUN_JOBID; else several ranks
 * are one job when one process started them all, and a single rank is a job of its own.
 *
 * They are on one host where LOCAL_WORLD_SIZE, or OMPI_COMM_WORLD_LOCAL_SIZE, says so, or none of
 * them is there. The key is NEURONRUN_KEY.
 *
 * environment  "NAME=value" texts, ended by NULL; outlives the key.
 * identity     unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX with the variable, its value and what would be right.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_rank_identity_read(char *const *environment, struct neuron_rank_identity *identity,
                          struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of one rank: a function from values to values. */
#ifndef NEURON_LAUNCHER_RANK_ENVIRONMENT_H
#define NEURON_LAUNCHER_RANK_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* What a rank's environment is made of. All texts are borrowed until the environment's end. */
struct neuron_rank_environment_request {
    char *const *inherited;         /* the launcher's own; ends with NULL */
    const char *const *assignments; /* of the user: "VAR=VALUE", or "VAR", which changes nothing */
    uint32_t assignment_count;
    uint32_t rank;
    uint32_t rank_count;
    uint32_t core_count; /* of this rank */
    const char *cores;   /* of this rank, the machine's numbers: "4-7" */
    const char *lease;   /* the reservation that the rank's cores are in: "4242:0" */
    const char *job_id;
    const char *key;           /* of the job, which its ranks alone have */
    uint16_t port;             /* at which the ranks can meet */
    const char *const *served; /* "VAR=VALUE", of the server behind MPI ranks */
    size_t served_count;
    uint32_t restart_count; /* attempts of the job before this one */
    /* Of a job on several hosts; all zero on one. */
    uint32_t local_rank;
    uint32_t local_count; /* ranks on this host; 0 for all of them */
    uint32_t node;        /* which host this is */
    const char *address;  /* of the first host; NULL for this one */
    bool keeps_world;     /* what an engine tells MPI programs about their world is passed on */
};

struct neuron_rank_environment {
    char **entries;   /* "VAR=VALUE", ends with NULL: what execve() takes */
    size_t own_count; /* that many at the start are this object's, the others borrowed */
};

/* What becomes of an inherited NEURONCORE_GROUP_SIZES. */
enum neuron_group_sizes_fate {
    NEURON_GROUP_SIZES_ABSENT,
    NEURON_GROUP_SIZES_REMOVED,  /* it speaks of the launcher's cores, not of a rank's */
    NEURON_GROUP_SIZES_PASSED_ON /* -x names it: the ranks get it, or what -x assigns */
};

/*
 * Makes an environment: what is inherited, then the user's assignments, then what neuronrun sets,
 * and what the MPI server wants. MASTER_ADDR, MASTER_PORT and OMP_NUM_THREADS are set only where
 * nobody else did. What an enclosing launcher tells about its own rank is left out.
 *
 * environment  receives a new one, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_rank_environment_create(const struct neuron_rank_environment_request *request,
                               struct neuron_rank_environment **environment,
                               struct neuron_error *error);

/* Says what becomes of it. Only `inherited` and the assignments of the request count. */
enum neuron_group_sizes_fate
neuron_rank_environment_group_sizes(const struct neuron_rank_environment_request *request);

/* Says whether neuronrun itself decides on a variable. */
bool
neuron_rank_environment_is_own(const char *name, size_t length);

/* Destroys an environment. Accepts NULL. */
void
neuron_rank_environment_destroy(struct neuron_rank_environment *environment);

#endif

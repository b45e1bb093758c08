/* SPDX-License-Identifier: Apache-2.0 */
/* What stood in the way of a claim, and the text that tells whoever claimed. */
#ifndef NEURON_CORES_LEASE_REFUSAL_H
#define NEURON_CORES_LEASE_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/core_set.h"
#include "neuron/status.h"

/* The cores that a claim found taken. */
struct neuron_lease_obstacle {
    struct neuron_core_set *taken;
    pid_t holder; /* of the first of them; 0 when it cannot be seen */
    bool is_own;  /* this process itself holds the first of them */
};

/* A run of free cores: its first and last core. */
struct neuron_free_run {
    uint32_t count;
    uint32_t first;
    uint32_t last;
};

/* Notes a core that is taken, and who holds it when it is the first. */
enum neuron_status
neuron_lease_obstacle_note(struct neuron_lease_obstacle *obstacle, uint32_t core, pid_t holder,
                           struct neuron_error *error);

/* Refuses a claim of exactly these cores. Returns NEURON_CORES_TAKEN. */
enum neuron_status
neuron_lease_refuse_cores(const struct neuron_lease_obstacle *obstacle,
                          const struct neuron_core_set *cores, struct neuron_error *error);

/*
 * Refuses a claim of any `count` cores in a row. Returns NEURON_CORES_TAKEN.
 *
 * longest  the longest run that there was, shorter than `count`.
 */
enum neuron_status
neuron_lease_refuse_run(const struct neuron_lease_obstacle *obstacle, uint32_t count,
                        const struct neuron_free_run *longest, struct neuron_error *error);

#endif

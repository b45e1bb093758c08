/* SPDX-License-Identifier: Apache-2.0 */
/* How a shim takes cores for the ranks of its host, and starts its own. */
#ifndef NEURON_LAUNCHER_SHIM_START_H
#define NEURON_LAUNCHER_SHIM_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#include "command_line.h"
#include "job_message.h"
#include "launch_plan.h"
#include "rank_table.h"

/* What the launcher wants to be run. A zeroed one is empty. */
struct neuron_shim_setup {
    void *bytes; /* in which the message lies */
    struct neuron_job_message message;
    struct neuron_command_line line;
    char **words;
    char *path; /* of the rank's program */
};

/* The pipes of a rank that runs. */
struct neuron_shim_pipes {
    int input; /* the writing end, non-blocking; -1 for none */
    int output[2];
};

/* One of the numbers of a setup. */
uint64_t
neuron_shim_setup_number(const struct neuron_shim_setup *setup, enum neuron_job_setup_number which);

/*
 * Takes in a setup: enters the working directory, and finds the program.
 *
 * setup  is destroyed by the caller also after a failure.
 * code   receives the exit code that a failure calls for.
 */
enum neuron_status
neuron_shim_setup_create(const void *bytes, size_t size_bytes, struct neuron_shim_setup *setup,
                         int *code, struct neuron_error *error);

void
neuron_shim_setup_destroy(struct neuron_shim_setup *setup);

/* Plans for all ranks of this host, and claims their cores; errors as those of the plan. */
enum neuron_status
neuron_shim_claim(const struct neuron_shim_setup *setup, struct neuron_launch_plan **plan,
                  struct neuron_error *error);

/*
 * Writes what a plan gives its ranks, as the texts of a CLAIMED.
 *
 * texts  receives new memory; the caller frees each text and it.
 */
enum neuron_status
neuron_shim_describe(const struct neuron_launch_plan *plan, char ***texts, uint32_t *count,
                     struct neuron_error *error);

/* Starts the rank as the only one of the table, at a place: see enum neuron_job_place_text. */
enum neuron_status
neuron_shim_start_rank(const struct neuron_shim_setup *setup, const char *const *place,
                       struct neuron_rank_table *table, struct neuron_shim_pipes *pipes,
                       struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A replica of a module as what runs rows on its cores. */
#ifndef NEURON_DP_REPLICA_PROGRAM_H
#define NEURON_DP_REPLICA_PROGRAM_H

#include <stdint.h>

#include "chunk_program.h"
#include "neuron/module.h"

/*
 * Makes a program of a replica, on any thread.
 *
 * module    outlives the program.
 * replica   of one core, and then runs on its executor's thread; or of several, and is submitted.
 * run_rows  what the model was compiled for.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_replica_program_create(struct neuron_module *module, uint32_t replica, int64_t run_rows,
                              struct neuron_chunk_program *program, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The user's functions as what runs rows on one core. */
#ifndef NEURON_DP_CUSTOM_PROGRAM_H
#define NEURON_DP_CUSTOM_PROGRAM_H

#include <stdint.h>

#include "neuron/custom_program.h"
#include "neuron/executor.h"

#include "chunk_program.h"

/*
 * Makes an instance of a custom program, and what its runs need beside it.
 *
 * program   checked; outlives the new one.
 * place     its core. Copied.
 * executor  of that core, which counts the runs; outlives the instance. NULL counts nothing.
 * run_rows  most rows of a run, at least 1; the program's own limit makes it less.
 * chunk     receives what runs it, which is ended by its destroy(). Unchanged on failure.
 *
 * Returns what the program's create() returns, or NEURON_OUT_OF_MEMORY. Its runs return what the
 * program's run() returns; and NEURON_TIMED_OUT for a run that began, or ended, behind its
 * deadline: nothing interrupts a function of the user's. On the thread of the core's executor.
 */
enum neuron_status
neuron_custom_chunk_program_create(const struct neuron_custom_program *program,
                                   const struct neuron_custom_place *place,
                                   struct neuron_executor *executor, int64_t run_rows,
                                   struct neuron_chunk_program *chunk, struct neuron_error *error);

#endif

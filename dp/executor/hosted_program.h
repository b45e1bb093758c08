/* SPDX-License-Identifier: Apache-2.0 */
/* The program that this process was started for: a model's replica, or a library's instance. */
#ifndef NEURON_EXECUTOR_HOSTED_PROGRAM_H
#define NEURON_EXECUTOR_HOSTED_PROGRAM_H

#include <stdint.h>

#include "neuron/module.h"
#include "neuron/runtime.h"
#include "neuron/status.h"

#include "isolated_setup.h"

/* All calls are made by one thread, which is no executor's. */
struct neuron_hosted_program;

/*
 * Loads the program onto the runtime's cores, and maps its tensors. Closes the descriptors of both.
 *
 * setup   outlives the program.
 * config  of a library; outlives the program. NULL for none.
 *
 * Returns NEURON_DAMAGED_MODEL for a library that has changed since the other process opened it, as
 * neuron_model_load() and neuron_module_create(), or neuron_custom_library_open() and
 * the library's create(), do, or as neuron_shared_slots_open().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_hosted_program_create(const struct neuron_isolated_setup *setup, const char *config,
                             struct neuron_runtime *runtime, struct neuron_hosted_program **program,
                             struct neuron_error *error);

/*
 * Begins a run of what lies in the tensors. No other is under way.
 *
 * done  hears the end, on an executor's thread, with `argument`.
 *
 * Returns NEURON_INVALID_ARGUMENT for more rows than there is room for, or why it cannot begin:
 * then nobody will be told of an end.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_hosted_program_submit(struct neuron_hosted_program *program, int64_t rows,
                             neuron_run_done_fn *done, void *argument, struct neuron_error *error);

/* Destroys the program. Accepts NULL and half-built ones. No run is under way. */
void
neuron_hosted_program_destroy(struct neuron_hosted_program *program);

#endif

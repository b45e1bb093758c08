/* SPDX-License-Identifier: Apache-2.0 */
/* What rows are scored with: a compiled model, or a custom program from a shared library. */
#ifndef NEURON_SCORE_SCORED_PROGRAM_H
#define NEURON_SCORE_SCORED_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/status.h"
#include "neuron/tensor.h"
#include "score/command_line.h"
#include "score/job_fingerprint.h"

/* One thread at a time. */
struct neuron_scored_program;

/*
 * Loads what the options name, with their weights or for their configuration, and checks that its
 * rows do not depend on each other: a result does not change with the rows beside it.
 *
 * program  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns as neuron_model_load(), neuron_model_replace_weights() or neuron_custom_library_open();
 * NEURON_UNSUPPORTED_MODEL for one that does not give a row for each row.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_scored_program_load(const struct neuron_score_options *options,
                           struct neuron_scored_program **program, struct neuron_error *error);

/* Its tensors, in its order: shapes of a run, in which dimension 0 counts rows. Live as long as it
 * does. */
const struct neuron_tensor_spec *
neuron_scored_program_inputs(const struct neuron_scored_program *program);
const struct neuron_tensor_spec *
neuron_scored_program_outputs(const struct neuron_scored_program *program);
const bool *
neuron_scored_program_shared(const struct neuron_scored_program *program);
uint32_t
neuron_scored_program_input_count(const struct neuron_scored_program *program);
uint32_t
neuron_scored_program_output_count(const struct neuron_scored_program *program);

/* The rows of a run: the compiled batch; at least 1. */
uint64_t
neuron_scored_program_batch_rows(const struct neuron_scored_program *program);

/* How many cores a replica takes; at least 1. */
uint32_t
neuron_scored_program_core_count(const struct neuron_scored_program *program);

/* Says whether it is a custom program. */
bool
neuron_scored_program_is_custom(const struct neuron_scored_program *program);

/* Says what this machine lacks of what a model was compiled for; false for nothing. */
bool
neuron_scored_program_find_lack(const struct neuron_scored_program *program,
                                struct neuron_error *lack);

/* Adds what it is to a fingerprint: its name, and a checksum of what it computes. */
NEURON_MUST_CHECK enum neuron_status
neuron_scored_program_identify(const struct neuron_scored_program *program,
                               struct neuron_job_fingerprint *fingerprint,
                               struct neuron_error *error);

/* Puts it on cores: neuron_data_parallel_create(), or neuron_data_parallel_create_custom(). */
NEURON_MUST_CHECK enum neuron_status
neuron_scored_program_place(const struct neuron_scored_program *program,
                            struct neuron_runtime *runtime,
                            const struct neuron_data_parallel_options *options,
                            struct neuron_data_parallel **parallel, struct neuron_error *error);

/* Destroys it, when no object runs it. Accepts NULL. */
void
neuron_scored_program_destroy(struct neuron_scored_program *program);

#endif

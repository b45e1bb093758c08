/* SPDX-License-Identifier: Apache-2.0 */
/* The output files that the options name, and the outputs that go into each. */
#ifndef NEURON_SCORE_OUTPUT_FILES_H
#define NEURON_SCORE_OUTPUT_FILES_H

#include "neuron/status.h"
#include "score/output_layout.h"

/*
 * Fills files with their kinds, names and outputs. Every output is in one file, and every file has
 * at least one.
 *
 * layout  has no files; those made are in it also after a failure, to be destroyed.
 *
 * Returns NEURON_INVALID_ARGUMENT, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_files_choose(const struct neuron_output_plan *plan,
                           struct neuron_output_layout *layout, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of an isolated replica, as both processes count them. */
#ifndef NEURON_DP_ISOLATED_TENSORS_H
#define NEURON_DP_ISOLATED_TENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/custom_program.h"
#include "neuron/model.h"
#include "neuron/status.h"

/* Their sizes with all rows of a run: inputs first, then outputs. A zeroed one has none. */
struct neuron_isolated_tensors {
    size_t *size_bytes;
    uint32_t input_count;
    uint32_t count; /* of both */
};

/* Lists those of a model, with its compiled shapes. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_tensors_of_model(const struct neuron_model *model,
                                 struct neuron_isolated_tensors *tensors,
                                 struct neuron_error *error);

/*
 * Lists those of a custom program that was checked (neuron_custom_program_check()), with so many
 * rows.
 *
 * Returns NEURON_OUT_OF_MEMORY, also when their size cannot be counted.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_tensors_of_program(const struct neuron_custom_program *program, int64_t rows,
                                   struct neuron_isolated_tensors *tensors,
                                   struct neuron_error *error);

/* Frees the list. Accepts a zeroed one. */
void
neuron_isolated_tensors_free(struct neuron_isolated_tensors *tensors);

#endif

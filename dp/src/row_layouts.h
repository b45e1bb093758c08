/* SPDX-License-Identifier: Apache-2.0 */
/* How the tensors of what is run lie along the dimension that is cut. */
#ifndef NEURON_DP_ROW_LAYOUTS_H
#define NEURON_DP_ROW_LAYOUTS_H

#include <stddef.h>
#include <stdint.h>

#include "batch_plan.h"
#include "program_specs.h"

/* Fills in one layout a tensor for calls with dynamic batching: a row is an extent of 1. */
void
neuron_row_layouts_dynamic(const struct neuron_program_specs *specs,
                           struct neuron_row_layout *layouts);

/*
 * Fills in one layout a tensor of a model for calls with exact shapes: a row is what one run takes.
 *
 * dim  what neuron_program_specs_check_dim() resolved.
 */
void
neuron_row_layouts_exact(const struct neuron_program_specs *specs, int32_t dim,
                         struct neuron_row_layout *layouts);

/*
 * Says how many bytes a buffer for each tensor of a run takes, `run_rows` rows of those with rows;
 * 0 for a shared one, which is read where it is.
 */
void
neuron_row_layouts_buffer_bytes(const struct neuron_row_layout *layouts, uint32_t count,
                                int64_t run_rows, size_t *buffer_bytes);

/* Says whether a run of some tensor has its rows in more than one block. */
bool
neuron_row_layouts_are_strided(const struct neuron_row_layout *layouts, uint32_t count);

#endif

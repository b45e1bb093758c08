/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of one call, and whether they fit what is run. */
#ifndef NEURON_DP_BATCH_TENSORS_H
#define NEURON_DP_BATCH_TENSORS_H

#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/status.h"

#include "program_specs.h"

/*
 * Both checks hold each tensor against its spec, one that all rows share against its whole shape,
 * and refuse outputs that overlap. They return NEURON_INVALID_ARGUMENT with what is and what must
 * be.
 */

/*
 * Checks tensors with any number of rows in dimension 0, the same in all.
 *
 * specs  of a model in which neuron_model_find_batch() found rows, or of a program of the user's.
 * rows   receives the number. Unchanged on failure.
 */
enum neuron_status
neuron_batch_tensors_check_rows(const struct neuron_batch_tensors *tensors,
                                const struct neuron_program_specs *specs, int64_t *rows,
                                struct neuron_error *error);

/* How tensors are cut that must have an exact shape. */
struct neuron_exact_cut {
    int32_t dim; /* what neuron_program_specs_check_dim() resolved */
    uint32_t replicas;
};

/*
 * Checks tensors whose extent along the dimension that is cut must be `replicas` times the compiled
 * one, or 0 in all of them, and which have the compiled extents else. What the compiled extents are
 * may differ from tensor to tensor.
 *
 * specs   of a model.
 * extent  receives that of the first tensor that is not shared, or 1 a replica where that says
 *         nothing; 0 says that there is nothing to run. Unchanged on failure.
 */
enum neuron_status
neuron_batch_tensors_check_exact(const struct neuron_batch_tensors *tensors,
                                 const struct neuron_program_specs *specs,
                                 const struct neuron_exact_cut *cut, int64_t *extent,
                                 struct neuron_error *error);

#endif

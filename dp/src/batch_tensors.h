/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of one call, and whether they fit the model. */
#ifndef NEURON_DP_BATCH_TENSORS_H
#define NEURON_DP_BATCH_TENSORS_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* What a caller hands over. All of it is the caller's, and lives until the call returns. */
struct neuron_batch_tensors {
    const struct neuron_tensor_view *inputs;
    const struct neuron_tensor_view *outputs;
    uint32_t input_count;
    uint32_t output_count;
};

/*
 * Says how many rows a run of the model takes, if batches may be cut along them.
 *
 * Returns NEURON_UNSUPPORTED_MODEL, with the reason, if they may not.
 */
enum neuron_status
neuron_model_find_batch(const struct neuron_model *model, int64_t *compiled_batch,
                        struct neuron_error *error);

/*
 * Checks tensors with any number of rows, the same in all, for a model in which
 * neuron_model_find_batch() found them. Inputs that all rows share have their compiled shape, here
 * as below. `rows` receives it; unchanged on failure. Returns
 * NEURON_INVALID_ARGUMENT with what is and what must be.
 */
enum neuron_status
neuron_batch_tensors_check_rows(const struct neuron_batch_tensors *tensors,
                                const struct neuron_model *model, int64_t *rows,
                                struct neuron_error *error);

/*
 * Checks tensors whose dimension 0 must be `cores` times the compiled one, or 0 in all of them.
 * `rows` receives that of the first tensor that is not shared, or one row a core where that says
 * nothing; unchanged on failure. Returns NEURON_INVALID_ARGUMENT with what is and what must be.
 */
enum neuron_status
neuron_batch_tensors_check_exact(const struct neuron_batch_tensors *tensors,
                                 const struct neuron_model *model, uint32_t cores, int64_t *rows,
                                 struct neuron_error *error);

#endif

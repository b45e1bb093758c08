/* SPDX-License-Identifier: Apache-2.0 */
/* How a batch of any size is cut into runs of a model: checks of what is given, and the pieces. */
#ifndef NEURON_MODULE_BATCH_CUT_H
#define NEURON_MODULE_BATCH_CUT_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

struct neuron_batch_cut {
    int64_t rows;         /* of the whole batch; may be 0 */
    int64_t chunk_rows;   /* of every piece but the last, at least 1 */
    uint32_t bucket;      /* that takes these */
    uint32_t last_bucket; /* that takes the last piece, the smallest that it fits into */
};

/*
 * Checks that batches of a model, in each of its buckets, may be cut.
 *
 * Returns NEURON_UNSUPPORTED_MODEL, as neuron_model_check_batchable() does.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_batch_cut_check(const struct neuron_model *model, struct neuron_error *error);

/*
 * Checks the tensors of a batch, of a model that passed, and finds the pieces. The counts are
 * right.
 *
 * Returns NEURON_INVALID_ARGUMENT with what is given and what must be, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_batch_cut_find(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
                      const struct neuron_tensor_view *outputs, struct neuron_batch_cut *cut,
                      struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Some rows of a batch, as a run of one bucket takes them. */
#ifndef NEURON_MODULE_BATCH_CHUNK_H
#define NEURON_MODULE_BATCH_CHUNK_H

#include <stdint.h>

#include "module/module_body.h"
#include "module/staged_tensors.h"
#include "neuron/tensor.h"

struct neuron_batch_chunk {
    struct neuron_batch_chunk *next_free;
    struct neuron_batched_run *call;
    int64_t first_row;
    int64_t row_count;
    struct neuron_tensor_view *inputs; /* followed by the outputs in the same array */
    struct neuron_tensor_view *outputs;
    struct neuron_staged_tensors staged;
};

/* Makes a chunk for calls of a module. Returns NULL when there is no memory. */
struct neuron_batch_chunk *
neuron_batch_chunk_create(const struct neuron_module *module, struct neuron_batched_run *call);

/* Accepts NULL. */
void
neuron_batch_chunk_destroy(struct neuron_batch_chunk *chunk);

/*
 * Brings the rows of a chunk to the shapes of a bucket, filled up with the last of them. Full ones
 * stay where they are.
 *
 * inputs, outputs  of the whole batch.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_batch_chunk_fill(struct neuron_batch_chunk *chunk, const struct neuron_model *bucket,
                        const struct neuron_tensor_view *inputs,
                        const struct neuron_tensor_view *outputs, struct neuron_error *error);

#endif

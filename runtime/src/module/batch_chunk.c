/* SPDX-License-Identifier: Apache-2.0 */
#include "module/batch_chunk.h"

#include <stdlib.h>

struct neuron_batch_chunk *
neuron_batch_chunk_create(const struct neuron_module *module, struct neuron_batched_run *call)
{
    struct neuron_batch_chunk *chunk = calloc(1, sizeof(*chunk));

    if (chunk == NULL) {
        return NULL;
    }
    chunk->call = call;
    chunk->inputs =
        calloc((size_t)module->input_count + module->output_count + 1, sizeof(*chunk->inputs));
    if (chunk->inputs == NULL) {
        free(chunk);
        return NULL;
    }
    chunk->outputs = chunk->inputs + module->input_count;
    return chunk;
}

void
neuron_batch_chunk_destroy(struct neuron_batch_chunk *chunk)
{
    if (chunk == NULL) {
        return;
    }
    neuron_staged_tensors_close(&chunk->staged);
    free(chunk->inputs);
    free(chunk);
}

/* The rows of a tensor that a chunk has. */
static struct neuron_tensor_view
cut_view(const struct neuron_tensor_view *whole, const struct neuron_batch_chunk *chunk)
{
    struct neuron_tensor_view piece = *whole;
    struct neuron_tensor_shape before;

    piece.shape[0] = chunk->first_row;
    before = neuron_tensor_view_shape(&piece);
    if (whole->data != NULL) {
        piece.data = (unsigned char *)whole->data + neuron_tensor_shape_size_bytes(&before);
    }
    piece.shape[0] = chunk->row_count;
    return piece;
}

enum neuron_status
neuron_batch_chunk_fill(struct neuron_batch_chunk *chunk, const struct neuron_model *bucket,
                        const struct neuron_tensor_view *inputs,
                        const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    for (uint32_t i = 0; i < neuron_model_input_count(bucket); i += 1) {
        chunk->inputs[i] =
            neuron_model_input_is_shared(bucket, i) ? inputs[i] : cut_view(&inputs[i], chunk);
    }
    for (uint32_t i = 0; i < neuron_model_output_count(bucket); i += 1) {
        chunk->outputs[i] = cut_view(&outputs[i], chunk);
    }
    return neuron_staged_tensors_fill(&chunk->staged, bucket, chunk->inputs, chunk->outputs,
                                      NEURON_STAGED_LAST_ROW, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "staging.h"

#include <stdlib.h>
#include <string.h>

#include "slice_copy.h"

enum { ALIGNMENT_BYTES = 64 }; /* of a buffer: a cache line, and the widest vector */

enum neuron_status
neuron_staging_init(struct neuron_staging *staging, struct neuron_chunk_program *program,
                    const size_t *buffer_bytes, uint32_t input_count, uint32_t tensor_count,
                    struct neuron_error *error)
{
    *staging = (struct neuron_staging){
        .program = program,
        .input_count = input_count,
        .tensor_count = tensor_count,
        .addresses = calloc(tensor_count, sizeof(void *)),
        .buffers = calloc(tensor_count, sizeof(void *)),
        .buffer_bytes = calloc(tensor_count, sizeof(*staging->buffer_bytes)),
    };
    if (staging->addresses == NULL || staging->buffers == NULL || staging->buffer_bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the addresses of a run");
    }
    memcpy(staging->buffer_bytes, buffer_bytes, tensor_count * sizeof(*buffer_bytes));
    if (program->buffers != NULL) {
        memcpy(staging->buffers, program->buffers, tensor_count * sizeof(void *));
    }
    return NEURON_OK;
}

/* Makes a buffer. Zeroing it is also what puts its pages near this thread's core. */
static void *
make_buffer(size_t size_bytes)
{
    size_t rounded = 0;

    if (__builtin_add_overflow(size_bytes, ALIGNMENT_BYTES, &rounded)) {
        return NULL;
    }
    rounded -= rounded % ALIGNMENT_BYTES;
    void *buffer = aligned_alloc(ALIGNMENT_BYTES, rounded);
    if (buffer != NULL) {
        memset(buffer, 0, rounded);
    }
    return buffer;
}

/* Frees the buffers that there are. */
static void
free_buffers(struct neuron_staging *staging)
{
    for (uint32_t i = 0; staging->owns_buffers && i < staging->tensor_count; i += 1) {
        free(staging->buffers[i]);
        staging->buffers[i] = NULL;
    }
    staging->owns_buffers = false;
}

enum neuron_status
neuron_staging_reserve(struct neuron_staging *staging, struct neuron_error *error)
{
    if (staging->program->buffers != NULL || staging->owns_buffers) {
        return NEURON_OK;
    }
    staging->owns_buffers = true;
    for (uint32_t i = 0; i < staging->tensor_count; i += 1) {
        size_t size_bytes = staging->buffer_bytes[i];

        staging->buffers[i] = size_bytes == 0 ? NULL : make_buffer(size_bytes);
        if (size_bytes > 0 && staging->buffers[i] == NULL) {
            free_buffers(staging);
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                               "no memory for the %zu bytes of a tensor that is packed",
                               size_bytes);
        }
    }
    return NEURON_OK;
}

void
neuron_staging_begin(struct neuron_staging *staging, const struct neuron_batch_plan *plan,
                     struct neuron_row_range rows, uint64_t deadline_ns)
{
    staging->plan = plan;
    staging->rest = rows;
    staging->copied_bytes = 0;
    staging->order = (struct neuron_chunk_run){
        .inputs = staging->addresses,
        .outputs = staging->addresses + staging->input_count,
        .deadline_ns = deadline_ns,
    };
}

/* Where a tensor of the chunk under way is. */
static unsigned char *
data_at(const struct neuron_staging *staging, uint32_t position)
{
    const struct neuron_batch_tensors *tensors = &staging->plan->tensors;

    return position < staging->input_count ? tensors->inputs[position].data
                                           : tensors->outputs[position - staging->input_count].data;
}

/* Where the rows of the run under way lie in a tensor. */
static struct neuron_slice
slice_of(const struct neuron_staging *staging, const struct neuron_row_layout *layout)
{
    return (struct neuron_slice){
        .first_byte = (size_t)staging->run.first * layout->row_bytes,
        .run_bytes = (size_t)staging->run.count * layout->row_bytes,
        .stride_bytes = (size_t)staging->plan->split.rows * layout->row_bytes,
        .run_count = layout->outer_count,
    };
}

/*
 * Fills a buffer of dimension 0 up with the last row in it, again and again. Not with zeros: what a
 * model makes of these may be a NaN (0 / 0), which the runtime's check for them would blame on the
 * caller's rows.
 */
static void
pad_rows(unsigned char *buffer, size_t used_bytes, size_t row_bytes, size_t size_bytes)
{
    for (size_t end = used_bytes; row_bytes > 0 && end < size_bytes; end += row_bytes) {
        memcpy(buffer + end, buffer + used_bytes - row_bytes, row_bytes);
    }
}

/* Packs an input into its buffer. */
static void
pack_input(struct neuron_staging *staging, uint32_t position)
{
    const struct neuron_row_layout *layout = &staging->plan->layouts[position];
    const unsigned char *data = data_at(staging, position);
    unsigned char *buffer = staging->buffers[position];

    if (layout->is_shared) {
        memcpy(buffer, data, layout->row_bytes);
        staging->copied_bytes += layout->row_bytes;
        return;
    }
    struct neuron_slice slice = slice_of(staging, layout);
    neuron_slice_pack(&slice, data, buffer);
    staging->copied_bytes += neuron_slice_size_bytes(&slice);
    if (staging->order.rows > staging->run.count) {
        pad_rows(buffer, slice.run_bytes, layout->row_bytes,
                 (size_t)staging->order.rows * layout->row_bytes);
    }
}

/* Says whether the run under way may use the caller's memory. */
static bool
fits_in_place(const struct neuron_staging *staging)
{
    const struct neuron_chunk_program *program = staging->program;

    if (program->buffers != NULL || staging->run.count < staging->order.rows) {
        return false;
    }
    for (uint32_t i = 0; i < staging->tensor_count; i += 1) {
        if (staging->plan->layouts[i].outer_count > 1) {
            return false;
        }
    }
    return true;
}

/* Sets the address of a tensor for a run in place. */
static void
point_at_rows(struct neuron_staging *staging, uint32_t position)
{
    const struct neuron_row_layout *layout = &staging->plan->layouts[position];
    size_t offset_bytes = layout->is_shared ? 0 : (size_t)staging->run.first * layout->row_bytes;

    staging->addresses[position] = data_at(staging, position) + offset_bytes;
}

enum neuron_status
neuron_staging_prepare(struct neuron_staging *staging, struct neuron_error *error)
{
    const struct neuron_chunk_program *program = staging->program;

    staging->run = neuron_row_range_take(&staging->rest, staging->plan->run_rows);
    staging->order.rows = program->is_padded ? staging->plan->run_rows : staging->run.count;
    staging->is_in_place = fits_in_place(staging);
    if (!staging->is_in_place) {
        enum neuron_status status = neuron_staging_reserve(staging, error);

        if (status != NEURON_OK) {
            return status;
        }
    }
    for (uint32_t i = 0; i < staging->tensor_count; i += 1) {
        if (staging->is_in_place || staging->buffers[i] == NULL) {
            point_at_rows(staging, i);
            continue;
        }
        staging->addresses[i] = staging->buffers[i];
        if (i < staging->input_count) {
            pack_input(staging, i);
        }
    }
    return NEURON_OK;
}

void
neuron_staging_finish(struct neuron_staging *staging)
{
    for (uint32_t i = staging->input_count; !staging->is_in_place && i < staging->tensor_count;
         i += 1) {
        struct neuron_slice slice = slice_of(staging, &staging->plan->layouts[i]);

        neuron_slice_unpack(&slice, staging->buffers[i], data_at(staging, i));
        staging->copied_bytes += neuron_slice_size_bytes(&slice);
    }
}

void
neuron_staging_clear(struct neuron_staging *staging)
{
    free_buffers(staging);
    free(staging->buffer_bytes);
    free(staging->buffers);
    free(staging->addresses);
    *staging = (struct neuron_staging){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "staging.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/executor.h"
#include "neuron/model.h"
#include "neuron/tensor.h"

enum { ALIGNMENT_BYTES = 64 }; /* of a buffer: a cache line, and the widest vector */

/* What stands behind one input or output. For an input that all rows share, all but `is_shared` is
   zero: every run reads it where the caller has it. */
struct slot {
    bool is_shared;
    size_t size_bytes;     /* of the compiled tensor */
    size_t row_bytes;      /* of one row of it */
    unsigned char *buffer; /* NULL where no run is staged */
};

struct neuron_staging {
    struct neuron_module *module;
    uint32_t replica;
    uint32_t input_count;
    uint32_t count;         /* of inputs and outputs together */
    int64_t compiled_batch; /* 0 where no run is staged */
    struct slot *slots;     /* inputs first */
    void **addresses;       /* of the run under way, in the order of the slots */
};

/* Making a staging on its executor: what goes there, and what comes back. */
struct making {
    struct neuron_module *module;
    uint32_t replica;
    int64_t compiled_batch;
    struct neuron_staging *staging; /* NULL when memory could not be had */
};

/* Makes the buffer of a slot. Zeroing it is also what puts its pages near this thread's core. */
static bool
fill_slot(struct slot *slot, size_t size_bytes, int64_t compiled_batch)
{
    size_t buffer_bytes = 0;

    slot->size_bytes = size_bytes;
    if (compiled_batch == 0) {
        return true;
    }
    slot->row_bytes = size_bytes / (size_t)compiled_batch;
    if (__builtin_add_overflow(size_bytes, ALIGNMENT_BYTES, &buffer_bytes)) {
        return false;
    }
    buffer_bytes -= buffer_bytes % ALIGNMENT_BYTES;
    slot->buffer = aligned_alloc(ALIGNMENT_BYTES, buffer_bytes);
    if (slot->buffer == NULL) {
        return false;
    }
    memset(slot->buffer, 0, buffer_bytes);
    return true;
}

/* Sets the slots and makes their buffers. Returns false when there is no memory for them. */
static bool
fill_staging(struct neuron_staging *staging)
{
    const struct neuron_model *model = neuron_module_model(staging->module);

    staging->input_count = neuron_model_input_count(model);
    staging->count = staging->input_count + neuron_model_output_count(model);
    /* One more, so that a model without tensors is no special case of calloc. */
    staging->slots = calloc((size_t)staging->count + 1, sizeof(*staging->slots));
    staging->addresses = calloc((size_t)staging->count + 1, sizeof(*staging->addresses));
    if (staging->slots == NULL || staging->addresses == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < staging->count; i += 1) {
        const struct neuron_tensor_spec *spec =
            i < staging->input_count ? neuron_model_input(model, i)
                                     : neuron_model_output(model, i - staging->input_count);
        size_t size_bytes = neuron_tensor_shape_size_bytes(&spec->shape);

        if (i < staging->input_count && neuron_model_input_is_shared(model, i)) {
            staging->slots[i].is_shared = true;
        } else if (!fill_slot(&staging->slots[i], size_bytes, staging->compiled_batch)) {
            return false;
        }
    }
    return true;
}

/* The work of the executor's thread. */
static void
make_staging(void *argument)
{
    struct making *making = argument;
    struct neuron_staging *staging = calloc(1, sizeof(*staging));

    if (staging == NULL) {
        return;
    }
    staging->module = making->module;
    staging->replica = making->replica;
    staging->compiled_batch = making->compiled_batch;
    if (!fill_staging(staging)) {
        neuron_staging_destroy(staging);
        return;
    }
    making->staging = staging;
}

enum neuron_status
neuron_staging_create(struct neuron_module *module, uint32_t replica, int64_t compiled_batch,
                      struct neuron_staging **staging, struct neuron_error *error)
{
    struct neuron_executor *executor = neuron_module_replica_executor(module, replica);
    struct making making = {.module = module, .replica = replica, .compiled_batch = compiled_batch};
    struct neuron_request request = {.work = make_staging, .argument = &making};
    enum neuron_status status = neuron_completion_create(&request.completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_completion_arm(request.completion, 1);
    status = neuron_executor_submit(executor, &request, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(request.completion);
    }
    neuron_completion_wait(request.completion);
    neuron_completion_destroy(request.completion);
    if (status != NEURON_OK) {
        return status;
    }
    if (making.staging == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no memory on nc:%u for the buffers of a batch of the model \"%.60s\"",
                           neuron_executor_core(executor),
                           neuron_model_name(neuron_module_model(module)));
    }
    *staging = making.staging;
    return NEURON_OK;
}

/* The view of a slot's tensor. */
static const struct neuron_tensor_view *
view_at(const struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
        uint32_t position)
{
    return position < staging->input_count ? &tensors->inputs[position]
                                           : &tensors->outputs[position - staging->input_count];
}

/* Runs the replica on the addresses that are set. */
static enum neuron_status
run_replica(struct neuron_staging *staging, struct neuron_error *error)
{
    return neuron_module_run_replica(staging->module, staging->replica, staging->addresses,
                                     staging->addresses + staging->input_count, error);
}

/* Runs a full compiled batch where it is. */
static enum neuron_status
run_in_place(struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
             int64_t first_row, struct neuron_error *error)
{
    for (uint32_t i = 0; i < staging->count; i += 1) {
        unsigned char *start = view_at(staging, tensors, i)->data;

        staging->addresses[i] = start + (size_t)first_row * staging->slots[i].row_bytes;
    }
    return run_replica(staging, error);
}

/*
 * Copies rows into the buffer of an input, and fills it up with the last of them again and again.
 * Not with zeros: what a model makes of these may be a NaN (0 / 0), which the runtime's check for
 * them would blame on the caller's rows.
 */
static void
stage_rows(const struct slot *slot, const unsigned char *first_row, int64_t count)
{
    size_t used_bytes = (size_t)count * slot->row_bytes;

    memcpy(slot->buffer, first_row, used_bytes);
    for (size_t end = used_bytes; slot->row_bytes > 0 && end < slot->size_bytes;
         end += slot->row_bytes) {
        memcpy(slot->buffer + end, slot->buffer + used_bytes - slot->row_bytes, slot->row_bytes);
    }
}

/* Runs less than a compiled batch in the buffers. */
static enum neuron_status
run_staged(struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
           struct neuron_row_range rows, struct neuron_error *error)
{
    for (uint32_t i = 0; i < staging->count; i += 1) {
        const struct slot *slot = &staging->slots[i];
        unsigned char *start = view_at(staging, tensors, i)->data;

        staging->addresses[i] = slot->is_shared ? start : slot->buffer;
        if (i < staging->input_count && !slot->is_shared) {
            stage_rows(slot, start + (size_t)rows.first * slot->row_bytes, rows.count);
        }
    }

    enum neuron_status status = run_replica(staging, error);

    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = staging->input_count; i < staging->count; i += 1) {
        const struct slot *slot = &staging->slots[i];
        unsigned char *start = view_at(staging, tensors, i)->data;

        memcpy(start + (size_t)rows.first * slot->row_bytes, slot->buffer,
               (size_t)rows.count * slot->row_bytes);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_staging_run_rows(struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
                        struct neuron_row_range rows, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    while (rows.count > 0 && status == NEURON_OK) {
        struct neuron_row_range run = neuron_row_range_take(&rows, staging->compiled_batch);

        if (run.count == staging->compiled_batch) {
            status = run_in_place(staging, tensors, run.first, error);
        } else {
            status = run_staged(staging, tensors, run, error);
        }
    }
    return status;
}

enum neuron_status
neuron_staging_run_part(struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
                        int64_t index, struct neuron_error *error)
{
    for (uint32_t i = 0; i < staging->count; i += 1) {
        unsigned char *start = view_at(staging, tensors, i)->data;

        staging->addresses[i] = start + (size_t)index * staging->slots[i].size_bytes;
    }
    return run_replica(staging, error);
}

void
neuron_staging_destroy(struct neuron_staging *staging)
{
    if (staging == NULL) {
        return;
    }
    for (uint32_t i = 0; staging->slots != NULL && i < staging->count; i += 1) {
        free(staging->slots[i].buffer);
    }
    free(staging->addresses);
    free(staging->slots);
    free(staging);
}

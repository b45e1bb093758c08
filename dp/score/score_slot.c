/* SPDX-License-Identifier: Apache-2.0 */
#include "score/score_slot.h"

#include <stdio.h>
#include <stdlib.h>

#include "neuron/clock.h"
#include "score/real_clock.h"
#include "score/result_check.h"
#include "score/row_rescue.h"
#include "score/row_views.h"

enum { ALIGNMENT_BYTES = 64 };

static size_t
aligned(size_t bytes)
{
    return bytes + (ALIGNMENT_BYTES - bytes % ALIGNMENT_BYTES) % ALIGNMENT_BYTES;
}

/* Lays the results of all outputs out behind each other; returns the bytes that takes. */
static size_t
lay_out(struct neuron_score_slot *slot, unsigned char *memory)
{
    const struct neuron_scored_program *program = slot->tools->program;
    const struct neuron_tensor_spec *specs = neuron_scored_program_outputs(program);
    size_t position = 0;

    for (uint32_t i = 0; i < neuron_scored_program_output_count(program); i += 1) {
        struct neuron_tensor_shape shape = specs[i].shape;

        shape.dims[0] = (int64_t)slot->block.count;
        slot->outputs[i] = neuron_tensor_view_of(&shape, memory == NULL ? NULL : memory + position);
        position += aligned(neuron_row_size_bytes(&shape) * (size_t)slot->block.count);
    }
    return position;
}

static enum neuron_status
make_room(struct neuron_score_slot *slot, struct neuron_error *error)
{
    uint32_t count = neuron_scored_program_output_count(slot->tools->program);

    if (slot->outputs == NULL) {
        slot->outputs = calloc(count, sizeof(*slot->outputs));
    }
    if (slot->outputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for results");
    }
    size_t needed = aligned(lay_out(slot, NULL) + 1);
    if (needed > slot->memory_bytes) {
        free(slot->memory);
        slot->memory_bytes = 0;
        slot->memory = aligned_alloc(ALIGNMENT_BYTES, needed);
        if (slot->memory == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                               "no memory for the results of %llu rows; use a smaller batch",
                               (unsigned long long)slot->block.count);
        }
        slot->memory_bytes = needed;
    }
    (void)lay_out(slot, slot->memory);
    return NEURON_OK;
}

static enum neuron_status
submit(struct neuron_score_slot *slot)
{
    const struct neuron_batch_tensors tensors = {
        .inputs = slot->block.views,
        .outputs = slot->outputs,
        .input_count = neuron_scored_program_input_count(slot->tools->program),
        .output_count = neuron_scored_program_output_count(slot->tools->program)};
    const struct neuron_data_parallel_call_options options = {.report = slot->report};

    slot->begin_ns = neuron_clock_ns();
    slot->real_ns = neuron_real_ns();
    return neuron_data_parallel_submit(slot->parallel, &tensors, &options, &slot->call,
                                       &slot->early_error);
}

enum neuron_status
neuron_score_slot_begin(struct neuron_score_slot *slot, struct neuron_row_range rows,
                        struct neuron_data_parallel *parallel,
                        struct neuron_data_parallel_report *report, struct neuron_error *error)
{
    slot->parallel = parallel;
    slot->report = report;
    slot->early_status = NEURON_OK;
    enum neuron_status status =
        neuron_row_source_take(slot->tools->source, rows.first, rows.count, &slot->block, error);
    if (status == NEURON_OK) {
        status = make_room(slot, error);
    }
    if (status == NEURON_OK) {
        slot->early_status = submit(slot);
        if (slot->early_status != NEURON_OK && !neuron_row_rescue_helps(slot->early_status)) {
            status = NEURON_FAIL(error, slot->early_status, "%s", slot->early_error.text);
        }
    }
    if (status != NEURON_OK) {
        neuron_score_slot_release(slot);
    }
    return status;
}

bool
neuron_score_slot_is_done(struct neuron_score_slot *slot)
{
    bool is_done = slot->call == NULL;

    if (!is_done) {
        enum neuron_status status =
            neuron_data_parallel_try_wait(slot->call, &is_done, &slot->early_error);

        if (is_done) {
            slot->call = NULL;
            slot->early_status = status;
        }
    }
    return is_done;
}

/* Rows that held no numbers were run as zeros, and their results mean nothing. */
static enum neuron_status
add_bad_inputs(const struct neuron_score_slot *slot, struct neuron_failure_list *failures,
               struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < slot->block.bad_count; i += 1) {
        const struct neuron_bad_row *bad = &slot->block.bad[i];
        struct neuron_row_failure failure = {
            .row = bad->row, .stage = NEURON_BAD_READ, .attempts = 1, .input = bad->input};

        (void)snprintf(failure.reason, sizeof(failure.reason), "%s", bad->reason);
        status = neuron_failure_list_add(failures, &failure, error);
    }
    return status;
}

static enum neuron_status
rescue(struct neuron_score_slot *slot, struct neuron_failure_list *failures,
       struct neuron_error *error)
{
    const struct neuron_slot_tools *tools = slot->tools;
    const struct neuron_row_rescue block = {
        .parallel = slot->parallel,
        .inputs = slot->block.views,
        .is_shared = neuron_scored_program_shared(tools->program),
        .input_count = neuron_scored_program_input_count(tools->program),
        .outputs = slot->outputs,
        .output_count = neuron_scored_program_output_count(tools->program),
        .first_row = slot->block.first,
        .row_count = slot->block.count,
        .breath = tools->breath,
        .is_custom = neuron_scored_program_is_custom(tools->program),
        .row_timeout_ms = tools->options->row_timeout_ms,
        .most_failures = tools->most_failures};

    return neuron_row_rescue_run(&block, failures, error);
}

/* Which output of a row holds the NaN. */
static const char *
name_of_nan(const struct neuron_score_slot *slot, uint64_t row)
{
    const struct neuron_tensor_spec *specs = neuron_scored_program_outputs(slot->tools->program);
    uint32_t count = neuron_scored_program_output_count(slot->tools->program);
    uint64_t found = 0;
    uint32_t output = 0;

    while (output + 1 < count) {
        struct neuron_tensor_view view = neuron_row_view(&slot->outputs[output], row, 1);

        if (neuron_result_find_nan(&view, 1, 0, &found, 1) == 1) {
            break;
        }
        output += 1;
    }
    return specs[output].name;
}

/* Looks for results that are no numbers, where the run told of some or did not look. */
static enum neuron_status
add_nans(const struct neuron_score_slot *slot, struct neuron_failure_list *failures,
         struct neuron_error *error)
{
    uint32_t count = neuron_scored_program_output_count(slot->tools->program);
    enum neuron_status status = NEURON_OK;
    uint64_t row = 0;

    while (status == NEURON_OK && row < slot->block.count &&
           neuron_result_find_nan(slot->outputs, count, row, &row, 1) == 1) {
        struct neuron_row_failure failure = {
            .row = slot->block.first + row, .stage = NEURON_BAD_NAN, .attempts = 1};

        (void)snprintf(failure.reason, sizeof(failure.reason), "output %.80s holds a NaN",
                       name_of_nan(slot, row));
        status = neuron_failure_list_add(failures, &failure, error);
        row += 1;
    }
    return status;
}

static void
fill_failed(const struct neuron_score_slot *slot, const struct neuron_failure_list *failures)
{
    uint32_t count = neuron_scored_program_output_count(slot->tools->program);

    for (size_t i = 0; i < failures->count; i += 1) {
        neuron_result_fill(slot->outputs, count, failures->items[i].row - slot->block.first,
                           slot->tools->options);
    }
}

enum neuron_status
neuron_score_slot_finish(struct neuron_score_slot *slot, struct neuron_failure_list *failures,
                         struct neuron_error *error)
{
    struct neuron_failure_list found = {0};

    if (slot->call != NULL) {
        slot->early_status = neuron_data_parallel_wait(slot->call, &slot->early_error);
        slot->call = NULL;
    }
    enum neuron_status run = slot->early_status;
    if (run != NEURON_OK && !neuron_row_rescue_helps(run)) {
        return NEURON_FAIL(error, run, "%s", slot->early_error.text);
    }
    bool may_hold_nan = run == NEURON_NUMERICAL_ERROR || slot->tools->looks_for_nans;
    bool has_results = run == NEURON_OK || (run == NEURON_NUMERICAL_ERROR &&
                                            !neuron_scored_program_is_custom(slot->tools->program));
    enum neuron_status status = add_bad_inputs(slot, &found, error);
    if (status == NEURON_OK && !has_results) {
        status = rescue(slot, &found, error);
        may_hold_nan = true;
    }
    if (status == NEURON_OK && slot->tools->options->nan == NEURON_NAN_IS_ERROR && may_hold_nan) {
        status = add_nans(slot, &found, error);
    }
    neuron_failure_list_sort(&found);
    fill_failed(slot, &found);
    for (size_t i = 0; status == NEURON_OK && i < found.count; i += 1) {
        status = neuron_failure_list_add(failures, &found.items[i], error);
    }
    neuron_failure_list_destroy(&found);
    return status;
}

void
neuron_score_slot_release(struct neuron_score_slot *slot)
{
    if (slot->call != NULL) {
        neuron_data_parallel_cancel(slot->call);
        neuron_ignore(neuron_data_parallel_wait(slot->call, NULL));
        slot->call = NULL;
    }
    neuron_row_block_release(slot->tools->source, &slot->block);
}

void
neuron_score_slot_destroy(struct neuron_score_slot *slot)
{
    neuron_row_block_destroy(&slot->block);
    free(slot->outputs);
    free(slot->memory);
    *slot = (struct neuron_score_slot){0};
}

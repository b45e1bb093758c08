/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_rescue.h"

#include <stdio.h>
#include <stdlib.h>

#include "neuron/clock.h"
#include "score/row_range.h"
#include "score/row_views.h"

enum { ATTEMPTS = 2, DEPTH_LIMIT = 65 };

bool
neuron_row_rescue_helps(enum neuron_status status)
{
    switch (status) {
    case NEURON_INVALID_ARGUMENT:
    case NEURON_UNSUPPORTED_MODEL:
    case NEURON_TIMED_OUT:
    case NEURON_PEER_LOST:
    case NEURON_SYSTEM:
    case NEURON_NUMERICAL_ERROR:
        return true;
    case NEURON_OK:
    case NEURON_INVALID_SYNTAX:
    case NEURON_OUT_OF_MEMORY:
    case NEURON_NO_SUCH_CORE:
    case NEURON_CORES_TAKEN:
    case NEURON_DAMAGED_MODEL:
    case NEURON_QUEUE_FULL:
    case NEURON_CANCELLED:
    case NEURON_STOPPED:
    case NEURON_DEVICE_MEMORY_FULL:
        break;
    }
    return false;
}

/* Views of some rows, in memory that is there for all tries. */
struct rescue_views {
    struct neuron_tensor_view *inputs;
    struct neuron_tensor_view *outputs;
};

static enum neuron_status
run_rows(const struct neuron_row_rescue *rescue, const struct rescue_views *views,
         const struct neuron_row_range *rows, struct neuron_error *error)
{
    for (uint32_t i = 0; i < rescue->input_count; i += 1) {
        views->inputs[i] = rescue->is_shared[i]
                               ? rescue->inputs[i]
                               : neuron_row_view(&rescue->inputs[i], rows->first, rows->count);
    }
    for (uint32_t i = 0; i < rescue->output_count; i += 1) {
        views->outputs[i] = neuron_row_view(&rescue->outputs[i], rows->first, rows->count);
    }
    if (rescue->breath.breathe != NULL) {
        rescue->breath.breathe(rescue->breath.argument);
    }
    enum neuron_status status =
        neuron_data_parallel_run(rescue->parallel, views->inputs, rescue->input_count,
                                 views->outputs, rescue->output_count, error);
    /* All results of a model are there then, and whoever looks for what is no number finds it. */
    return status == NEURON_NUMERICAL_ERROR && !rescue->is_custom ? NEURON_OK : status;
}

/* A row that fails alone is tried once more: what was chance does not come again. */
static enum neuron_status
try_row(const struct neuron_row_rescue *rescue, const struct rescue_views *views,
        const struct neuron_row_range *row, struct neuron_failure_list *failures,
        struct neuron_error *error)
{
    struct neuron_error reason = {0};
    enum neuron_status status = NEURON_SYSTEM;
    uint64_t took_ns = 0;
    uint32_t attempts = 0;

    while (attempts < ATTEMPTS && status != NEURON_OK) {
        uint64_t begin_ns = neuron_clock_ns();

        status = run_rows(rescue, views, row, &reason);
        took_ns = neuron_clock_ns() - begin_ns;
        attempts += 1;
        if (status != NEURON_OK && !neuron_row_rescue_helps(status)) {
            return NEURON_FAIL(error, status, "%s", reason.text);
        }
    }
    if (status == NEURON_OK) {
        return NEURON_OK;
    }
    bool is_late =
        rescue->row_timeout_ms != 0 && took_ns / NEURON_NS_PER_MS >= rescue->row_timeout_ms;
    struct neuron_row_failure failure = {.row = rescue->first_row + row->first,
                                         .stage = is_late || status == NEURON_TIMED_OUT
                                                      ? NEURON_BAD_TIME
                                                  : status == NEURON_PEER_LOST ? NEURON_BAD_CRASH
                                                                               : NEURON_BAD_RUN,
                                         .attempts = attempts};
    (void)snprintf(failure.reason, sizeof(failure.reason), "%.*s", (int)sizeof(failure.reason) - 1,
                   reason.text);
    return neuron_failure_list_add(failures, &failure, error);
}

/* Runs several rows; `has_failed` receives whether one of them is bad. */
static enum neuron_status
try_rows(const struct neuron_row_rescue *rescue, const struct rescue_views *views,
         const struct neuron_row_range *rows, bool *has_failed, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    /* That the whole block fails is known. */
    enum neuron_status status =
        rows->count == rescue->row_count ? NEURON_SYSTEM : run_rows(rescue, views, rows, &reason);

    *has_failed = neuron_row_rescue_helps(status);
    if (status != NEURON_OK && !*has_failed) {
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    return NEURON_OK;
}

/* Depth first, so that what waits is one range a halving. */
static enum neuron_status
run_halves(const struct neuron_row_rescue *rescue, const struct rescue_views *views,
           struct neuron_failure_list *failures, struct neuron_error *error)
{
    struct neuron_row_range waiting[DEPTH_LIMIT] = {{.first = 0, .count = rescue->row_count}};
    enum neuron_status status = NEURON_OK;
    uint32_t depth = 1;

    while (status == NEURON_OK && depth > 0 && failures->count <= rescue->most_failures) {
        struct neuron_row_range rows = waiting[depth - 1];
        uint64_t half = rows.count / 2;
        bool has_failed = false;

        depth -= 1;
        status = rows.count == 1 ? try_row(rescue, views, &rows, failures, error)
                                 : try_rows(rescue, views, &rows, &has_failed, error);
        if (has_failed) {
            waiting[depth] =
                (struct neuron_row_range){.first = rows.first + half, .count = rows.count - half};
            waiting[depth + 1] = (struct neuron_row_range){.first = rows.first, .count = half};
            depth += 2;
        }
    }
    return status;
}

enum neuron_status
neuron_row_rescue_run(const struct neuron_row_rescue *rescue, struct neuron_failure_list *failures,
                      struct neuron_error *error)
{
    struct rescue_views views = {.inputs = calloc(rescue->input_count, sizeof(*views.inputs)),
                                 .outputs = calloc(rescue->output_count, sizeof(*views.outputs))};
    enum neuron_status status = NEURON_OK;

    if (views.inputs == NULL || views.outputs == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the rows of a block");
    }
    if (status == NEURON_OK) {
        status = run_halves(rescue, &views, failures, error);
    }
    free(views.inputs);
    free(views.outputs);
    return status;
}

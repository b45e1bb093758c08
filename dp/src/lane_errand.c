/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_errand.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

/* On the executor of the lane, as all that is near its core. */
static void
open_lane(void *argument)
{
    struct neuron_lane_errand *errand = argument;
    const struct neuron_dispatcher_options *options = errand->options;
    struct neuron_lane *lane = errand->lane;

    errand->status = options->open(options->maker, lane->index, &lane->program, &errand->error);
    if (errand->status == NEURON_OK) {
        errand->status =
            neuron_staging_init(&lane->staging, &lane->program, options->buffer_bytes,
                                options->input_count, options->tensor_count, &errand->error);
    }
    if (errand->status == NEURON_OK && options->reserves_buffers) {
        errand->status = neuron_staging_reserve(&lane->staging, &errand->error);
    }
}

static void
close_lane(void *argument)
{
    struct neuron_lane_errand *errand = argument;
    struct neuron_lane *lane = errand->lane;

    if (lane->program.ops->destroy != NULL) {
        lane->program.ops->destroy(lane->program.state);
    }
    lane->program = (struct neuron_chunk_program){0};
    neuron_staging_clear(&lane->staging);
    errand->status = NEURON_OK;
}

static enum neuron_status
send(struct neuron_lane_errand *errand, neuron_work_fn *work, struct neuron_completion *completion,
     struct neuron_error *error)
{
    errand->request =
        (struct neuron_request){.work = work, .argument = errand, .completion = completion};
    return neuron_executor_submit(errand->lane->executor, &errand->request, error);
}

enum neuron_status
neuron_lane_errands_create(struct neuron_lane_errands *errands, struct neuron_lane *lanes,
                           uint32_t count, struct neuron_error *error)
{
    errands->list = calloc(count, sizeof(*errands->list));
    if (errands->list == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " lanes", count);
    }
    errands->count = count;
    for (uint32_t i = 0; i < count; i += 1) {
        errands->list[i].lane = &lanes[i];
    }
    return neuron_completion_create(&errands->completion, error);
}

enum neuron_status
neuron_lane_errands_open(struct neuron_lane_errands *errands,
                         const struct neuron_dispatcher_options *options,
                         struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_completion_arm(errands->completion, errands->count);
    for (uint32_t i = 0; i < errands->count; i += 1) {
        errands->list[i].options = options;
        if (status == NEURON_OK) {
            status = send(&errands->list[i], open_lane, errands->completion, error);
        }
        if (status != NEURON_OK) {
            neuron_completion_count_down(errands->completion);
        }
    }
    neuron_completion_wait(errands->completion);
    for (uint32_t i = 0; i < errands->count && status == NEURON_OK; i += 1) {
        const struct neuron_lane_errand *errand = &errands->list[i];

        if (errand->status != NEURON_OK) {
            status = NEURON_FAIL(error, errand->status, "%s", errand->error.text);
        }
    }
    return status;
}

/* Sends an executor to close its lane, if that was opened. */
static void
send_to_close(struct neuron_lane_errand *errand, struct neuron_completion *completion)
{
    enum neuron_status status = errand->lane->program.ops == NULL
                                    ? NEURON_STOPPED
                                    : send(errand, close_lane, completion, NULL);

    while (status == NEURON_QUEUE_FULL) {
        (void)sched_yield();
        status = send(errand, close_lane, completion, NULL);
    }
    if (status != NEURON_OK) {
        neuron_completion_count_down(completion);
    }
}

void
neuron_lane_errands_close(struct neuron_lane_errands *errands)
{
    if (errands->completion == NULL) {
        return;
    }
    neuron_completion_arm(errands->completion, errands->count);
    for (uint32_t i = 0; i < errands->count; i += 1) {
        send_to_close(&errands->list[i], errands->completion);
    }
    neuron_completion_wait(errands->completion);
}

void
neuron_lane_errands_free(struct neuron_lane_errands *errands)
{
    neuron_completion_destroy(errands->completion);
    free(errands->list);
    *errands = (struct neuron_lane_errands){0};
}

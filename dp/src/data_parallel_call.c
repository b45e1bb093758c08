/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/data_parallel_call.h"

#include <inttypes.h>

#include "batch_tensors.h"
#include "call.h"
#include "data_parallel_body.h"
#include "dispatcher.h"
#include "neuron/clock.h"
#include "neuron/runtime.h"

enum { CHUNKS_A_CORE = 4 }; /* of a program that takes any number of rows: so many even out */

/* How many rows a chunk has where the user does not say. */
static int64_t
find_chunk_rows(const struct neuron_data_parallel *parallel, int64_t rows)
{
    int64_t even = rows / ((int64_t)parallel->core_count * CHUNKS_A_CORE);

    if (parallel->module != NULL || parallel->specs.custom == NULL) {
        return parallel->run_rows;
    }
    even = even < parallel->run_rows ? even : parallel->run_rows;
    return even > 1 ? even : 1;
}

/* Plans a batch of any number of rows. */
static enum neuron_status
plan_rows(struct neuron_data_parallel *parallel, struct neuron_batch_plan *plan,
          struct neuron_error *error)
{
    uint32_t split_rows = atomic_load_explicit(&parallel->split_rows, memory_order_relaxed);
    int64_t rows = 0;
    enum neuron_status status =
        neuron_batch_tensors_check_rows(&plan->tensors, &parallel->specs, &rows, error);

    if (status != NEURON_OK) {
        return status;
    }
    plan->layouts = parallel->layouts;
    plan->run_rows = parallel->run_rows;
    plan->row_extent = 1;
    plan->split = neuron_batch_split_of(rows, find_chunk_rows(parallel, rows), split_rows);
    return NEURON_OK;
}

/* Adds to the refusal of a shape why only the exact one will do, where nobody asked for that. */
static enum neuron_status
explain_refusal(const struct neuron_data_parallel *parallel, enum neuron_status status,
                struct neuron_error *error)
{
    if (error != NULL && parallel->dim == 0 && parallel->refusal.text[0] != '\0') {
        const struct neuron_error refused = *error;

        neuron_error_set(error, status, "%s; %s", refused.text, parallel->refusal.text);
    }
    return status;
}

/* Plans a batch that is one compiled shape for each replica. */
static enum neuron_status
plan_parts(struct neuron_data_parallel *parallel, struct neuron_batch_plan *plan,
           struct neuron_error *error)
{
    const struct neuron_exact_cut cut = {.dim = parallel->dim, .replicas = parallel->replica_count};
    int64_t extent = 0;
    enum neuron_status status =
        neuron_batch_tensors_check_exact(&plan->tensors, &parallel->specs, &cut, &extent, error);

    if (status != NEURON_OK) {
        return explain_refusal(parallel, status, error);
    }
    plan->layouts = parallel->exact_layouts;
    plan->run_rows = 1;
    plan->row_extent = extent / parallel->replica_count;
    plan->split = neuron_batch_split_of(extent == 0 ? 0 : parallel->replica_count, 1, 0);
    return NEURON_OK;
}

static enum neuron_status
make_plan(struct neuron_data_parallel *parallel, const struct neuron_batch_tensors *tensors,
          struct neuron_batch_plan *plan, struct neuron_error *error)
{
    bool is_dynamic =
        atomic_load_explicit(&parallel->batching, memory_order_relaxed) == NEURON_BATCHING_DYNAMIC;

    *plan = (struct neuron_batch_plan){.tensors = *tensors};
    return is_dynamic ? plan_rows(parallel, plan, error) : plan_parts(parallel, plan, error);
}

/* The time at which a call is to end, or 0. */
static uint64_t
find_deadline_ns(const struct neuron_data_parallel_call_options *options)
{
    uint64_t deadline_ns = 0;

    if (options->deadline_ms == 0) {
        return 0;
    }
    if (__builtin_mul_overflow(options->deadline_ms, (uint64_t)NEURON_NS_PER_MS, &deadline_ns) ||
        __builtin_add_overflow(deadline_ns, neuron_clock_ns(), &deadline_ns)) {
        return 0; /* beyond the end of the clock */
    }
    return deadline_ns;
}

/* Submits a call; one without rows is done at once. */
static enum neuron_status
begin_call(struct neuron_data_parallel *parallel, const struct neuron_batch_tensors *tensors,
           const struct neuron_data_parallel_call_options *options,
           struct neuron_data_parallel_call **call, struct neuron_error *error)
{
    static const struct neuron_data_parallel_call_options defaults = {0};
    struct neuron_batch_plan plan;
    enum neuron_status status = make_plan(parallel, tensors, &plan, error);

    if (status != NEURON_OK) {
        neuron_runtime_count_refusal(
            parallel->module != NULL ? neuron_module_runtime(parallel->module) : parallel->runtime,
            status);
        return status;
    }
    options = options == NULL ? &defaults : options;
    const struct neuron_call_terms terms = {
        .lane_limit = neuron_data_parallel_num_workers(parallel),
        .deadline_ns = find_deadline_ns(options),
        .report = options->report,
    };
    return neuron_dispatcher_submit(parallel->dispatcher, &plan, &terms, call, error);
}

enum neuron_status
neuron_data_parallel_run_with(struct neuron_data_parallel *parallel,
                              const struct neuron_batch_tensors *tensors,
                              const struct neuron_data_parallel_call_options *options,
                              struct neuron_error *error)
{
    struct neuron_data_parallel_call *call = NULL;
    enum neuron_status status = begin_call(parallel, tensors, options, &call, error);

    return status == NEURON_OK ? neuron_dispatcher_wait(parallel->dispatcher, call, error) : status;
}

enum neuron_status
neuron_data_parallel_run(struct neuron_data_parallel *parallel,
                         const struct neuron_tensor_view *inputs, uint32_t input_count,
                         const struct neuron_tensor_view *outputs, uint32_t output_count,
                         struct neuron_error *error)
{
    const struct neuron_batch_tensors tensors = {.inputs = inputs,
                                                 .outputs = outputs,
                                                 .input_count = input_count,
                                                 .output_count = output_count};

    return neuron_data_parallel_run_with(parallel, &tensors, NULL, error);
}

/* Takes a place in the queue, if there is one. Who is refused never counts, or others would be. */
static bool
take_place(struct neuron_data_parallel *parallel)
{
    /* Relaxed, here and below: a count by itself, that orders nothing. */
    uint32_t count = atomic_load_explicit(&parallel->submitted_count, memory_order_relaxed);

    while (count < parallel->queue_limit) {
        if (atomic_compare_exchange_weak_explicit(&parallel->submitted_count, &count, count + 1,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

enum neuron_status
neuron_data_parallel_submit(struct neuron_data_parallel *parallel,
                            const struct neuron_batch_tensors *tensors,
                            const struct neuron_data_parallel_call_options *options,
                            struct neuron_data_parallel_call **call, struct neuron_error *error)
{
    struct neuron_data_parallel_call *begun = NULL;

    if (!take_place(parallel)) {
        return NEURON_FAIL(error, NEURON_QUEUE_FULL,
                           "%" PRIu32 " calls are submitted and not waited for, and no more are "
                           "allowed; wait for one",
                           parallel->queue_limit);
    }
    enum neuron_status status = begin_call(parallel, tensors, options, &begun, error);
    if (status != NEURON_OK) {
        atomic_fetch_sub_explicit(&parallel->submitted_count, 1, memory_order_relaxed);
        return status;
    }
    begun->parallel = parallel;
    *call = begun;
    return NEURON_OK;
}

enum neuron_status
neuron_data_parallel_wait(struct neuron_data_parallel_call *call, struct neuron_error *error)
{
    struct neuron_data_parallel *parallel = call->parallel;
    enum neuron_status status = neuron_dispatcher_wait(parallel->dispatcher, call, error);

    atomic_fetch_sub_explicit(&parallel->submitted_count, 1, memory_order_relaxed);
    return status;
}

enum neuron_status
neuron_data_parallel_try_wait(struct neuron_data_parallel_call *call, bool *is_done,
                              struct neuron_error *error)
{
    *is_done = neuron_completion_is_complete(call->completion);
    if (!*is_done && call->deadline_ns != 0 && neuron_clock_ns() >= call->deadline_ns) {
        neuron_call_close(call, NEURON_TIMED_OUT);
        *is_done = neuron_completion_is_complete(call->completion);
    }
    return *is_done ? neuron_data_parallel_wait(call, error) : NEURON_OK;
}

void
neuron_data_parallel_cancel(struct neuron_data_parallel_call *call)
{
    if (call != NULL) {
        neuron_call_close(call, NEURON_CANCELLED);
    }
}

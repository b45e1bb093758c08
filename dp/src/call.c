/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"

/*
 * Who yields gives his CPU to the executor that is on it, and two switches of threads take longer
 * than a batch of empty chunks that another core does meanwhile. So the caller looks so many times
 * before: some two microseconds. It does so no more where that was in vain as often as MISSES, but
 * for one call in AGAIN.
 */
enum { SPINS = 1000, MISSES = 4, AGAIN = 32 };

enum neuron_status
neuron_call_create(uint32_t tensor_count, uint32_t lane_count,
                   struct neuron_data_parallel_call **call, struct neuron_error *error)
{
    struct neuron_data_parallel_call *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a call");
    }
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    created->views = calloc(tensor_count, sizeof(*created->views));
    created->locked.lost = calloc(lane_count, sizeof(*created->locked.lost));
    created->locked.lost_room = lane_count;
    enum neuron_status status = neuron_completion_create(&created->completion, error);
    if (status == NEURON_OK && (created->views == NULL || created->locked.lost == NULL)) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a call");
    }
    if (status != NEURON_OK) {
        neuron_call_destroy(created);
        return status;
    }
    *call = created;
    return NEURON_OK;
}

void
neuron_call_begin(struct neuron_data_parallel_call *call, const struct neuron_batch_plan *plan,
                  uint64_t deadline_ns, struct neuron_data_parallel_report *report)
{
    const struct neuron_batch_tensors *tensors = &plan->tensors;

    call->plan = *plan;
    memcpy(call->views, tensors->inputs, tensors->input_count * sizeof(*call->views));
    memcpy(call->views + tensors->input_count, tensors->outputs,
           tensors->output_count * sizeof(*call->views));
    call->plan.tensors.inputs = call->views;
    call->plan.tensors.outputs = call->views + tensors->input_count;
    call->deadline_ns = deadline_ns;
    call->report = report;
    call->begin_ns = report != NULL ? neuron_clock_ns() : 0;
    call->locked.failed_chunk = -1;
    call->locked.is_closed = false;
    call->locked.closing = NEURON_OK;
    call->locked.left_count = 0;
    /* Relaxed: whoever comes to hold the call gets it from this thread, through an inbox. */
    atomic_store_explicit(&call->holder_count, 1, memory_order_relaxed);
    atomic_store_explicit(&call->next_chunk, 0, memory_order_relaxed);
    atomic_store_explicit(&call->unfinished, plan->split.chunk_count, memory_order_relaxed);
    atomic_store_explicit(&call->lost_count, 0, memory_order_relaxed);
    atomic_store_explicit(&call->end_ns, call->begin_ns, memory_order_relaxed);
    if (plan->split.chunk_count > 0) {
        neuron_completion_arm(call->completion, 1); /* else it is done */
    }
}

/* Counts chunks off; with the last one the call is done. */
static void
count_off(struct neuron_data_parallel_call *call, int64_t count)
{
    if (count == 0) {
        return;
    }
    /*
     * Release, so that the lane that counts off last passes on what all others wrote; acquire, so
     * that it has seen it.
     */
    int64_t before = atomic_fetch_sub_explicit(&call->unfinished, count, memory_order_acq_rel);

    if (before == count) {
        if (call->report != NULL) {
            atomic_store_explicit(&call->end_ns, neuron_clock_ns(), memory_order_relaxed);
        }
        neuron_completion_count_down(call->completion);
    }
}

/* Sequentially consistent, as all of lost_count: who gives a chunk back and then looks for a lane
   to ask must not miss a lane that leaves, while that misses the chunk. */
static uint32_t
count_lost(const struct neuron_data_parallel_call *call)
{
    return atomic_load(&call->lost_count);
}

/* Finds a chunk that was given back and that a lane may take; NULL for none. While the lock is
   held. */
static struct neuron_lost_chunk *
find_lost(const struct neuron_data_parallel_call *call, uint32_t lane, bool may_repeat)
{
    for (uint32_t i = 0; i < count_lost(call); i += 1) {
        if (call->locked.lost[i].lane != lane || may_repeat) {
            return &call->locked.lost[i];
        }
    }
    return NULL;
}

static bool
take_lost(struct neuron_data_parallel_call *call, uint32_t lane, bool may_repeat,
          struct neuron_taken_chunk *chunk)
{
    (void)pthread_mutex_lock(&call->lock);
    struct neuron_lost_chunk *lost = find_lost(call, lane, may_repeat);
    if (lost != NULL) {
        *chunk = lost->chunk;
        *lost = call->locked.lost[count_lost(call) - 1];
        (void)atomic_fetch_sub(&call->lost_count, 1);
    }
    (void)pthread_mutex_unlock(&call->lock);
    return lost != NULL;
}

bool
neuron_call_has_lost(struct neuron_data_parallel_call *call, uint32_t lane, bool is_needed)
{
    bool is_there = false;

    if (count_lost(call) == 0) {
        return false;
    }
    (void)pthread_mutex_lock(&call->lock);
    for (uint32_t i = 0; i < count_lost(call) && !is_there; i += 1) {
        const struct neuron_lost_chunk *lost = &call->locked.lost[i];

        is_there = lost->lane != lane && (lost->needs_any || !is_needed);
    }
    (void)pthread_mutex_unlock(&call->lock);
    return is_there;
}

bool
neuron_call_has_chunk(const struct neuron_data_parallel_call *call)
{
    /* Relaxed: a guess, that carries nothing. */
    return atomic_load_explicit(&call->next_chunk, memory_order_relaxed) <
           call->plan.split.chunk_count;
}

bool
neuron_call_take(struct neuron_data_parallel_call *call, uint32_t lane, bool may_repeat,
                 struct neuron_taken_chunk *chunk)
{
    int64_t count = call->plan.split.chunk_count;

    if (call->deadline_ns != 0 && neuron_clock_ns() >= call->deadline_ns) {
        neuron_call_close(call, NEURON_TIMED_OUT);
        return false;
    }
    if (count_lost(call) > 0 && take_lost(call, lane, may_repeat, chunk)) {
        return true;
    }
    /* Looked at first, so that asking in vain again and again does not count on without end. */
    if (!neuron_call_has_chunk(call)) {
        return false;
    }
    /* Relaxed: the chunk's memory was handed over by the inbox, and goes back by `unfinished`. */
    *chunk = (struct neuron_taken_chunk){
        .index = atomic_fetch_add_explicit(&call->next_chunk, 1, memory_order_relaxed)};
    return chunk->index < count;
}

void
neuron_call_finish(struct neuron_data_parallel_call *call)
{
    count_off(call, 1);
}

/* Lets no chunk begin. Returns how many never will, which are to be counted off. */
static int64_t
drop_rest(struct neuron_data_parallel_call *call)
{
    int64_t count = call->plan.split.chunk_count;
    int64_t next = atomic_exchange_explicit(&call->next_chunk, count, memory_order_relaxed);
    int64_t left = next < count ? count - next : 0;

    left += count_lost(call);
    atomic_store(&call->lost_count, 0);
    return left;
}

void
neuron_call_close(struct neuron_data_parallel_call *call, enum neuron_status status)
{
    (void)pthread_mutex_lock(&call->lock);
    int64_t left = drop_rest(call);
    call->locked.is_closed = true;
    if (call->locked.closing == NEURON_OK) {
        call->locked.closing = status;
    }
    call->locked.left_count += left;
    (void)pthread_mutex_unlock(&call->lock);
    count_off(call, left);
}

/* Says whether a failure decides rather than the one that is kept: a NaN does so only where nothing
   else failed. While the lock is held. */
static bool
decides(const struct neuron_data_parallel_call *call, int64_t chunk, enum neuron_status status)
{
    bool is_nan = status == NEURON_NUMERICAL_ERROR;
    bool kept_is_nan = call->locked.failure.status == NEURON_NUMERICAL_ERROR;

    if (call->locked.failed_chunk < 0) {
        return true;
    }
    return is_nan == kept_is_nan ? chunk < call->locked.failed_chunk : kept_is_nan;
}

void
neuron_call_fail(struct neuron_data_parallel_call *call, uint32_t lane, int64_t chunk,
                 const struct neuron_error *reason)
{
    (void)pthread_mutex_lock(&call->lock);
    if (decides(call, chunk, reason->status)) {
        call->locked.failed_chunk = chunk;
        call->locked.failed_lane = lane;
        call->locked.failure = *reason;
    }
    (void)pthread_mutex_unlock(&call->lock);
}

enum neuron_giving
neuron_call_give_back(struct neuron_data_parallel_call *call, const struct neuron_lost_chunk *lost)
{
    enum neuron_giving giving = NEURON_NOT_GIVEN;

    (void)pthread_mutex_lock(&call->lock);
    uint32_t count = count_lost(call);
    if (call->locked.is_closed) {
        giving = NEURON_GIVEN_UP;
        call->locked.left_count += 1;
    } else if (count < call->locked.lost_room) {
        giving = NEURON_GIVEN_BACK;
        call->locked.lost[count] = *lost;
        (void)atomic_fetch_add(&call->lost_count, 1);
    }
    (void)pthread_mutex_unlock(&call->lock);
    return giving;
}

bool
neuron_call_take_back(struct neuron_data_parallel_call *call, uint32_t lane,
                      struct neuron_taken_chunk *chunk)
{
    bool is_taken = false;

    (void)pthread_mutex_lock(&call->lock);
    uint32_t count = count_lost(call);
    for (uint32_t i = 0; i < count && !is_taken; i += 1) {
        if (call->locked.lost[i].lane == lane) {
            *chunk = call->locked.lost[i].chunk;
            call->locked.lost[i] = call->locked.lost[count - 1];
            (void)atomic_fetch_sub(&call->lost_count, 1);
            is_taken = true;
        }
    }
    (void)pthread_mutex_unlock(&call->lock);
    return is_taken;
}

/* Looks for some time whether a call is done, where that has been of use. */
static void
spin(struct neuron_data_parallel_call *call)
{
    bool is_worth_it = call->missed_count < MISSES || call->missed_count % AGAIN == 0;
    bool is_done = neuron_completion_is_complete(call->completion);

    for (int i = 0; i < SPINS && is_worth_it && !is_done; i += 1) {
        is_done = neuron_completion_is_complete(call->completion);
    }
    call->missed_count = is_done ? 0 : call->missed_count + 1;
}

void
neuron_call_await(struct neuron_data_parallel_call *call)
{
    spin(call);
    if (call->deadline_ns != 0 &&
        !neuron_completion_wait_until(call->completion, call->deadline_ns)) {
        neuron_call_close(call, NEURON_TIMED_OUT);
    }
    neuron_completion_wait(call->completion);
}

enum neuron_status
neuron_call_result(struct neuron_data_parallel_call *call, struct neuron_call_end *end)
{
    *end = (struct neuron_call_end){.reason = {.status = NEURON_OK}};
    (void)pthread_mutex_lock(&call->lock);
    if (call->locked.failed_chunk >= 0) {
        end->has_failed = true;
        end->chunk = call->locked.failed_chunk;
        end->lane = call->locked.failed_lane;
        end->reason = call->locked.failure;
    } else if (call->locked.left_count > 0) {
        bool is_cancelled = call->locked.closing == NEURON_CANCELLED;

        neuron_error_set(&end->reason, call->locked.closing,
                         "the call %s before %" PRId64 " of its %" PRId64 " chunks began",
                         is_cancelled ? "was cancelled" : "ran out of time",
                         call->locked.left_count, call->plan.split.chunk_count);
    }
    (void)pthread_mutex_unlock(&call->lock);
    return end->reason.status;
}

void
neuron_call_destroy(struct neuron_data_parallel_call *call)
{
    if (call == NULL) {
        return;
    }
    neuron_completion_destroy(call->completion);
    free(call->locked.lost);
    free(call->views);
    (void)pthread_mutex_destroy(&call->lock);
    free(call);
}

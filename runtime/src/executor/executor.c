/* SPDX-License-Identifier: Apache-2.0 */
#include "executor/executor.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "counters/sequence.h"
#include "engine/single_thread.h"
#include "executor/pinned_thread.h"

struct neuron_executor {
    struct neuron_channel_group *group;
    struct neuron_channel *inbox; /* made by the thread, destroyed after it was joined */
    struct neuron_pinned_thread *thread;
    uint32_t nc;
    int cpu;                 /* of the operating system; -1 on an invented machine */
    pthread_t self;          /* written by the thread, before the executor is known to others */
    _Atomic bool is_working; /* written by the executor's thread only */
    enum neuron_stamp_source source;
    struct neuron_counter_core *counted; /* written by the executor's thread only */
    uint64_t last_serial;                /* of the program that ran last; 0 for none. Likewise */
    uint64_t mark;                       /* a stamp; likewise */
    uint64_t work_begin;                 /* where the mark was then; likewise */
    bool ends_at_mark;                   /* the request under way; likewise */
};

/* On the executor's thread: so its inbox lies in the memory near its core. */
static enum neuron_status
prepare_thread(void *argument, struct neuron_error *error)
{
    struct neuron_executor *executor = argument;

    executor->self = pthread_self();
    (void)neuron_engine_use_single_thread(); /* for the whole life of this thread */
    return neuron_channel_create(executor->group, executor->nc, &executor->inbox, error);
}

/* Relaxed, here and below: a hint for who chooses among executors, that carries nothing, and counts
   for who watches. */
static void
begin_request(struct neuron_executor *executor)
{
    atomic_store_explicit(&executor->is_working, true, memory_order_relaxed);
    executor->mark = neuron_executor_stamp(executor);
    executor->ends_at_mark = false;
    atomic_store_explicit(&executor->counted->busy_since, executor->mark, memory_order_relaxed);
}

/* The end of a request is often that of its run, which was looked at: one reading less. */
static void
end_request(struct neuron_executor *executor)
{
    struct neuron_counter_core *counted = executor->counted;
    uint64_t end = executor->ends_at_mark ? executor->mark : neuron_executor_stamp(executor);
    uint64_t begin = atomic_load_explicit(&counted->busy_since, memory_order_relaxed);
    uint64_t before = atomic_load_explicit(&counted->busy_stamps, memory_order_relaxed);

    neuron_sequence_begin(&counted->sequence);
    atomic_store_explicit(&counted->busy_since, 0, memory_order_relaxed);
    atomic_store_explicit(&counted->busy_stamps, before + (end - begin), memory_order_relaxed);
    neuron_sequence_end(&counted->sequence);
    atomic_store_explicit(&executor->is_working, false, memory_order_relaxed);
}

static void
run_requests(void *argument)
{
    struct neuron_executor *executor = argument;
    const struct neuron_request *request = neuron_channel_receive(executor->inbox);

    while (request != NULL) {
        /* Read first: a request without a completion is gone when its work begins. */
        struct neuron_completion *completion = request->completion;

        begin_request(executor);
        request->work(request->argument);
        end_request(executor);
        if (completion != NULL) {
            /* The request is the caller's again with this call. */
            neuron_completion_count_down(completion);
        }
        request = neuron_channel_receive(executor->inbox);
    }
}

enum neuron_status
neuron_executor_create(struct neuron_channel_group *group,
                       const struct neuron_process_counters *counters,
                       const struct neuron_topology *topology, uint32_t nc,
                       struct neuron_executor **executor, struct neuron_error *error)
{
    struct neuron_executor *created = calloc(1, sizeof(*created));
    char name[24] = "";

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the executor of nc:%u",
                           nc);
    }
    (void)snprintf(name, sizeof(name), "neuron:exec-%u", nc);
    created->group = group;
    created->nc = nc;
    created->source = neuron_process_counters_source(counters);
    created->counted = neuron_process_counters_core(counters, nc);
    created->cpu = created->counted->cpu;
    const struct neuron_pinned_thread_options options = {
        .topology = topology,
        .core = created->counted->core,
        .name = name,
        .prepare = prepare_thread,
        .run = run_requests,
        .argument = created,
    };
    enum neuron_status status = neuron_pinned_thread_start(&options, &created->thread, error);
    if (status != NEURON_OK) {
        neuron_executor_destroy(created);
        return status;
    }
    *executor = created;
    return NEURON_OK;
}

enum neuron_status
neuron_executor_submit(struct neuron_executor *executor, const struct neuron_request *request,
                       struct neuron_error *error)
{
    assert(request->work != NULL);
    if (!neuron_channel_group_is_own(executor->group)) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "nc:%u runs in the parent of this forked process; make a runtime here",
                           executor->nc);
    }
    return neuron_channel_send(executor->inbox, request, error);
}

/* Adds one. Relaxed, and no read-modify-write: one thread writes, and each count is by itself. */
static void
count_one(_Atomic uint64_t *count)
{
    uint64_t before = atomic_load_explicit(count, memory_order_relaxed);

    atomic_store_explicit(count, before + 1, memory_order_relaxed);
}

uint64_t
neuron_executor_stamp(const struct neuron_executor *executor)
{
    return neuron_stamp_now(executor->source);
}

uint64_t
neuron_executor_mark(struct neuron_executor *executor)
{
    uint64_t before = executor->mark;

    executor->mark = neuron_executor_stamp(executor);
    return before;
}

void
neuron_executor_begin_run(struct neuron_executor *executor, uint64_t module)
{
    atomic_store_explicit(&executor->counted->module, module, memory_order_relaxed);
}

void
neuron_executor_count_run(struct neuron_executor *executor, uint64_t serial,
                          enum neuron_status status)
{
    struct neuron_counter_core *counted = executor->counted;
    uint64_t begin = neuron_executor_mark(executor);

    count_one(&counted->ended[status]);
    count_one(&counted->run_times[neuron_latency_bucket(executor->mark - begin)]);
    if (executor->last_serial != 0 && executor->last_serial != serial) {
        count_one(&counted->switch_count);
    }
    executor->last_serial = serial;
}

void
neuron_executor_count_request(struct neuron_executor *executor, uint64_t begin_stamp)
{
    /* Stamps of two cores may differ by some; a time is never less than nothing. */
    uint64_t taken = executor->mark > begin_stamp ? executor->mark - begin_stamp : 0;

    count_one(&executor->counted->request_times[neuron_latency_bucket(taken)]);
}

void
neuron_executor_begin_work(struct neuron_executor *executor)
{
    neuron_executor_begin_run(executor, 0); /* of no module */
    executor->work_begin = neuron_executor_mark(executor);
}

void
neuron_executor_count_work(struct neuron_executor *executor, enum neuron_status status)
{
    neuron_executor_count_run(executor, 0, status);
    neuron_executor_count_request(executor, executor->work_begin);
}

void
neuron_executor_end_at_mark(struct neuron_executor *executor)
{
    executor->ends_at_mark = true;
}

void
neuron_executor_read_counters(const struct neuron_executor *executor,
                              struct neuron_core_counters *counters)
{
    const struct neuron_counter_core *counted = executor->counted;
    struct neuron_core_counters read = {
        .switch_count = atomic_load_explicit(&counted->switch_count, memory_order_relaxed),
        .timed_out_count =
            atomic_load_explicit(&counted->ended[NEURON_TIMED_OUT], memory_order_relaxed)};

    for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
        uint64_t count = atomic_load_explicit(&counted->ended[i], memory_order_relaxed);
        bool has_result = i == NEURON_OK || i == NEURON_NUMERICAL_ERROR;

        read.run_count += count;
        read.failed_count += has_result ? 0 : count;
    }
    *counters = read;
}

uint32_t
neuron_executor_core(const struct neuron_executor *executor)
{
    return executor->nc;
}

int
neuron_executor_cpu(const struct neuron_executor *executor)
{
    return executor->cpu;
}

bool
neuron_executor_is_current(const struct neuron_executor *executor)
{
    return pthread_equal(executor->self, pthread_self()) != 0;
}

uint32_t
neuron_executor_waiting_count(const struct neuron_executor *executor)
{
    return neuron_channel_waiting_count(executor->inbox);
}

bool
neuron_executor_is_idle(const struct neuron_executor *executor)
{
    return !atomic_load_explicit(&executor->is_working, memory_order_relaxed) &&
           neuron_executor_waiting_count(executor) == 0;
}

void
neuron_executor_stop_accepting(struct neuron_executor *executor)
{
    neuron_channel_close(executor->inbox);
}

void
neuron_executor_join(struct neuron_executor *executor)
{
    neuron_pinned_thread_stop(executor->thread);
    executor->thread = NULL;
}

void
neuron_executor_destroy(struct neuron_executor *executor)
{
    if (executor == NULL) {
        return;
    }
    assert(executor->thread == NULL);
    neuron_channel_destroy(executor->inbox);
    free(executor);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatcher.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "call_report.h"
#include "lane.h"
#include "lane_asking.h"
#include "lane_choice.h"
#include "lane_errand.h"
#include "neuron/clock.h"
#include "neuron/process_mark.h"

struct neuron_dispatcher {
    struct neuron_lane *lanes;
    struct neuron_lane_errands errands;
    uint32_t lane_count;
    uint32_t tensor_count;
    uint32_t share_count;             /* replicas, in reports */
    struct neuron_call_share *shares; /* where they are */
    struct neuron_lane_owner owner;
    struct neuron_process_mark *process;
    _Atomic uint32_t next_lane; /* where the next call begins to ask; taken modulo lane_count */
    pthread_mutex_t lock;
    pthread_cond_t is_home; /* no call is out */
    struct {
        struct neuron_data_parallel_call *free_calls; /* as many as were ever out at once */
        uint32_t out_count;
    } locked;
};

static void
destroy_call(struct neuron_data_parallel_call *call)
{
    if (call != NULL) {
        free(call->chosen);
        free(call->asks);
        neuron_call_destroy(call);
    }
}

static enum neuron_status
create_call(struct neuron_dispatcher *dispatcher, struct neuron_data_parallel_call **call,
            struct neuron_error *error)
{
    struct neuron_data_parallel_call *created = NULL;
    enum neuron_status status =
        neuron_call_create(dispatcher->tensor_count, dispatcher->lane_count, &created, error);

    if (status != NEURON_OK) {
        return status;
    }
    created->asks = calloc(dispatcher->lane_count, sizeof(*created->asks));
    created->chosen = calloc(dispatcher->lane_count, sizeof(*created->chosen));
    if (created->asks == NULL || created->chosen == NULL) {
        destroy_call(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "no memory for a call over %" PRIu32 " lanes", dispatcher->lane_count);
    }
    created->lane_count = dispatcher->lane_count;
    for (uint32_t i = 0; i < dispatcher->lane_count; i += 1) {
        neuron_lane_ask_init(&created->asks[i], &dispatcher->lanes[i], created);
    }
    *call = created;
    return NEURON_OK;
}

/* Takes a call that was used before, or makes one. */
static enum neuron_status
take_call(struct neuron_dispatcher *dispatcher, struct neuron_data_parallel_call **call,
          struct neuron_error *error)
{
    (void)pthread_mutex_lock(&dispatcher->lock);
    struct neuron_data_parallel_call *taken = dispatcher->locked.free_calls;
    if (taken != NULL) {
        dispatcher->locked.free_calls = taken->next_free;
    }
    dispatcher->locked.out_count += 1;
    (void)pthread_mutex_unlock(&dispatcher->lock);
    if (taken == NULL) {
        enum neuron_status status = create_call(dispatcher, &taken, error);

        if (status != NEURON_OK) {
            (void)pthread_mutex_lock(&dispatcher->lock);
            dispatcher->locked.out_count -= 1;
            (void)pthread_mutex_unlock(&dispatcher->lock);
            return status;
        }
    }
    *call = taken;
    return NEURON_OK;
}

/* Takes a hold on a call back; the last one brings it home. */
static void
release_call(void *owner, struct neuron_data_parallel_call *call)
{
    struct neuron_dispatcher *dispatcher = owner;

    /* Release and acquire: who uses the call again comes after all that others did with it. */
    if (atomic_fetch_sub_explicit(&call->holder_count, 1, memory_order_acq_rel) > 1) {
        return;
    }
    (void)pthread_mutex_lock(&dispatcher->lock);
    call->next_free = dispatcher->locked.free_calls;
    dispatcher->locked.free_calls = call;
    dispatcher->locked.out_count -= 1;
    if (dispatcher->locked.out_count == 0) {
        (void)pthread_cond_broadcast(&dispatcher->is_home);
    }
    (void)pthread_mutex_unlock(&dispatcher->lock);
}

/* Which lanes are looked at for a chunk that one gave back. */
enum search { IDLE_ONES, THOSE_AT_WORK, ALL_OTHERS };

/* Asks a lane, or finds that it will look for the chunk anyway, as it works on the call. */
static bool
ask_one(struct neuron_lane_ask *ask, enum search search)
{
    enum neuron_status status = NEURON_OK;

    if (atomic_load(&ask->is_out) ||
        (search == IDLE_ONES && !neuron_executor_is_idle(ask->lane->executor))) {
        return false;
    }
    if (search == THOSE_AT_WORK) {
        return atomic_load(&ask->is_open);
    }
    return neuron_lane_ask_for(ask, &status, NULL) && status == NEURON_OK;
}

/* Asks the first lane behind another one that the search finds. */
static bool
ask_first(const struct neuron_dispatcher *dispatcher, struct neuron_data_parallel_call *call,
          uint32_t lane, enum search search)
{
    for (uint32_t i = 1; i < dispatcher->lane_count; i += 1) {
        if (ask_one(&call->asks[(lane + i) % dispatcher->lane_count], search)) {
            return true;
        }
    }
    return false;
}

static bool
ask_other(void *owner, struct neuron_data_parallel_call *call, uint32_t lane, bool any_will_do)
{
    if (ask_first(owner, call, lane, IDLE_ONES)) {
        return true;
    }
    return any_will_do && (ask_first(owner, call, lane, THOSE_AT_WORK) ||
                           ask_first(owner, call, lane, ALL_OTHERS));
}

static void
place_lanes(struct neuron_dispatcher *dispatcher, const struct neuron_lane_place *places)
{
    for (uint32_t i = 0; i < dispatcher->lane_count; i += 1) {
        const struct neuron_lane_place *place = &places[i];
        struct neuron_lane *lane = &dispatcher->lanes[i];

        lane->index = i;
        lane->share = place->replica;
        lane->nc = place->nc;
        lane->core = place->core;
        lane->executor = place->executor;
        lane->owner = &dispatcher->owner;
        neuron_lane_init(lane);
        dispatcher->shares[place->replica] =
            (struct neuron_call_share){.nc = place->nc, .core = place->core};
        if (place->replica >= dispatcher->share_count) {
            dispatcher->share_count = place->replica + 1;
        }
    }
}

enum neuron_status
neuron_dispatcher_create(const struct neuron_dispatcher_options *options,
                         struct neuron_dispatcher **dispatcher, struct neuron_error *error)
{
    struct neuron_dispatcher *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " lanes",
                           options->lane_count);
    }
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    (void)pthread_cond_init(&created->is_home, NULL);
    created->lane_count = options->lane_count;
    created->tensor_count = options->tensor_count;
    created->owner = (struct neuron_lane_owner){
        .ask_other = ask_other, .release = release_call, .owner = created};
    created->lanes = calloc(options->lane_count, sizeof(*created->lanes));
    created->shares = calloc(options->lane_count, sizeof(*created->shares));
    enum neuron_status status = neuron_process_mark_create(&created->process, error);
    if (status == NEURON_OK && (created->lanes == NULL || created->shares == NULL)) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " lanes",
                             options->lane_count);
    }
    if (status == NEURON_OK) {
        place_lanes(created, options->places);
        status = neuron_lane_errands_create(&created->errands, created->lanes, options->lane_count,
                                            error);
    }
    if (status == NEURON_OK) {
        status = neuron_lane_errands_open(&created->errands, options, error);
    }
    if (status != NEURON_OK) {
        neuron_dispatcher_destroy(created);
        return status;
    }
    *dispatcher = created;
    return NEURON_OK;
}

/* The lane whose executor is on the CPU that the caller is on; lane_count for none. */
static uint32_t
find_own_lane(const struct neuron_dispatcher *dispatcher)
{
    int cpu = sched_getcpu();

    for (uint32_t i = 0; cpu >= 0 && i < dispatcher->lane_count; i += 1) {
        if (neuron_executor_cpu(dispatcher->lanes[i].executor) == cpu) {
            return i;
        }
    }
    return dispatcher->lane_count;
}

/* Asks as many lanes for a call as can have a chunk. */
static enum neuron_status
ask_lanes(struct neuron_dispatcher *dispatcher, struct neuron_data_parallel_call *call,
          uint32_t lane_limit, struct neuron_error *error)
{
    int64_t chunk_count = call->plan.split.chunk_count;
    uint32_t wanted = lane_limit < dispatcher->lane_count ? lane_limit : dispatcher->lane_count;

    wanted = chunk_count < (int64_t)wanted ? (uint32_t)chunk_count : wanted;
    /* Modulo first: counting on past the largest number would ask a lane twice. */
    const struct neuron_lane_choice choice = {
        .lane_count = dispatcher->lane_count,
        .first = atomic_fetch_add_explicit(&dispatcher->next_lane, wanted, memory_order_relaxed) %
                 dispatcher->lane_count,
        .own = find_own_lane(dispatcher),
        .wanted = wanted,
        .limit = lane_limit,
    };
    return neuron_lane_asking_begin(call, &choice, error);
}

enum neuron_status
neuron_dispatcher_submit(struct neuron_dispatcher *dispatcher, const struct neuron_batch_plan *plan,
                         const struct neuron_call_terms *terms,
                         struct neuron_data_parallel_call **call, struct neuron_error *error)
{
    struct neuron_data_parallel_call *taken = NULL;
    enum neuron_status status = NEURON_OK;

    /* Before any lock: in a forked child, another thread of the parent may seem to hold it. */
    if (!neuron_process_mark_is_own(dispatcher->process)) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "the cores run in the parent of this forked process; make a runtime "
                           "here");
    }
    status = take_call(dispatcher, &taken, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_call_begin(taken, plan, terms->deadline_ns, terms->report);
    if (terms->report != NULL) {
        status =
            neuron_call_report_begin(terms->report, dispatcher->shares, dispatcher->share_count,
                                     (uint64_t)plan->split.chunk_count, taken->begin_ns, error);
    }
    if (status == NEURON_OK && plan->split.chunk_count > 0) {
        status = ask_lanes(dispatcher, taken, terms->lane_limit, error);
    }
    if (status != NEURON_OK) {
        neuron_call_close(taken, NEURON_CANCELLED); /* of all its chunks: nobody has one */
        release_call(dispatcher, taken);
        return status;
    }
    *call = taken;
    return NEURON_OK;
}

/* Says what failed, in a line that a user can act on. */
static enum neuron_status
tell_failure(const struct neuron_dispatcher *dispatcher,
             const struct neuron_data_parallel_call *call, const struct neuron_call_end *end,
             struct neuron_error *error)
{
    const struct neuron_lane *lane = &dispatcher->lanes[end->lane];
    struct neuron_row_range rows = neuron_batch_split_chunk(&call->plan.split, end->chunk);
    int64_t extent = call->plan.row_extent;

    return NEURON_FAIL(error, end->reason.status,
                       "chunk %" PRId64 " (rows %" PRId64 "-%" PRId64 ") on nc:%" PRIu32
                       " (core %" PRIu32 "): %s",
                       end->chunk, rows.first * extent, (rows.first + rows.count) * extent - 1,
                       lane->nc, lane->core, end->reason.text);
}

enum neuron_status
neuron_dispatcher_wait(struct neuron_dispatcher *dispatcher, struct neuron_data_parallel_call *call,
                       struct neuron_error *error)
{
    struct neuron_call_end end = {0};

    neuron_call_await(call);
    if (call->report != NULL) {
        neuron_call_report_end(call->report,
                               atomic_load_explicit(&call->end_ns, memory_order_relaxed));
    }
    enum neuron_status status = neuron_call_result(call, &end);
    if (end.has_failed) {
        status = tell_failure(dispatcher, call, &end, error);
    } else if (status != NEURON_OK) {
        neuron_error_set(error, status, "%s", end.reason.text);
    }
    release_call(dispatcher, call);
    return status;
}

static void
await_calls(struct neuron_dispatcher *dispatcher)
{
    (void)pthread_mutex_lock(&dispatcher->lock);
    while (dispatcher->locked.out_count > 0) {
        (void)pthread_cond_wait(&dispatcher->is_home, &dispatcher->lock);
    }
    (void)pthread_mutex_unlock(&dispatcher->lock);
}

void
neuron_dispatcher_destroy(struct neuron_dispatcher *dispatcher)
{
    if (dispatcher == NULL) {
        return;
    }
    /* A forked child has neither the lanes nor whoever held the lock: it only frees memory. */
    if (dispatcher->process != NULL && neuron_process_mark_is_own(dispatcher->process)) {
        await_calls(dispatcher);
        neuron_lane_errands_close(&dispatcher->errands);
    }
    neuron_lane_errands_free(&dispatcher->errands);
    neuron_process_mark_destroy(dispatcher->process);
    while (dispatcher->locked.free_calls != NULL) {
        struct neuron_data_parallel_call *call = dispatcher->locked.free_calls;

        dispatcher->locked.free_calls = call->next_free;
        destroy_call(call);
    }
    free(dispatcher->shares);
    free(dispatcher->lanes);
    (void)pthread_cond_destroy(&dispatcher->is_home);
    (void)pthread_mutex_destroy(&dispatcher->lock);
    free(dispatcher);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch costs one message a core, not one a chunk: the request names the batch, and the core that
 * runs it takes chunks until none is left. That balances the cores by itself, and keeps the queue
 * of an executor as short as there are callers.
 *
 * Who touches what:
 *   plan, and the tensors it names   the caller's; read by the executors while the call waits
 *   batch                            prepared by the caller before the first request is submitted,
 *                                    read by it again after the completion; between the two only
 *                                    next_chunk and has_failed change
 *   share                            of the executor it was submitted to, until the completion
 *   free batches                     under the lock
 *
 * A core that is asked while another batch runs on it comes to the request when that batch has no
 * chunk left, and the call waits for it even if all chunks are done by then: as long as an executor
 * may still look at a request, its memory is not the caller's.
 */
#include "scatter_gather.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "neuron/executor.h"

#include "staging.h"

struct batch;

/* What one core does for a batch. */
struct share {
    struct batch *batch;
    struct neuron_staging *staging;
    struct neuron_executor *executor;
    struct neuron_request request;
    int64_t own_chunk;
    enum neuron_status status; /* NEURON_OK, or that of `failed_chunk` */
    int64_t failed_chunk;
    struct neuron_error error;
};

/* A batch under way, or one waiting to be used again. */
struct batch {
    struct batch *next_free;
    const struct neuron_batch_plan *plan;
    struct neuron_completion *completion;
    struct share *shares;       /* one a replica */
    _Atomic int64_t next_chunk; /* passes the last chunk by at most one a replica */
    _Atomic bool has_failed;    /* take no more chunks */
};

struct neuron_scatter_gather {
    struct neuron_module *module;
    uint32_t core_count;
    struct neuron_staging **stagings; /* one a replica */
    _Atomic uint32_t next_core;       /* where the next batch starts; taken modulo core_count */
    struct {
        pthread_mutex_t lock;
        struct batch *free_batches; /* as many as calls were ever under way at once */
    } pool;
};

/* Notes the failure of a chunk. Its core takes no other, and the others finish what they have. */
static void
note_failure(struct share *share, int64_t chunk, enum neuron_status status)
{
    share->status = status;
    share->failed_chunk = chunk;
    /* Relaxed: it carries nothing but itself, and a core that sees it late only works in vain. */
    atomic_store_explicit(&share->batch->has_failed, true, memory_order_relaxed);
}

/*
 * Takes the next chunk of a batch. Chunks are given out in order, and one that was taken is run
 * whatever happens elsewhere: so all chunks before a failed one are run, and which failure is
 * reported does not depend on who was faster.
 */
static bool
take_chunk(struct batch *batch, int64_t *chunk)
{
    if (atomic_load_explicit(&batch->has_failed, memory_order_relaxed)) {
        return false;
    }
    /* Relaxed: the chunk's memory was handed over by the request, and goes back by completion. */
    *chunk = atomic_fetch_add_explicit(&batch->next_chunk, 1, memory_order_relaxed);
    return *chunk < batch->plan->split.chunk_count;
}

/* The work of a core that takes whichever chunk is next. */
static void
run_free_chunks(void *argument)
{
    struct share *share = argument;
    const struct neuron_batch_plan *plan = share->batch->plan;
    int64_t chunk = 0;

    while (take_chunk(share->batch, &chunk)) {
        enum neuron_status status =
            neuron_staging_run_rows(share->staging, &plan->tensors,
                                    neuron_batch_split_chunk(&plan->split, chunk), &share->error);

        if (status != NEURON_OK) {
            note_failure(share, chunk, status);
            return;
        }
    }
}

/* The work of a core that has one chunk of its own. */
static void
run_own_chunk(void *argument)
{
    struct share *share = argument;
    enum neuron_status status = neuron_staging_run_part(
        share->staging, &share->batch->plan->tensors, share->own_chunk, &share->error);

    if (status != NEURON_OK) {
        note_failure(share, share->own_chunk, status);
    }
}

static void
destroy_batch(struct batch *batch)
{
    if (batch == NULL) {
        return;
    }
    neuron_completion_destroy(batch->completion);
    free(batch->shares);
    free(batch);
}

static enum neuron_status
create_batch(struct neuron_scatter_gather *scatter_gather, struct batch **batch,
             struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    struct batch *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a batch");
    }
    made->shares = calloc(scatter_gather->core_count, sizeof(*made->shares));
    if (made->shares == NULL) {
        status =
            NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a batch on %" PRIu32 " cores",
                        scatter_gather->core_count);
        goto failed;
    }
    status = neuron_completion_create(&made->completion, error);
    if (status != NEURON_OK) {
        goto failed;
    }
    for (uint32_t i = 0; i < scatter_gather->core_count; i += 1) {
        struct share *share = &made->shares[i];

        share->batch = made;
        share->staging = scatter_gather->stagings[i];
        share->executor = neuron_module_replica_executor(scatter_gather->module, i);
        share->own_chunk = (int64_t)i;
        share->request = (struct neuron_request){.argument = share, .completion = made->completion};
    }
    *batch = made;
    return NEURON_OK;

failed:
    destroy_batch(made);
    return status;
}

/* Takes a batch that was used before, or makes one. */
static enum neuron_status
take_batch(struct neuron_scatter_gather *scatter_gather, struct batch **batch,
           struct neuron_error *error)
{
    struct batch *found = NULL;

    pthread_mutex_lock(&scatter_gather->pool.lock);
    found = scatter_gather->pool.free_batches;
    if (found != NULL) {
        scatter_gather->pool.free_batches = found->next_free;
    }
    pthread_mutex_unlock(&scatter_gather->pool.lock);
    if (found == NULL) {
        return create_batch(scatter_gather, batch, error);
    }
    *batch = found;
    return NEURON_OK;
}

static void
give_batch_back(struct neuron_scatter_gather *scatter_gather, struct batch *batch)
{
    batch->plan = NULL;
    pthread_mutex_lock(&scatter_gather->pool.lock);
    batch->next_free = scatter_gather->pool.free_batches;
    scatter_gather->pool.free_batches = batch;
    pthread_mutex_unlock(&scatter_gather->pool.lock);
}

/* Sets a batch, of which no request is under way, to a plan. */
static void
prepare_batch(struct batch *batch, uint32_t core_count, const struct neuron_batch_plan *plan)
{
    neuron_work_fn *work =
        plan->order == NEURON_CHUNK_TO_OWN_CORE ? run_own_chunk : run_free_chunks;

    batch->plan = plan;
    atomic_store_explicit(&batch->next_chunk, 0, memory_order_relaxed);
    atomic_store_explicit(&batch->has_failed, false, memory_order_relaxed);
    for (uint32_t i = 0; i < core_count; i += 1) {
        batch->shares[i].request.work = work;
        batch->shares[i].status = NEURON_OK;
    }
}

/* The way through the cores that a batch is submitted to. */
struct round {
    uint32_t first;     /* where it starts */
    uint32_t own;       /* the core that the caller is on, or core_count: it comes last */
    uint32_t position;  /* how many cores were asked */
    uint32_t submitted; /* and how many took a share */
};

/* Starts at another core each time, so that concurrent calls do not all begin at the same one. */
static struct round
start_round(struct neuron_scatter_gather *scatter_gather, const struct batch *batch,
            uint32_t wanted)
{
    uint32_t core_count = scatter_gather->core_count;
    /* Modulo first: counting on past the largest number would ask a core twice. */
    struct round round = {.first = atomic_fetch_add_explicit(&scatter_gather->next_core, wanted,
                                                             memory_order_relaxed) %
                                   core_count,
                          .own = core_count};

    for (uint32_t i = 0; i < core_count; i += 1) {
        if (neuron_executor_shares_cpu(batch->shares[i].executor)) {
            round.own = i;
        }
    }
    return round;
}

/* The next core of a round, whose own core stands behind all others. */
static uint32_t
next_core(struct round *round, uint32_t core_count)
{
    uint32_t core = (uint32_t)(((uint64_t)round->first + round->position) % core_count);

    round->position += 1;
    if (round->own == core_count) {
        return core;
    }
    if (round->position == core_count) {
        return round->own;
    }
    /* From the own core on, each place is taken by the one behind it. */
    uint32_t own_position = (round->own + core_count - round->first) % core_count;
    return round->position - 1 < own_position ? core : (core + 1) % core_count;
}

/*
 * Submits as many shares as can have work. A core that takes no more work is passed over; the batch
 * is as well done by the others, unless each core has a chunk of its own. Returns with the
 * completion armed for exactly what was submitted.
 *
 * The core that the caller itself is on comes last: its executor, woken, takes the CPU, and Linux
 * may leave the caller behind it for as long as the whole batch takes.
 */
static enum neuron_status
scatter(struct neuron_scatter_gather *scatter_gather, struct batch *batch,
        struct neuron_error *error)
{
    uint32_t core_count = scatter_gather->core_count;
    int64_t chunk_count = batch->plan->split.chunk_count;
    uint32_t wanted = chunk_count < (int64_t)core_count ? (uint32_t)chunk_count : core_count;
    uint32_t needed = batch->plan->order == NEURON_CHUNK_TO_OWN_CORE ? wanted : 1;
    struct round round = start_round(scatter_gather, batch, wanted);
    enum neuron_status refusal = NEURON_OK;

    neuron_completion_arm(batch->completion, wanted);
    while (round.position < core_count && round.submitted < wanted) {
        struct share *share = &batch->shares[next_core(&round, core_count)];
        enum neuron_status status = neuron_executor_submit(share->executor, &share->request, error);

        if (status == NEURON_OK) {
            round.submitted += 1;
        } else {
            refusal = status;
        }
    }
    for (uint32_t i = round.submitted; i < wanted; i += 1) {
        neuron_completion_count_down(batch->completion);
    }
    return round.submitted < needed ? refusal : NEURON_OK;
}

/* Finds the first failure in the order of chunks, of a batch that is done. */
static enum neuron_status
gather(const struct neuron_scatter_gather *scatter_gather, const struct batch *batch,
       struct neuron_error *error)
{
    const struct share *first = NULL;

    for (uint32_t i = 0; i < scatter_gather->core_count; i += 1) {
        const struct share *share = &batch->shares[i];

        if (share->status != NEURON_OK &&
            (first == NULL || share->failed_chunk < first->failed_chunk)) {
            first = share;
        }
    }
    if (first == NULL) {
        return NEURON_OK;
    }

    struct neuron_row_range rows =
        neuron_batch_split_chunk(&batch->plan->split, first->failed_chunk);

    return NEURON_FAIL(error, first->status,
                       "chunk %" PRId64 " (rows %" PRId64 "-%" PRId64 ") on nc:%" PRIu32 ": %s",
                       first->failed_chunk, rows.first, rows.first + rows.count - 1,
                       neuron_executor_core(first->executor), first->error.text);
}

enum neuron_status
neuron_scatter_gather_create(struct neuron_module *module, int64_t compiled_batch,
                             struct neuron_scatter_gather **scatter_gather,
                             struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    struct neuron_scatter_gather *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to cut batches");
    }
    pthread_mutex_init(&made->pool.lock, NULL);
    made->module = module;
    made->core_count = neuron_module_replica_count(module);
    made->stagings = calloc(made->core_count, sizeof(struct neuron_staging *));
    if (made->stagings == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                             "no memory to cut batches over %" PRIu32 " cores", made->core_count);
    }
    for (uint32_t i = 0; i < made->core_count && status == NEURON_OK; i += 1) {
        status = neuron_staging_create(module, i, compiled_batch, &made->stagings[i], error);
    }
    if (status != NEURON_OK) {
        neuron_scatter_gather_destroy(made);
        return status;
    }
    *scatter_gather = made;
    return NEURON_OK;
}

enum neuron_status
neuron_scatter_gather_run(struct neuron_scatter_gather *scatter_gather,
                          const struct neuron_batch_plan *plan, struct neuron_error *error)
{
    struct batch *batch = NULL;
    enum neuron_status status = take_batch(scatter_gather, &batch, error);

    if (status != NEURON_OK) {
        return status;
    }
    prepare_batch(batch, scatter_gather->core_count, plan);
    status = scatter(scatter_gather, batch, error);
    neuron_completion_wait(batch->completion);
    if (status == NEURON_OK) {
        status = gather(scatter_gather, batch, error);
    }
    give_batch_back(scatter_gather, batch);
    return status;
}

void
neuron_scatter_gather_destroy(struct neuron_scatter_gather *scatter_gather)
{
    if (scatter_gather == NULL) {
        return;
    }
    while (scatter_gather->pool.free_batches != NULL) {
        struct batch *batch = scatter_gather->pool.free_batches;

        scatter_gather->pool.free_batches = batch->next_free;
        destroy_batch(batch);
    }
    for (uint32_t i = 0; scatter_gather->stagings != NULL && i < scatter_gather->core_count;
         i += 1) {
        neuron_staging_destroy(scatter_gather->stagings[i]);
    }
    free(scatter_gather->stagings);
    pthread_mutex_destroy(&scatter_gather->pool.lock);
    free(scatter_gather);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's thread hands chunks to the replicas in their turn, a few for each of their cores,
 * and waits when so many are under way. The executor that ends a chunk cuts its outputs out, and
 * says so. The last chunk is run like a plain run, on which the caller waits anyway: a batch of one
 * chunk costs no more than that.
 *
 * What a call needs is kept for the next: as many as were ever under way at once, and in each as
 * many chunks. The last one keeps memory for a compiled batch, the others only where buckets have
 * other dimensions to be padded.
 */
#include "module/batched_run.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "module/batch_chunk.h"
#include "module/batch_cut.h"
#include "module/model_bucket.h"
#include "module/module_run.h"
#include "module/module_tensors.h"
#include "neuron/model_buckets.h"
#include "neuron/module.h"

enum { CHUNKS_PER_CORE = 4 /* under way: some wait while the caller is woken to bring more */ };

/* The chunk that decides what the call returns; zeroed for none. */
struct failure {
    int64_t first_row;
    int64_t row_count;
    enum neuron_status status;
    struct neuron_error error;
};

static const uint32_t nobody_waits = UINT32_MAX; /* for a number of chunks */

struct neuron_batched_run {
    struct neuron_batched_run *next_free;
    struct neuron_module *module;
    const struct neuron_tensor_view *inputs;
    const struct neuron_tensor_view *outputs;
    struct neuron_batch_cut cut;
    uint32_t limit; /* of chunks under way */
    pthread_mutex_t lock;
    pthread_cond_t drained;
    struct {
        struct neuron_batch_chunk *free_chunks;
        struct neuron_batch_chunk *last; /* always the last one; NULL where there was none yet */
        uint32_t under_way;
        uint32_t awaited; /* wakes the caller when so many are under way */
        struct failure failure;
    } locked; /* guarded by `lock` */
};

void
neuron_batched_runs_destroy(struct neuron_batched_run *runs)
{
    while (runs != NULL) {
        struct neuron_batched_run *call = runs;

        runs = call->next_free;
        neuron_batch_chunk_destroy(call->locked.last);
        while (call->locked.free_chunks != NULL) {
            struct neuron_batch_chunk *chunk = call->locked.free_chunks;

            call->locked.free_chunks = chunk->next_free;
            neuron_batch_chunk_destroy(chunk);
        }
        (void)pthread_cond_destroy(&call->drained);
        (void)pthread_mutex_destroy(&call->lock);
        free(call);
    }
}

/* Takes what an earlier call has left, or makes it. Returns NULL when there is no memory. */
static struct neuron_batched_run *
begin_call(struct neuron_module *module)
{
    (void)pthread_mutex_lock(&module->lock);
    struct neuron_batched_run *call = module->locked.free_batched;
    uint32_t replica_count = module->locked.set->cores.replica_count;
    if (call != NULL) {
        module->locked.free_batched = call->next_free;
    }
    (void)pthread_mutex_unlock(&module->lock);
    if (call == NULL) {
        call = calloc(1, sizeof(*call));
        if (call == NULL) {
            return NULL;
        }
        call->module = module;
        /* Neither can fail without attributes. */
        (void)pthread_mutex_init(&call->lock, NULL);
        (void)pthread_cond_init(&call->drained, NULL);
    }
    call->limit = CHUNKS_PER_CORE * replica_count * neuron_model_core_count(module->model);
    call->locked.awaited = nobody_waits;
    call->locked.failure = (struct failure){.status = NEURON_OK};
    return call;
}

static void
end_call(struct neuron_batched_run *call)
{
    struct neuron_module *module = call->module;

    (void)pthread_mutex_lock(&module->lock);
    call->next_free = module->locked.free_batched;
    module->locked.free_batched = call;
    (void)pthread_mutex_unlock(&module->lock);
}

/* Keeps the first chunk in the order of rows that failed. A NaN says that all outputs are there,
   and so counts only where nothing else went wrong. While the lock is held. */
static void
keep_failure(struct neuron_batched_run *call, const struct neuron_batch_chunk *chunk,
             enum neuron_status status, const struct neuron_error *error)
{
    struct failure *kept = &call->locked.failure;
    bool is_nan = status == NEURON_NUMERICAL_ERROR;
    bool kept_is_nan = kept->status == NEURON_NUMERICAL_ERROR;
    bool is_earlier = chunk->first_row < kept->first_row;

    if (kept->status == NEURON_OK || (is_nan == kept_is_nan ? is_earlier : kept_is_nan)) {
        *kept = (struct failure){.first_row = chunk->first_row,
                                 .row_count = chunk->row_count,
                                 .status = status,
                                 .error = *error};
    }
}

/* Waits until no more than so many chunks are under way. While the lock is held. */
static void
await(struct neuron_batched_run *call, uint32_t count)
{
    call->locked.awaited = count;
    while (call->locked.under_way > count) {
        (void)pthread_cond_wait(&call->drained, &call->lock);
    }
    call->locked.awaited = nobody_waits;
}

/* Takes a chunk that is not under way, or makes one. Returns NULL when there is no memory. */
static struct neuron_batch_chunk *
take_chunk(struct neuron_batched_run *call)
{
    (void)pthread_mutex_lock(&call->lock);
    if (call->locked.under_way >= call->limit) {
        await(call, call->limit / 2);
    }
    struct neuron_batch_chunk *chunk = call->locked.free_chunks;
    if (chunk != NULL) {
        call->locked.free_chunks = chunk->next_free;
    }
    (void)pthread_mutex_unlock(&call->lock);
    return chunk != NULL ? chunk : neuron_batch_chunk_create(call->module, call);
}

static struct neuron_batch_chunk *
take_last_chunk(struct neuron_batched_run *call)
{
    struct neuron_batch_chunk *last = call->locked.last;

    /* Nobody else writes it: no lock to read. Executors that end chunks before it read it. */
    if (last == NULL) {
        last = neuron_batch_chunk_create(call->module, call);
        (void)pthread_mutex_lock(&call->lock);
        call->locked.last = last;
        (void)pthread_mutex_unlock(&call->lock);
    }
    return last;
}

/* Gives a chunk the rows up to `end`; it is under way from now on. */
static void
begin_chunk(struct neuron_batch_chunk *chunk, int64_t first_row, int64_t end)
{
    struct neuron_batched_run *call = chunk->call;

    chunk->first_row = first_row;
    chunk->row_count = end - first_row;
    (void)pthread_mutex_lock(&call->lock);
    call->locked.under_way += 1;
    (void)pthread_mutex_unlock(&call->lock);
}

/* Hands a chunk back. The call may be over behind this. */
static void
put_back(struct neuron_batch_chunk *chunk, enum neuron_status status,
         const struct neuron_error *error)
{
    struct neuron_batched_run *call = chunk->call;

    (void)pthread_mutex_lock(&call->lock);
    if (status != NEURON_OK) {
        keep_failure(call, chunk, status, error);
    }
    if (chunk != call->locked.last) {
        chunk->next_free = call->locked.free_chunks;
        call->locked.free_chunks = chunk;
    }
    call->locked.under_way -= 1;
    if (call->locked.under_way == call->locked.awaited) {
        (void)pthread_cond_signal(&call->drained);
    }
    (void)pthread_mutex_unlock(&call->lock);
}

/* Brings the rows of a chunk to the shapes of a bucket. */
static enum neuron_status
fill_chunk(struct neuron_batch_chunk *chunk, uint32_t bucket, struct neuron_error *error)
{
    const struct neuron_batched_run *call = chunk->call;

    return neuron_batch_chunk_fill(chunk, neuron_model_bucket(call->module->model, bucket),
                                   call->inputs, call->outputs, error);
}

/* Ends a chunk that was run; on the executor, or on the caller's thread. */
static void
end_chunk(void *argument, enum neuron_status status, const struct neuron_error *error)
{
    struct neuron_batch_chunk *chunk = argument;
    const struct neuron_module *module = chunk->call->module;
    struct neuron_error found = *error;

    if (status == NEURON_OK || status == NEURON_NUMERICAL_ERROR) {
        neuron_staged_tensors_trim(&chunk->staged, chunk->outputs);
    }
    if (status == NEURON_OK && neuron_model_bucket_count(module->model) > 1) {
        status = neuron_module_check_trimmed(module, chunk->outputs, &found);
    }
    put_back(chunk, status, &found);
}

/* Submits a chunk that is not the last one. */
static void
submit_chunk(struct neuron_batch_chunk *chunk)
{
    struct neuron_module *module = chunk->call->module;
    uint32_t bucket = chunk->call->cut.bucket;
    struct neuron_error error = {0};
    enum neuron_status status = fill_chunk(chunk, bucket, &error);

    if (status == NEURON_OK) {
        const struct neuron_replica_run order = {.inputs = chunk->staged.addresses,
                                                 .outputs =
                                                     chunk->staged.addresses + module->input_count,
                                                 .done = end_chunk,
                                                 .argument = chunk};

        status = neuron_module_submit_bucket(module, bucket, &order, &error);
    }
    if (status != NEURON_OK) {
        put_back(chunk, status, &error);
    }
}

static void
run_last_chunk(struct neuron_batch_chunk *chunk)
{
    struct neuron_module *module = chunk->call->module;
    uint32_t bucket = chunk->call->cut.last_bucket;
    struct neuron_error error = {0};
    enum neuron_status status = fill_chunk(chunk, bucket, &error);

    if (status != NEURON_OK) {
        put_back(chunk, status, &error);
        return;
    }
    status = neuron_module_run_bucket(module, bucket, chunk->staged.addresses,
                                      chunk->staged.addresses + module->input_count, &error);
    end_chunk(chunk, status, &error);
}

/* Says whether outputs will be undefined in any case. */
static bool
is_lost(struct neuron_batched_run *call)
{
    (void)pthread_mutex_lock(&call->lock);
    enum neuron_status status = call->locked.failure.status;
    (void)pthread_mutex_unlock(&call->lock);
    return status != NEURON_OK && status != NEURON_NUMERICAL_ERROR;
}

/* Runs the chunk that begins with a row, or lets it run. Returns the row behind it, or the same one
   when there is no memory. */
static int64_t
run_chunk(struct neuron_batched_run *call, int64_t row)
{
    bool is_last = call->cut.rows - row <= call->cut.chunk_rows;
    int64_t end = is_last ? call->cut.rows : row + call->cut.chunk_rows;
    struct neuron_batch_chunk *chunk = is_last ? take_last_chunk(call) : take_chunk(call);

    if (chunk == NULL) {
        return row;
    }
    begin_chunk(chunk, row, end);
    if (is_last) {
        run_last_chunk(chunk);
    } else {
        submit_chunk(chunk);
    }
    return end;
}

/* Runs all chunks, until one is lost, and waits for them. Returns NEURON_OUT_OF_MEMORY. */
static enum neuron_status
run_chunks(struct neuron_batched_run *call, struct neuron_error *error)
{
    int64_t row = 0;
    bool has_memory = true;

    while (has_memory && row < call->cut.rows && !is_lost(call)) {
        int64_t end = run_chunk(call, row);

        has_memory = end > row;
        row = end;
    }
    (void)pthread_mutex_lock(&call->lock);
    await(call, 0);
    (void)pthread_mutex_unlock(&call->lock);
    return has_memory ? NEURON_OK
                      : NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
}

/* Says what the chunk that decides says, and which rows these are if there are others. */
static enum neuron_status
report(const struct neuron_batched_run *call, struct neuron_error *error)
{
    const struct failure *failure = &call->locked.failure; /* no chunk is under way any more */

    if (failure->row_count == call->cut.rows) {
        neuron_error_set(error, failure->status, "%s", failure->error.text);
    } else if (failure->status != NEURON_OK) {
        neuron_error_set(error, failure->status,
                         "rows %" PRId64 " to %" PRId64 " of %" PRId64 ": %s", failure->first_row,
                         failure->first_row + failure->row_count - 1, call->cut.rows,
                         failure->error.text);
    }
    return failure->status;
}

enum neuron_status
neuron_batched_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                   const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    struct neuron_batch_cut cut = {0};
    enum neuron_status status = neuron_batch_cut_find(module->model, inputs, outputs, &cut, error);

    if (status != NEURON_OK) {
        neuron_runtime_count_refusal(module->runtime, status);
    }
    if (status != NEURON_OK || cut.rows == 0) {
        return status;
    }
    struct neuron_batched_run *call = begin_call(module);
    if (call == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    call->inputs = inputs;
    call->outputs = outputs;
    call->cut = cut;
    status = run_chunks(call, error);
    if (status == NEURON_OK) {
        status = report(call, error);
    }
    end_call(call);
    return status;
}

enum neuron_status
neuron_module_enable_dynamic_batching(struct neuron_module *module, struct neuron_error *error)
{
    enum neuron_status status = neuron_batch_cut_check(module->model, error);

    if (status == NEURON_OK) {
        /* Relaxed: a run needs nothing else that this thread has written. */
        atomic_store_explicit(&module->is_batched, true, memory_order_relaxed);
    }
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core that has begun its part of a run waits for the others. Were two runs handed to two cores
 * in different orders, each core could wait in one of them for the other. So one lock of the
 * runtime is held while a run is put into all inboxes: every core sees the runs in the same order,
 * and of those that are not done, the first one is next, or under way, on all of its cores.
 */
#include "module/wide.h"

#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "executor/executor.h"

struct neuron_wide {
    struct neuron_gang *gang;
    struct neuron_wide_core *cores;
    uint32_t core_count;
    pthread_mutex_t *submit_order;
    uint64_t last_number; /* of a run; guarded by `submit_order` */
};

enum neuron_status
neuron_wide_create(struct neuron_gang *gang, const struct neuron_wide_core *cores,
                   uint32_t core_count, pthread_mutex_t *submit_order, struct neuron_wide **wide,
                   struct neuron_error *error)
{
    struct neuron_wide *created = calloc(1, sizeof(*created));

    if (created != NULL) {
        created->cores = calloc(core_count, sizeof(*created->cores));
    }
    if (created == NULL || created->cores == NULL) {
        neuron_wide_destroy(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    memcpy(created->cores, cores, core_count * sizeof(*cores));
    created->gang = gang;
    created->core_count = core_count;
    created->submit_order = submit_order;
    *wide = created;
    return NEURON_OK;
}

/* Notes why a run failed: the first core that says so is right, the others ended because of it. */
static void
note_failure(struct neuron_wide_run *run, uint32_t core, enum neuron_status status,
             const struct neuron_error *reason)
{
    if (status != NEURON_CANCELLED && !atomic_exchange(&run->has_failed, true)) {
        run->status = NEURON_FAIL(
            &run->error, status, "part %" PRIu32 " of %" PRIu32 " on nc:%" PRIu32 ": %s", core + 1,
            run->wide->core_count, neuron_executor_core(run->wide->cores[core].executor),
            reason->text);
    }
}

/* Counts shares off; the last one tells that the run is done. */
static void
close_shares(struct neuron_wide_run *run, uint32_t count)
{
    if (atomic_fetch_sub(&run->open_count, count) == count) {
        run->done(run);
    }
}

/* On the executor of the share's core. */
static void
run_share(void *argument)
{
    const struct neuron_wide_share *share = argument;
    struct neuron_wide_run *run = share->run;
    const struct neuron_wide_core *core = &run->wide->cores[share->core];
    struct neuron_error reason = {0};

    neuron_executor_begin_run(core->executor, core->module);
    enum neuron_status status = neuron_program_run_part(core->program, run->inputs, run->outputs,
                                                        &run->gang_run, run->timeout_ms, &reason);

    neuron_executor_count_run(core->executor, core->serial, status);
    if (status != NEURON_OK) {
        note_failure(run, share->core, status, &reason);
    }
    close_shares(run, 1);
}

/* The order in which the cores get a run: the one that the caller is on comes last, since its
   executor, woken, takes the CPU. */
static uint32_t
core_at(const struct neuron_wide *wide, uint32_t position, uint32_t own)
{
    if (own == wide->core_count || position < own) {
        return position;
    }
    return position + 1 == wide->core_count ? own : position + 1;
}

static uint32_t
find_own_core(const struct neuron_wide *wide)
{
    int cpu = sched_getcpu();
    uint32_t core = 0;

    while (core < wide->core_count && neuron_executor_cpu(wide->cores[core].executor) != cpu) {
        core += 1;
    }
    return core;
}

/* Puts the shares of a run into the inboxes, while the order is held. `taken` receives how many
   took one, `refusing` the core that did not. */
static enum neuron_status
submit_shares(struct neuron_wide *wide, struct neuron_wide_run *run, uint32_t *taken,
              uint32_t *refusing, struct neuron_error *reason)
{
    uint32_t own = find_own_core(wide);
    enum neuron_status status = NEURON_OK;

    wide->last_number += 1;
    run->gang_run.number = wide->last_number;
    for (*taken = 0; status == NEURON_OK && *taken < wide->core_count;) {
        uint32_t core = core_at(wide, *taken, own);
        struct neuron_wide_share *share = &run->shares[core];

        share->run = run;
        share->core = core;
        share->request = (struct neuron_request){.work = run_share, .argument = share};
        status = neuron_executor_submit(wide->cores[core].executor, &share->request, reason);
        *taken += status == NEURON_OK ? 1 : 0;
        *refusing = core;
    }
    return status;
}

enum neuron_status
neuron_wide_submit(struct neuron_wide *wide, struct neuron_wide_run *run,
                   struct neuron_error *error)
{
    struct neuron_error reason = {0};
    uint32_t taken = 0;
    uint32_t refusing = 0;

    run->wide = wide;
    run->status = NEURON_OK;
    atomic_store(&run->gang_run.is_over, false);
    atomic_store(&run->has_failed, false);
    /* One more, so that the run is not done before this function is. */
    atomic_store(&run->open_count, wide->core_count + 1);
    (void)pthread_mutex_lock(wide->submit_order);
    enum neuron_status status = submit_shares(wide, run, &taken, &refusing, &reason);
    (void)pthread_mutex_unlock(wide->submit_order);
    if (taken == 0) {
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    if (status != NEURON_OK) {
        note_failure(run, refusing, status, &reason);
        neuron_gang_give_up(wide->gang, &run->gang_run);
    }
    close_shares(run, wide->core_count - taken + 1);
    return NEURON_OK;
}

void
neuron_wide_destroy(struct neuron_wide *wide)
{
    if (wide == NULL) {
        return;
    }
    free(wide->cores);
    free(wide);
}

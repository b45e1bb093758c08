/* SPDX-License-Identifier: Apache-2.0 */
/* The replicas of a module at one placement: made together, and destroyed together. */
#ifndef NEURON_MODULE_REPLICA_SET_H
#define NEURON_MODULE_REPLICA_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/program.h"
#include "module/core_usage.h"
#include "module/plan_store.h"
#include "neuron/executor.h"
#include "neuron/model.h"
#include "neuron/runtime.h"
#include "neuron/status.h"

struct neuron_replica {
    const struct neuron_model *model; /* a bucket of the module's */
    struct neuron_executor *executor; /* of its first core */
    struct neuron_shared_plan *plan;
    struct neuron_charge charge;
    struct neuron_program *program;
    uint64_t serial; /* unique in the runtime: tells programs apart, also after one was freed */
};

/* Loading that goes on behind the caller's back (module/replica_loading.h). */
struct neuron_loading {
    struct neuron_request *requests; /* one per replica; NULL when none was begun */
    struct neuron_completion *completion;
};

/* Its counts, and who is in it, are kept by the module. */
struct neuron_replica_set {
    struct neuron_runtime *runtime;
    struct neuron_core_claim cores;
    uint32_t bucket_count;
    struct neuron_replica
        *replicas;           /* as many as the claim has, for each bucket: bucket by bucket */
    uint64_t turn;           /* of the round robin; guarded by the module's lock */
    uint32_t run_count;      /* runs under way; likewise */
    bool loads_at_first_run; /* all replicas, once the first run comes; likewise */
    struct neuron_loading loading;
};

/*
 * Chooses cores, and loads a model there: at once, or as the model says (neuron_model_is_lazy()).
 *
 * placement  NULL for the default.
 * leaving    a set that will be destroyed after; its cores count as free. May be NULL.
 * set        receives a new set, to be destroyed. Unchanged on failure.
 *
 * Returns as neuron_module_create(). Blocks while the executors load.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_set_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                          const struct neuron_module_placement *placement,
                          const struct neuron_replica_set *leaving, struct neuron_replica_set **set,
                          struct neuron_error *error);

/* How many replicas there are of all buckets. */
uint32_t
neuron_replica_set_total(const struct neuron_replica_set *set);

/*
 * Loads all replicas that are not loaded, and waits for them.
 *
 * Returns as neuron_module_create(). Not while a run is under way, here or in another set of a
 * model that is lazy or async.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_set_load(struct neuron_replica_set *set, struct neuron_error *error);

/* Destroys a set in which nothing runs; waits for what loads. Accepts NULL and half-built ones. */
void
neuron_replica_set_destroy(struct neuron_replica_set *set);

#endif

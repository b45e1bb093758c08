/* SPDX-License-Identifier: Apache-2.0 */
/* The replicas of a module at one placement: made together, and destroyed together. */
#ifndef NEURON_MODULE_REPLICA_SET_H
#define NEURON_MODULE_REPLICA_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/program.h"
#include "module/core_usage.h"
#include "module/pipeline.h"
#include "module/plan_store.h"
#include "module/wide.h"
#include "neuron/executor.h"
#include "neuron/model.h"
#include "neuron/runtime.h"
#include "neuron/status.h"

/* What one core does for a replica: all of the model, a stage of it, or a part of each step. */
struct neuron_replica_stage {
    struct neuron_executor *executor;
    struct neuron_shared_plan *plan;
    struct neuron_charge charge;
    struct neuron_program *program;
    uint64_t serial; /* unique in the runtime: tells programs apart, also after one was freed */
    uint64_t module; /* serial of the set, likewise */
};

struct neuron_replica {
    struct neuron_replica_stage *stages; /* on its cores, one after the other */
    struct neuron_pipeline *pipeline;    /* through all stages; NULL for none */
    struct neuron_gang *gang;            /* of cores that run it together; NULL for none */
    struct neuron_wide *wide;            /* likewise */
};

/* Loading that goes on behind the caller's back (module/replica_loading.h). */
struct neuron_loading {
    struct neuron_request *requests; /* one per stage; NULL when none was begun */
    struct neuron_completion *completion;
};

/* Its counts, and who is in it, are kept by the module. */
struct neuron_replica_set {
    struct neuron_runtime *runtime;
    uint64_t serial; /* unique in the runtime: what who watches knows it by */
    struct neuron_core_claim cores;
    const struct neuron_model *model;
    struct neuron_replica *replicas;     /* as many as the claim has, for each bucket: bucket by
                                            bucket. A model of several cores has one bucket */
    uint32_t replica_total;              /* of all buckets */
    struct neuron_replica_stage *stages; /* of all replicas, those of the first one first */
    uint32_t stage_count;                /* of all replicas */
    uint64_t turn;                       /* of the round robin; guarded by the module's lock */
    uint32_t run_count;                  /* runs under way; likewise */
    bool loads_at_first_run;             /* all replicas, once the first run comes; likewise */
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

/*
 * Loads all replicas that are not loaded, and waits for them.
 *
 * Returns as neuron_module_create(). Not while a run is under way, here or in another set of a
 * model that is lazy or async.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_set_load(struct neuron_replica_set *set, struct neuron_error *error);

/* Puts the core of a stage before the reason, and says which numbering it is of. */
enum neuron_status
neuron_replica_blame_core(const struct neuron_replica_stage *stage, enum neuron_status status,
                          const struct neuron_error *reason, struct neuron_error *error);

/* Destroys a set in which nothing runs; waits for what loads. Accepts NULL and half-built ones. */
void
neuron_replica_set_destroy(struct neuron_replica_set *set);

#endif

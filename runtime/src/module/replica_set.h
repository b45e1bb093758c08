/* SPDX-License-Identifier: Apache-2.0 */
/* The replicas of a module at one placement: made together, and destroyed together. */
#ifndef NEURON_MODULE_REPLICA_SET_H
#define NEURON_MODULE_REPLICA_SET_H

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
};

struct neuron_replica {
    struct neuron_replica_stage *stages; /* on its cores, one after the other */
    struct neuron_pipeline *pipeline;    /* through all stages; NULL for none */
    struct neuron_gang *gang;            /* of cores that run it together; NULL for none */
    struct neuron_wide *wide;            /* likewise */
};

/* Its counts, and who is in it, are kept by the module. */
struct neuron_replica_set {
    struct neuron_runtime *runtime;
    struct neuron_core_claim cores;
    struct neuron_replica *replicas;     /* as many as the claim has */
    struct neuron_replica_stage *stages; /* of all replicas, those of the first one first */
    uint32_t stage_count;                /* of all replicas */
    uint64_t turn;                       /* of the round robin; guarded by the module's lock */
    uint32_t run_count;                  /* runs under way; likewise */
};

/*
 * Chooses cores, and loads a model there.
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

/* Destroys a set in which nothing runs. Accepts NULL and half-built ones. */
void
neuron_replica_set_destroy(struct neuron_replica_set *set);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a module is made of, for those who place it and those who run it. */
#ifndef NEURON_MODULE_MODULE_BODY_H
#define NEURON_MODULE_MODULE_BODY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "module/replica_set.h"
#include "neuron/module.h"

struct neuron_module_run;  /* one run on its way to an executor and back */
struct neuron_batched_run; /* one call with a batch of any size */

struct neuron_module {
    struct neuron_runtime *runtime;
    const struct neuron_model *model;
    uint32_t input_count;
    uint32_t output_count;
    atomic_bool is_batched;  /* runs take batches of any size */
    pthread_mutex_t placing; /* held while the module moves */
    uint32_t keeper_count;   /* who rely on its replicas; guarded by `placing` */
    pthread_mutex_t lock;
    pthread_cond_t left; /* the last run has left a set */
    struct {
        struct neuron_replica_set *set;
        struct neuron_module_run *free_runs; /* as many as were ever under way at once */
        struct neuron_batched_run *free_batched;
    } locked; /* guarded by `lock` */
};

/* Destroys runs that are not under way. Accepts NULL. */
void
neuron_module_runs_destroy(struct neuron_module_run *runs);

#endif

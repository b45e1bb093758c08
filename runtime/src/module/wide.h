/* SPDX-License-Identifier: Apache-2.0 */
/* A replica that several cores run together, each a part of every large step. */
#ifndef NEURON_MODULE_WIDE_H
#define NEURON_MODULE_WIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "engine/program.h"
#include "neuron/executor.h"
#include "neuron/status.h"

/* Any thread. */
struct neuron_wide;

/* The part of one core. All three outlive the object. */
struct neuron_wide_core {
    struct neuron_executor *executor;
    struct neuron_program *program;
    uint64_t serial; /* of the program, for the executor's counters */
    uint64_t module; /* likewise of the module */
};

struct neuron_wide_run;

/* Hears that a run is done; see its `status`. As the last that touches run and object; on an
   executor's thread, or the one that submits. It waits for no executor. */
typedef void
neuron_wide_done_fn(struct neuron_wide_run *run);

/* What a core does for a run. */
struct neuron_wide_share {
    struct neuron_wide_run *run;
    uint32_t core;
    struct neuron_request request;
};

/* A run on its way. The caller fills in the first five. */
struct neuron_wide_run {
    void *const *inputs; /* of the model, as the outputs; until the run is done */
    void *const *outputs;
    uint64_t timeout_ms; /* 0 for none */
    neuron_wide_done_fn *done;
    struct neuron_wide_share *shares; /* room for one a core */
    enum neuron_status status;        /* when it is done */
    struct neuron_error error;        /* with the core in front */

    /* The object's. */
    struct neuron_wide *wide;
    struct neuron_gang_run gang_run;
    _Atomic uint32_t open_count; /* shares that are not done */
    _Atomic bool has_failed;
};

/*
 * Makes an object for cores of one gang, which outlives it.
 *
 * cores         borrowed for the call.
 * submit_order  held while a run is handed to its cores, by all objects of a runtime: so all cores
 *               see runs in one order, and none waits for another that waits for it.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_wide_create(struct neuron_gang *gang, const struct neuron_wide_core *cores,
                   uint32_t core_count, pthread_mutex_t *submit_order, struct neuron_wide **wide,
                   struct neuron_error *error);

/*
 * Lets the cores run. A core that is busy with something else delays the run.
 *
 * run  the object's until it is done.
 *
 * Returns what submitting to the first core returns; the run is then still the caller's, and will
 * not be told that it is done. Where a later core refuses it, the run is done with that. Never
 * waits for a core.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_wide_submit(struct neuron_wide *wide, struct neuron_wide_run *run,
                   struct neuron_error *error);

/* Destroys an object in which nothing runs. Accepts NULL. */
void
neuron_wide_destroy(struct neuron_wide *wide);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What other parts of this library see of a runtime. */
#ifndef NEURON_RUNTIME_BODY_H
#define NEURON_RUNTIME_BODY_H

#include <pthread.h>

#include "counters/process_counters.h"
#include "memory/device_budget.h"
#include "module/core_choice.h"
#include "module/core_usage.h"
#include "module/plan_store.h"
#include "neuron/runtime.h"
#include "neuron/topology.h"

/* The machine as it was when the runtime was made. Lives as long as the runtime. Any thread. */
const struct neuron_topology *
neuron_runtime_topology(const struct neuron_runtime *runtime);

/* The claim on the runtime's cores. Lives as long as the runtime. Any thread. */
const struct neuron_core_lease *
neuron_runtime_lease(const struct neuron_runtime *runtime);

/*
 * The legacy groups, in the order of the text, one behind the other from nc:0. Lives as long as the
 * runtime. Any thread.
 *
 * count  receives how many there are.
 *
 * Returns NULL where there are none.
 */
const struct neuron_core_group *
neuron_runtime_groups(const struct neuron_runtime *runtime, uint32_t *count);

/* What others watch the runtime by. Lives as long as the runtime. Any thread. */
struct neuron_process_counters *
neuron_runtime_counters(const struct neuron_runtime *runtime);

/* The budget of a core's device. Lives as long as the runtime. Any thread. */
struct neuron_device_budget *
neuron_runtime_device_budget(const struct neuron_runtime *runtime, uint32_t nc);

/*
 * Refuses in a forked child, which has the memory of a runtime, but neither its threads nor its
 * cores.
 *
 * Returns NEURON_STOPPED there. Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_runtime_check_process(const struct neuron_runtime *runtime, struct neuron_error *error);

/* How many replicas are on which core. Lives as long as the runtime. Any thread. */
struct neuron_core_usage *
neuron_runtime_usage(const struct neuron_runtime *runtime);

/* The plans of all modules. Lives as long as the runtime. Any thread but an executor's. */
struct neuron_plan_store *
neuron_runtime_plans(const struct neuron_runtime *runtime);

/* Held while a run is handed to several cores that run it together. Any thread. */
pthread_mutex_t *
neuron_runtime_submit_order(struct neuron_runtime *runtime);

/* Under which each thread keeps its innermost context of cores. Any thread. */
pthread_key_t
neuron_runtime_context_key(const struct neuron_runtime *runtime);

/* A number that no program of this runtime had before, never 0. Any thread. */
uint64_t
neuron_runtime_next_serial(struct neuron_runtime *runtime);

/* What the options said of each run. Any thread. */
uint64_t
neuron_runtime_execution_timeout_ms(const struct neuron_runtime *runtime);
enum neuron_numerical_check
neuron_runtime_numerical_check(const struct neuron_runtime *runtime);

#endif

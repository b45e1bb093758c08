/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/data_parallel.h"

#include <stdlib.h>

#include "call_report.h"
#include "data_parallel_body.h"
#include "isolated_lanes.h"

void
neuron_data_parallel_set_split_size(struct neuron_data_parallel *parallel, uint32_t rows)
{
    atomic_store_explicit(&parallel->split_rows, rows, memory_order_relaxed);
}

uint32_t
neuron_data_parallel_split_size(const struct neuron_data_parallel *parallel)
{
    return atomic_load_explicit(&parallel->split_rows, memory_order_relaxed);
}

void
neuron_data_parallel_set_num_workers(struct neuron_data_parallel *parallel, uint32_t chunks)
{
    atomic_store_explicit(&parallel->worker_limit, chunks, memory_order_relaxed);
}

uint32_t
neuron_data_parallel_num_workers(const struct neuron_data_parallel *parallel)
{
    uint32_t limit = atomic_load_explicit(&parallel->worker_limit, memory_order_relaxed);

    return limit == 0 ? 2 * parallel->core_count : limit;
}

void
neuron_data_parallel_disable_dynamic_batching(struct neuron_data_parallel *parallel)
{
    enum neuron_batching expected = NEURON_BATCHING_DYNAMIC;

    if (parallel->specs.custom != NULL) {
        return; /* it has no compiled shape */
    }
    /* Where it is off already, the first reason stands. */
    (void)atomic_compare_exchange_strong(&parallel->batching, &expected,
                                         NEURON_BATCHING_SWITCHED_OFF);
}

bool
neuron_data_parallel_has_dynamic_batching(const struct neuron_data_parallel *parallel,
                                          struct neuron_error *error)
{
    switch (atomic_load_explicit(&parallel->batching, memory_order_relaxed)) {
    case NEURON_BATCHING_DYNAMIC:
        return true;
    case NEURON_BATCHING_REFUSED_BY_MODEL:
        neuron_error_set(error, parallel->refusal.status, "%s", parallel->refusal.text);
        break;
    case NEURON_BATCHING_REFUSED_BY_OPTIONS:
        neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                         "dynamic batching was refused by the option without_dynamic_batching");
        break;
    case NEURON_BATCHING_SWITCHED_OFF:
        neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                         "dynamic batching was switched off by "
                         "neuron_data_parallel_disable_dynamic_batching()");
        break;
    }
    return false;
}

uint32_t
neuron_data_parallel_core_count(const struct neuron_data_parallel *parallel)
{
    return parallel->core_count;
}

uint32_t
neuron_data_parallel_replica_count(const struct neuron_data_parallel *parallel)
{
    return parallel->replica_count;
}

void
neuron_data_parallel_destroy(struct neuron_data_parallel *parallel)
{
    if (parallel == NULL) {
        return;
    }
    neuron_dispatcher_destroy(parallel->dispatcher);
    neuron_isolated_lanes_destroy(parallel->isolated);
    if (parallel->cores.first_cores != NULL) {
        neuron_core_claim_give_back(parallel->runtime, &parallel->cores);
    }
    if (parallel->owns_module) {
        neuron_module_destroy(parallel->module);
    } else if (parallel->module != NULL) {
        neuron_module_let_go(parallel->module);
    }
    free(parallel->exact_layouts);
    free(parallel->layouts);
    free(parallel);
}

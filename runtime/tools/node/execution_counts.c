/* SPDX-License-Identifier: Apache-2.0 */
#include "node/execution_counts.h"

#include "neuron/status.h"

/* What a status is for a run, for a call that came to no core, and which fault. */
struct meaning {
    enum neuron_execution_end ended;
    enum neuron_execution_end refused;
    enum neuron_execution_fault fault;
};

static struct meaning
explain(enum neuron_status status)
{
    struct meaning meaning = {NEURON_EXECUTION_WITH_ERROR, NEURON_EXECUTION_FAILED_TO_QUEUE,
                              NEURON_FAULT_GENERIC};

    switch (status) {
    case NEURON_INVALID_ARGUMENT:
    case NEURON_INVALID_SYNTAX:
        meaning.ended = NEURON_EXECUTION_INCORRECT_INPUT;
        meaning.refused = NEURON_EXECUTION_INCORRECT_INPUT;
        break;
    case NEURON_TIMED_OUT:
        meaning.ended = NEURON_EXECUTION_TIMED_OUT;
        meaning.refused = NEURON_EXECUTION_TIMED_OUT;
        meaning.fault = NEURON_FAULT_RUNTIME;
        break;
    case NEURON_QUEUE_FULL:
        meaning.ended = NEURON_EXECUTION_FAILED_TO_QUEUE;
        meaning.fault = NEURON_FAULT_TRANSIENT;
        break;
    case NEURON_NUMERICAL_ERROR:
        meaning.ended = NEURON_EXECUTION_WITH_NUMERICAL_ERROR;
        meaning.fault = NEURON_FAULT_NUMERICAL;
        break;
    case NEURON_UNSUPPORTED_MODEL:
    case NEURON_DAMAGED_MODEL:
        meaning.fault = NEURON_FAULT_MODEL;
        break;
    case NEURON_OUT_OF_MEMORY:
    case NEURON_DEVICE_MEMORY_FULL:
    case NEURON_STOPPED:
    case NEURON_PEER_LOST:
    case NEURON_SYSTEM:
        meaning.fault = NEURON_FAULT_RUNTIME;
        break;
    case NEURON_OK:
    case NEURON_NO_SUCH_CORE:
    case NEURON_CORES_TAKEN:
    case NEURON_CANCELLED:
        break;
    }
    return meaning;
}

void
neuron_execution_counts_add(const uint64_t *ended, const uint64_t *refused,
                            struct neuron_execution_counts *counts)
{
    counts->ends[NEURON_EXECUTION_COMPLETED] += ended[NEURON_OK];
    for (uint32_t i = NEURON_OK + 1; i < NEURON_COUNTER_STATUSES; i += 1) {
        struct meaning meaning = explain((enum neuron_status)i);

        counts->ends[meaning.ended] += ended[i];
        counts->ends[meaning.refused] += refused[i];
        counts->faults[meaning.fault] += ended[i] + refused[i];
    }
}

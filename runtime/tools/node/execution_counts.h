/* SPDX-License-Identifier: Apache-2.0 */
/* How runs ended, by the names that the Neuron tools have for it: values to values. */
#ifndef NEURON_TOOLS_NODE_EXECUTION_COUNTS_H
#define NEURON_TOOLS_NODE_EXECUTION_COUNTS_H

#include <stdint.h>

#include "counters/counter_page.h"

enum neuron_execution_end {
    NEURON_EXECUTION_COMPLETED = 0,
    NEURON_EXECUTION_WITH_ERROR,
    NEURON_EXECUTION_WITH_NUMERICAL_ERROR,
    NEURON_EXECUTION_TIMED_OUT,
    NEURON_EXECUTION_INCORRECT_INPUT,
    NEURON_EXECUTION_FAILED_TO_QUEUE,
    NEURON_EXECUTION_ENDS
};

enum neuron_execution_fault {
    NEURON_FAULT_GENERIC = 0,
    NEURON_FAULT_NUMERICAL,
    NEURON_FAULT_TRANSIENT,
    NEURON_FAULT_MODEL,
    NEURON_FAULT_RUNTIME,
    NEURON_FAULT_HARDWARE,
    NEURON_EXECUTION_FAULTS
};

static const char *const neuron_execution_end_names[NEURON_EXECUTION_ENDS] = {
    "completed", "completed_with_err", "completed_with_num_err",
    "timed_out", "incorrect_input",    "failed_to_queue"};
static const char *const neuron_execution_fault_names[NEURON_EXECUTION_FAULTS] = {
    "generic", "numerical", "transient", "model", "runtime", "hardware"};

struct neuron_execution_counts {
    uint64_t ends[NEURON_EXECUTION_ENDS];
    uint64_t faults[NEURON_EXECUTION_FAULTS];
};

/*
 * Adds runs and refused calls to what was counted.
 *
 * ended    runs by enum neuron_status.
 * refused  calls that came to no core, likewise.
 */
void
neuron_execution_counts_add(const uint64_t *ended, const uint64_t *refused,
                            struct neuron_execution_counts *counts);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "faulty_runtime.h"

#include <sched.h>
#include <stddef.h>
#include <time.h>

#include "neuron/executor.h"
#include "neuron/module.h"

#include "traced_model.h"

struct faulty_runtime faulty_runtime;

void
faulty_runtime_reset(void)
{
    for (int i = 0; i < FAULTY_CORES; i += 1) {
        atomic_store(&faulty_runtime.is_full[i], false);
        atomic_store(&faulty_runtime.submitted[i], 0);
    }
    atomic_store(&faulty_runtime.runs, 0);
    atomic_store(&faulty_runtime.meeting, 1);
    atomic_store(&faulty_runtime.arrived, 0);
    atomic_store(&faulty_runtime.allocations, 0);
}

/* Waits, some seconds at most, until as many failing runs are under way as shall meet. */
static void
meet_others(void)
{
    time_t deadline = time(NULL) + 10;

    atomic_fetch_add(&faulty_runtime.arrived, 1);
    while (atomic_load(&faulty_runtime.arrived) < atomic_load(&faulty_runtime.meeting) &&
           time(NULL) < deadline) {
        (void)sched_yield();
    }
}

/* The linker makes these names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__real_neuron_module_run_replica_until(struct neuron_module *module, uint32_t replica,
                                       void *const *inputs, void *const *outputs,
                                       uint64_t deadline_ns, struct neuron_error *error);
enum neuron_status
__wrap_neuron_module_run_replica_until(struct neuron_module *module, uint32_t replica,
                                       void *const *inputs, void *const *outputs,
                                       uint64_t deadline_ns, struct neuron_error *error);
enum neuron_status
__real_neuron_executor_submit(struct neuron_executor *executor,
                              const struct neuron_request *request, struct neuron_error *error);
enum neuron_status
__wrap_neuron_executor_submit(struct neuron_executor *executor,
                              const struct neuron_request *request, struct neuron_error *error);
void *
__real_calloc(size_t count, size_t size_bytes);
void *
__wrap_calloc(size_t count, size_t size_bytes);
void *
__real_malloc(size_t size_bytes);
void *
__wrap_malloc(size_t size_bytes);

enum neuron_status
__wrap_neuron_module_run_replica_until(struct neuron_module *module, uint32_t replica,
                                       void *const *inputs, void *const *outputs,
                                       uint64_t deadline_ns, struct neuron_error *error)
{
    const float *rows = inputs[0];

    atomic_fetch_add(&faulty_runtime.runs, 1);
    for (int row = 0; row < TRACED_ROWS; row += 1) {
        if (rows[(ptrdiff_t)row * FAULTY_COLUMNS] == FAULTY_NUMBER) {
            meet_others();
            return NEURON_FAIL(error, NEURON_SYSTEM, "the kernel refused row %d", row);
        }
    }
    return __real_neuron_module_run_replica_until(module, replica, inputs, outputs, deadline_ns,
                                                  error);
}

enum neuron_status
__wrap_neuron_executor_submit(struct neuron_executor *executor,
                              const struct neuron_request *request, struct neuron_error *error)
{
    uint32_t core = neuron_executor_core(executor);

    if (atomic_load(&faulty_runtime.is_full[core])) {
        return NEURON_FAIL(error, NEURON_QUEUE_FULL, "the inbox of nc:%u is full", core);
    }
    atomic_fetch_add(&faulty_runtime.submitted[core], 1);
    return __real_neuron_executor_submit(executor, request, error);
}

void *
__wrap_calloc(size_t count, size_t size_bytes)
{
    atomic_fetch_add(&faulty_runtime.allocations, 1);
    return __real_calloc(count, size_bytes);
}

void *
__wrap_malloc(size_t size_bytes)
{
    atomic_fetch_add(&faulty_runtime.allocations, 1);
    return __real_malloc(size_bytes);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

/* SPDX-License-Identifier: Apache-2.0 */
#include "async_bench.h"

#include <stdbool.h>
#include <unistd.h>

#include "neuron/module.h"
#include "nrt/libnrt.h"

#include "descriptors.h"

static _Thread_local uint32_t allocations;

uint32_t
allocation_count(void)
{
    return allocations;
}

/* The linker makes these names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__real_neuron_module_run_replica(struct neuron_module *module, uint32_t replica,
                                 void *const *inputs, void *const *outputs,
                                 struct neuron_error *error);
enum neuron_status
__wrap_neuron_module_run_replica(struct neuron_module *module, uint32_t replica,
                                 void *const *inputs, void *const *outputs,
                                 struct neuron_error *error);
void *
__real_malloc(size_t size_bytes);
void *
__wrap_malloc(size_t size_bytes);
void *
__real_calloc(size_t count, size_t size_bytes);
void *
__wrap_calloc(size_t count, size_t size_bytes);

enum neuron_status
__wrap_neuron_module_run_replica(struct neuron_module *module, uint32_t replica,
                                 void *const *inputs, void *const *outputs,
                                 struct neuron_error *error)
{
    float first = *(const float *)inputs[0];

    if (first == RUN_FAILS) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the kernel refused");
    }
    if (first == RUN_TIMES_OUT) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT, "the run took too long");
    }
    enum neuron_status status =
        __real_neuron_module_run_replica(module, replica, inputs, outputs, error);
    if (status == NEURON_OK && first == RUN_GIVES_NAN) {
        return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR, "the output has a NaN");
    }
    return status;
}
void *
__wrap_malloc(size_t size_bytes)
{
    allocations += 1;
    return __real_malloc(size_bytes);
}

void *
__wrap_calloc(size_t count, size_t size_bytes)
{
    allocations += 1;
    return __real_calloc(count, size_bytes);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

nrt_model_t *
load_twice(const struct nrt_bench *bench, int32_t vnc, int32_t vnc_count)
{
    return load_neff(twice_neff(bench), vnc, vnc_count);
}

struct neuron_executor *
executor_of(uint32_t nc)
{
    return neuron_runtime_executor(libnrt_runtime(), nc);
}

struct twice_tensors
create_pair(int vnc)
{
    struct twice_tensors pair;

    twice_tensors_create(&pair, vnc, 0);
    return pair;
}

void
write_number(nrt_tensor_t *tensor, float number)
{
    const float numbers[VECTOR_LENGTH] = {number, number, number, number};

    assert_nrt_ok(nrt_tensor_write(tensor, numbers, 0, VECTOR_BYTES));
}

nrta_seq_t
schedule(nrt_model_t *model, const struct twice_tensors *pair, nrta_error_tracker_t *tracker)
{
    nrta_seq_t sequence = 0;

    assert_nrt_ok(nrta_execute_schedule(model, pair->inputs, pair->outputs, 0, tracker, &sequence));
    return sequence;
}

void
await(nrta_seq_t sequence)
{
    bool is_completed = false;
    int descriptor = -1;

    assert_nrt_ok(nrta_get_completion_handle(sequence, &descriptor));
    assert_true(becomes_readable(descriptor));
    assert_int_equal(close(descriptor), 0);
    assert_nrt_ok(nrta_is_completed(sequence, &is_completed));
    assert_true(is_completed);
}

nrta_seq_t
sequence_id(uint32_t nc, uint32_t place, uint64_t number)
{
    return ((uint64_t)(nc * 16 + place) << 48) | number;
}

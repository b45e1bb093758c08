/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors at addresses that are no multiple of the size of their elements. */
#include "nrt_bench.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "gate.h"
#include "neuron/module.h"
#include "nrt/libnrt.h"
#include "nrt/nrt_async.h"
#include "nrt_models.h"

enum { BUFFER_BYTES = 256 };

/* How many addresses runs were given, and how many of them fit no number. */
static _Atomic uint32_t address_count;
static _Atomic uint32_t misaligned_count;

static void
look_at_address(const void *address)
{
    atomic_fetch_add(&address_count, 1);
    if ((uintptr_t)address % sizeof(float) != 0) {
        atomic_fetch_add(&misaligned_count, 1);
    }
}

/* The linker makes these names: the test stands between libnrt and the runtime.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming,readability-function-size)
 */
enum neuron_status
__real_neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                         uint32_t input_count, const struct neuron_tensor_view *outputs,
                         uint32_t output_count, struct neuron_error *error);
enum neuron_status
__wrap_neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                         uint32_t input_count, const struct neuron_tensor_view *outputs,
                         uint32_t output_count, struct neuron_error *error);
enum neuron_status
__real_neuron_module_run_replica(struct neuron_module *module, uint32_t replica,
                                 void *const *inputs, void *const *outputs,
                                 struct neuron_error *error);
enum neuron_status
__wrap_neuron_module_run_replica(struct neuron_module *module, uint32_t replica,
                                 void *const *inputs, void *const *outputs,
                                 struct neuron_error *error);

enum neuron_status
__wrap_neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                         uint32_t input_count, const struct neuron_tensor_view *outputs,
                         uint32_t output_count, struct neuron_error *error)
{
    for (uint32_t i = 0; i < input_count; i += 1) {
        look_at_address(inputs[i].data);
    }
    for (uint32_t i = 0; i < output_count; i += 1) {
        look_at_address(outputs[i].data);
    }
    return __real_neuron_module_run(module, inputs, input_count, outputs, output_count, error);
}

enum neuron_status
__wrap_neuron_module_run_replica(struct neuron_module *module, uint32_t replica,
                                 void *const *inputs, void *const *outputs,
                                 struct neuron_error *error)
{
    look_at_address(inputs[0]);
    look_at_address(outputs[0]);
    return __real_neuron_module_run_replica(module, replica, inputs, outputs, error);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming,readability-function-size)
 */

/* Fails the test unless runs were given so many addresses, all of which fit. */
static void
expect_addresses(uint32_t count)
{
    assert_int_equal(atomic_exchange(&address_count, 0), count);
    assert_int_equal(atomic_exchange(&misaligned_count, 0), 0);
}

/* Puts the tensors of "twice" into a buffer, and fills x. */
static void
attach(const struct twice_tensors *tensors, unsigned char *x, unsigned char *y, float number)
{
    const float numbers[VECTOR_LENGTH] = {number, number, number, number};

    assert_nrt_ok(nrt_tensor_attach_buffer(tensors->x, x, VECTOR_BYTES));
    assert_nrt_ok(nrt_tensor_attach_buffer(tensors->y, y, VECTOR_BYTES));
    assert_nrt_ok(nrt_tensor_write(tensors->x, numbers, 0, VECTOR_BYTES));
}

static void
a_run_takes_buffers_at_any_address(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);
    _Alignas(64) unsigned char buffer[BUFFER_BYTES] = {0};
    struct twice_tensors tensors = {.x = NULL};

    twice_tensors_create(&tensors, 0, 0.0F);
    for (size_t offset = 0; offset < 2 * sizeof(float); offset += 1) {
        attach(&tensors, buffer + offset, buffer + 64 + offset / 2, (float)offset);
        assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
        assert_vector(tensors.x, (float)offset);
        assert_vector(tensors.y, 2.0F * (float)offset);
        expect_addresses(2);
    }
    twice_tensors_destroy(&tensors);
    assert_nrt_ok(nrt_unload(model));
}

static void
slices_may_begin_anywhere(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);
    const float numbers[VECTOR_LENGTH] = {3, 3, 3, 3};
    nrt_tensor_t *whole = NULL;
    nrt_tensor_t *x = NULL;
    nrt_tensor_t *y = NULL;

    assert_nrt_ok(
        nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, BUFFER_BYTES, "whole", &whole));
    assert_nrt_ok(nrt_tensor_allocate_slice(whole, 1, VECTOR_BYTES, "x", &x));
    assert_nrt_ok(nrt_tensor_allocate_slice(whole, 1 + VECTOR_BYTES, VECTOR_BYTES, "y", &y));
    assert_nrt_ok(nrt_tensor_write(x, numbers, 0, VECTOR_BYTES));
    nrt_tensor_set_t *inputs = set_of("x", x);
    nrt_tensor_set_t *outputs = set_of("y", y);
    assert_nrt_ok(nrt_execute(model, inputs, outputs));
    assert_vector(y, 6.0F);
    expect_addresses(2);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
    nrt_tensor_free(&x);
    nrt_tensor_free(&y);
    nrt_tensor_free(&whole);
    assert_nrt_ok(nrt_unload(model));
}

static void
an_output_may_overlap_a_misaligned_input(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);
    unsigned char buffer[BUFFER_BYTES] = {0};
    struct twice_tensors tensors = {.x = NULL};

    twice_tensors_create(&tensors, 0, 0.0F);
    for (size_t distance = 0; distance < VECTOR_BYTES; distance += 1) {
        attach(&tensors, buffer + 1, buffer + 1 + distance, 5.0F);
        assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
        assert_vector(tensors.y, 10.0F);
        expect_addresses(2);
    }
    twice_tensors_destroy(&tensors);
    assert_nrt_ok(nrt_unload(model));
}

static void
repeated_runs_take_buffers_at_any_address(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);
    unsigned char buffer[BUFFER_BYTES] = {0};
    struct twice_tensors tensors = {.x = NULL};
    float expected = 1.0F;

    twice_tensors_create(&tensors, 0, 0.0F);
    attach(&tensors, buffer + 3, buffer + 65, 1.0F);
    for (int count = 1; count < 5; count += 1) {
        expected *= 2.0F;
        assert_nrt_ok(nrt_execute_repeat(model, tensors.inputs, tensors.outputs, count));
        assert_vector(tensors.x, 1.0F);
        assert_vector(tensors.y, expected);
        expect_addresses(2 * (uint32_t)count);
    }
    twice_tensors_destroy(&tensors);
    assert_nrt_ok(nrt_unload(model));
}

static void
a_request_reads_what_is_there_when_it_runs(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);
    const float numbers[VECTOR_LENGTH] = {7, 7, 7, 7};
    unsigned char buffer[BUFFER_BYTES] = {0};
    struct twice_tensors tensors = {.x = NULL};
    nrta_seq_t sequence = 0;
    struct gate gate;

    twice_tensors_create(&tensors, 0, 0.0F);
    attach(&tensors, buffer + 1, buffer + 67, 1.0F);
    gate_close(&gate, neuron_runtime_executor(libnrt_runtime(), 0));
    assert_nrt_ok(nrta_tensor_write(tensors.x, numbers, 0, VECTOR_BYTES, 0, NULL, &sequence));
    assert_nrt_ok(
        nrta_execute_schedule(model, tensors.inputs, tensors.outputs, 0, NULL, &sequence));
    gate_open(&gate);
    assert_nrt_ok(nrt_unload(model));
    assert_vector(tensors.y, 14.0F);
    expect_addresses(2);
    twice_tensors_destroy(&tensors);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_takes_buffers_at_any_address),
        cmocka_unit_test(slices_may_begin_anywhere),
        cmocka_unit_test(an_output_may_overlap_a_misaligned_input),
        cmocka_unit_test(repeated_runs_take_buffers_at_any_address),
        cmocka_unit_test(a_request_reads_what_is_there_when_it_runs),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}

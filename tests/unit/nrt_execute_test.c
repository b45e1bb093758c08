/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that are waited for: what they compute, and what they refuse. */
#include "nrt_bench.h"

#include <stdlib.h>
#include <string.h>

#include "nrt_models.h"

static void
reopen(const char *variable, const char *value)
{
    nrt_close();
    set_variable(variable, value);
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

static void
a_model_computes_from_its_inputs(void **state)
{
    struct twice_tensors tensors = {.x = NULL};
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);

    twice_tensors_create(&tensors, 0, 2.5F);
    assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_vector(tensors.y, 5.0F);
    assert_vector(tensors.x, 2.5F);
    assert_nrt_ok(nrt_unload(model));
    twice_tensors_destroy(&tensors);
}

static void
tensors_are_found_by_name_in_any_order(void **state)
{
    nrt_model_t *model = load_neff(pair_neff(*state), 0, -1);
    nrt_tensor_t *a = vector_of(0, 5.0F);
    nrt_tensor_t *b = vector_of(0, 3.0F);
    nrt_tensor_t *sum = vector_of(0, 0.0F);
    nrt_tensor_t *difference = vector_of(0, 0.0F);
    nrt_tensor_set_t *set = set_of("difference", difference);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "unknown to the model", a));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "b", b));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "sum", sum));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "a", a));
    assert_nrt_ok(nrt_execute(model, set, set)); /* one set may be both */
    assert_vector(sum, 8.0F);
    assert_vector(difference, 2.0F);
    nrt_destroy_tensor_set(&set);
    nrt_tensor_free(&a);
    nrt_tensor_free(&b);
    nrt_tensor_free(&sum);
    nrt_tensor_free(&difference);
    assert_nrt_ok(nrt_unload(model));
}

static void
an_input_that_was_never_written_reads_as_zeros(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    nrt_tensor_t *x = NULL;
    nrt_tensor_t *y = vector_of(0, 7.0F);

    assert_nrt_ok(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, VECTOR_BYTES, "x", &x));
    nrt_tensor_set_t *inputs = set_of("x", x);
    nrt_tensor_set_t *outputs = set_of("y", y);
    assert_nrt_ok(nrt_execute(model, inputs, outputs));
    assert_vector(y, 0.0F);
    nrt_tensor_free(&x);
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
buffers_slices_and_the_host_serve_any_core(void **state)
{
    float numbers[3 * VECTOR_LENGTH] = {0, 0, 0, 0, 9, 9, 9, 9};
    nrt_model_t *model = load_neff(twice_neff(*state), 3, -1);
    nrt_tensor_t *attached = NULL;
    nrt_tensor_t *slice = NULL;
    nrt_tensor_t *host = NULL;

    assert_nrt_ok(nrt_tensor_allocate_empty("numbers", &attached));
    assert_nrt_ok(nrt_tensor_attach_buffer(attached, numbers, sizeof(numbers)));
    assert_nrt_ok(nrt_tensor_allocate_slice(attached, VECTOR_BYTES, VECTOR_BYTES, "slice", &slice));
    assert_nrt_ok(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, VECTOR_BYTES, "host", &host));
    nrt_tensor_set_t *inputs = set_of("x", slice);
    nrt_tensor_set_t *outputs = set_of("y", host);
    assert_nrt_ok(nrt_execute(model, inputs, outputs));
    assert_vector(host, 18.0F);
    nrt_tensor_free(&attached);
    nrt_tensor_free(&slice);
    nrt_tensor_free(&host);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
a_model_may_have_many_tensors(void **state)
{
    nrt_model_t *model = load_neff(crowd_neff(*state), -1, -1);
    nrt_tensor_t *tensors[CROWD_INPUTS] = {NULL};
    nrt_tensor_t *y = vector_of(0, 0.0F);
    nrt_tensor_set_t *inputs = NULL;
    nrt_tensor_set_t *outputs = set_of("y", y);

    assert_nrt_ok(nrt_allocate_tensor_set(&inputs));
    for (int i = 0; i < CROWD_INPUTS; i += 1) {
        char name[8] = {'x', '_', (char)('0' + i), '\0'};

        if (i >= 10) {
            name[2] = '1';
            name[3] = (char)('0' + i - 10);
        }
        tensors[i] = vector_of(0, (float)i);
        assert_nrt_ok(nrt_add_tensor_to_tensor_set(inputs, name, tensors[i]));
    }
    assert_nrt_ok(nrt_execute(model, inputs, outputs));
    assert_vector(y, 66.0F);
    for (int i = 0; i < CROWD_INPUTS; i += 1) {
        nrt_tensor_free(&tensors[i]);
    }
    assert_nrt(NRT_INVALID, nrt_execute(model, inputs, outputs));
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
tensors_that_do_not_fit_are_refused_by_name(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 1, -1);
    struct twice_tensors tensors = {.x = NULL};
    nrt_tensor_t *slice = NULL;
    nrt_tensor_t *elsewhere = vector_of(0, 1.0F);
    nrt_tensor_t *empty = NULL;

    twice_tensors_create(&tensors, 1, 1.0F);
    assert_nrt(NRT_INVALID, nrt_execute(model, tensors.outputs, tensors.outputs));
    assert_logged(*state, "KMGR:nrt_execute  the set has no tensor x model=");
    assert_nrt_ok(nrt_tensor_allocate_slice(tensors.y, 0, 12, "slice", &slice));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(tensors.outputs, "y", slice));
    assert_nrt(NRT_INVALID, nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_logged(*state, "tensor y has 12 bytes, and the model takes 16");
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(tensors.outputs, "y", elsewhere));
    assert_nrt(NRT_INVALID, nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_logged(*state, "Tensor y allocated on vnc 0 must be allocated on same vnc as model (1)");
    assert_nrt_ok(nrt_tensor_allocate_empty("empty", &empty));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(tensors.outputs, "y", empty));
    assert_nrt(NRT_INVALID, nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_logged(*state, "tensor y has no memory");
    nrt_tensor_free(&empty);
    assert_nrt(NRT_INVALID, nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_logged(*state, "tensor y of the set was freed");
    nrt_tensor_free(&slice);
    nrt_tensor_free(&elsewhere);
    twice_tensors_destroy(&tensors);
}

static void
an_input_may_be_the_output_too(void **state)
{
    nrt_model_t *model = load_neff(pair_neff(*state), 0, -1);
    nrt_tensor_t *a = vector_of(0, 5.0F);
    nrt_tensor_t *b = vector_of(0, 3.0F);
    nrt_tensor_set_t *set = set_of("a", a);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "b", b));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "sum", b));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "difference", a));
    assert_nrt_ok(nrt_execute(model, set, set));
    assert_vector(b, 8.0F);
    assert_vector(a, 2.0F);
    assert_nrt_ok(nrt_tensor_check_output_completion(a, 0, 1));
    nrt_tensor_free(&a);
    nrt_tensor_free(&b);
    nrt_destroy_tensor_set(&set);
}

static void
outputs_that_overlap_are_refused(void **state)
{
    nrt_model_t *model = load_neff(pair_neff(*state), 0, -1);
    nrt_tensor_t *a = vector_of(0, 5.0F);
    nrt_tensor_t *y = vector_of(0, 3.0F);
    nrt_tensor_set_t *inputs = set_of("a", a);
    nrt_tensor_set_t *outputs = set_of("sum", y);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(inputs, "b", a));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(outputs, "difference", y));
    assert_nrt(NRT_INVALID, nrt_execute(model, inputs, outputs));
    assert_logged(*state, "tensor sum overlaps another output of the run");
    assert_vector(y, 3.0F);
    nrt_tensor_free(&a);
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
completions_of_outputs_are_counted(void **state)
{
    struct twice_tensors tensors = {.x = NULL};
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);

    twice_tensors_create(&tensors, 0, 1.0F);
    assert_nrt_ok(nrt_tensor_check_output_completion(tensors.y, 0, 0));
    assert_nrt(NRT_TIMEOUT, nrt_tensor_check_output_completion(tensors.y, 0, 1));
    assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_nrt_ok(nrt_tensor_check_output_completion(tensors.y, -1, 2));
    assert_nrt(NRT_TIMEOUT, nrt_tensor_check_output_completion(tensors.y, 1000, 3));
    assert_nrt(NRT_TIMEOUT, nrt_tensor_check_output_completion(tensors.x, 0, 1));
    assert_nrt_ok(nrt_tensor_reset_output_completion(tensors.y));
    assert_nrt(NRT_TIMEOUT, nrt_tensor_check_output_completion(tensors.y, 0, 1));
    assert_nrt_ok(nrt_tensor_check_output_completion(tensors.y, INT64_MAX, 0));
    twice_tensors_destroy(&tensors);
}

static void
a_run_that_gives_nan_is_told_where_somebody_looks(void **state)
{
    reopen("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY", "critical");
    nrt_model_t *model = load_neff(quotient_neff(*state), 0, -1);
    nrt_tensor_t *zeros = vector_of(0, 0.0F);
    nrt_tensor_t *y = vector_of(0, 1.0F);
    nrt_tensor_set_t *inputs = set_of("a", zeros);
    nrt_tensor_set_t *outputs = set_of("quotient", y);
    float numbers[VECTOR_LENGTH] = {0};

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(inputs, "b", zeros));
    assert_nrt(NRT_EXEC_COMPLETED_WITH_NUM_ERR, nrt_execute(model, inputs, outputs));
    assert_logged(*state, "status=NRT_EXEC_COMPLETED_WITH_NUM_ERR");
    assert_nrt_ok(nrt_tensor_read(y, numbers, 0, VECTOR_BYTES));
    assert_true(numbers[0] != numbers[0]); /* the outputs are there */
    assert_nrt_ok(nrt_tensor_check_output_completion(y, 0, 1));
    nrt_tensor_free(&zeros);
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
a_run_that_takes_too_long_is_a_timeout(void **state)
{
    enum { SIZE = SLOW_SIDE * SLOW_SIDE * 4 };
    nrt_tensor_t *x = NULL;
    nrt_tensor_t *y = NULL;

    reopen("NEURON_RT_EXEC_TIMEOUT", "1");
    nrt_model_t *model = load_neff(slow_neff(*state), 0, -1);
    assert_nrt_ok(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, SIZE, "x", &x));
    assert_nrt_ok(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, SIZE, "y", &y));
    nrt_tensor_set_t *inputs = set_of("x", x);
    nrt_tensor_set_t *outputs = set_of("y", y);
    assert_nrt(NRT_TIMEOUT, nrt_execute(model, inputs, outputs));
    assert_logged(*state, "status=NRT_TIMEOUT");
    assert_nrt(NRT_TIMEOUT, nrt_tensor_check_output_completion(y, 0, 1));
    nrt_tensor_free(&x);
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
runs_are_logged_at_trace_only(void **state)
{
    struct twice_tensors tensors = {.x = NULL};

    reopen("NEURON_RT_LOG_LEVEL_KMGR", "DEBUG");
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    twice_tensors_create(&tensors, 0, 1.0F);
    assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_not_logged(*state, "ran twice");
    reopen("NEURON_RT_LOG_LEVEL_KMGR", "TRACE");
    model = load_neff(twice_neff(*state), -1, -1);
    twice_tensors_create(&tensors, 0, 1.0F);
    assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_logged(*state, " TRACE KMGR:nrt_execute  ran twice model=");
}

static void
queued_runs_need_no_waiting(void **state)
{
    (void)state;
    assert_nrt_ok(nrt_register_async_exec_callback(NULL, NULL));
    assert_nrt_ok(nrt_async_drain_queued_execs(0));
    assert_nrt_ok(nrt_async_drain_queued_execs(3));
    assert_nrt(NRT_INVALID, nrt_async_drain_queued_execs(4));
    assert_nrt(NRT_INVALID, nrt_async_drain_queued_execs(-1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_model_computes_from_its_inputs, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(tensors_are_found_by_name_in_any_order, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(an_input_that_was_never_written_reads_as_zeros,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(buffers_slices_and_the_host_serve_any_core, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_may_have_many_tensors, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(tensors_that_do_not_fit_are_refused_by_name,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(an_input_may_be_the_output_too, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(outputs_that_overlap_are_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(completions_of_outputs_are_counted, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_that_gives_nan_is_told_where_somebody_looks,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_that_takes_too_long_is_a_timeout, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(runs_are_logged_at_trace_only, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(queued_runs_need_no_waiting, nrt_bench_setup,
                                        nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

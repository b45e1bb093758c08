/* SPDX-License-Identifier: Apache-2.0 */
/* Runs whose outputs are the inputs of the next one. */
#include "nrt_bench.h"

#include <limits.h>

#include "nrt_models.h"

static void
outputs_become_inputs(void **state)
{
    static const struct {
        int count;
        float result;
    } cases[] = {{1, 6.0F}, {2, 12.0F}, {3, 24.0F}, {10, 3072.0F}};
    struct twice_tensors tensors = {.x = NULL};
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);

    twice_tensors_create(&tensors, 0, 3.0F);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        assert_nrt_ok(nrt_execute_repeat(model, tensors.inputs, tensors.outputs, cases[i].count));
        assert_vector(tensors.y, cases[i].result);
        assert_vector(tensors.x, 3.0F); /* unchanged */
    }
    assert_nrt_ok(nrt_tensor_check_output_completion(tensors.y, 0, 4));
    assert_nrt(NRT_TIMEOUT, nrt_tensor_check_output_completion(tensors.y, 0, 5));
    twice_tensors_destroy(&tensors);
    assert_nrt_ok(nrt_unload(model));
}

static void
pairs_go_by_position(void **state)
{
    nrt_model_t *model = load_neff(pair_neff(*state), 0, 2);
    nrt_tensor_t *a = vector_of(0, 5.0F);
    nrt_tensor_t *b = vector_of(0, 3.0F);
    nrt_tensor_t *sum = vector_of(1, 0.0F);
    nrt_tensor_t *difference = vector_of(1, 0.0F);
    nrt_tensor_set_t *inputs = set_of("a", a);
    nrt_tensor_set_t *outputs = set_of("sum", sum);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(inputs, "b", b));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(outputs, "difference", difference));
    /* 5, 3 -> 8, 2 -> 10, 6 -> 16, 4 */
    assert_nrt_ok(nrt_execute_repeat(model, inputs, outputs, 3));
    assert_vector(sum, 16.0F);
    assert_vector(difference, 4.0F);
    nrt_tensor_free(&a);
    nrt_tensor_free(&b);
    nrt_tensor_free(&sum);
    nrt_tensor_free(&difference);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
    assert_nrt_ok(nrt_unload(model));
}

static void
an_input_may_be_the_output_too(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    nrt_tensor_t *x = vector_of(0, 3.0F);
    nrt_tensor_set_t *set = set_of("x", x);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "y", x));
    assert_nrt_ok(nrt_execute_repeat(model, set, set, 2));
    assert_vector(x, 12.0F);
    assert_nrt_ok(nrt_execute_repeat(model, set, set, 3));
    assert_vector(x, 96.0F);
    nrt_tensor_free(&x);
    nrt_destroy_tensor_set(&set);
    assert_nrt_ok(nrt_unload(model));
}

static void
a_model_without_pairs_is_refused(void **state)
{
    nrt_model_t *model = load_neff(quotient_neff(*state), 0, -1);
    nrt_tensor_t *a = vector_of(0, 1.0F);
    nrt_tensor_t *y = vector_of(0, 1.0F);
    nrt_tensor_set_t *inputs = set_of("a", a);
    nrt_tensor_set_t *outputs = set_of("quotient", y);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(inputs, "b", a));
    assert_nrt(NRT_INVALID, nrt_execute_repeat(model, inputs, outputs, 1));
    assert_logged(*state, "the model has 2 inputs and 1 outputs");
    assert_nrt_ok(nrt_execute(model, inputs, outputs));
    nrt_tensor_free(&a);
    nrt_tensor_free(&y);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
    assert_nrt_ok(nrt_unload(model)); /* nothing of it is still in use */
}

static void
a_count_below_one_is_refused(void **state)
{
    struct twice_tensors tensors = {.x = NULL};
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);

    twice_tensors_create(&tensors, 0, 3.0F);
    assert_nrt(NRT_INVALID, nrt_execute_repeat(model, tensors.inputs, tensors.outputs, 0));
    assert_nrt(NRT_INVALID, nrt_execute_repeat(model, tensors.inputs, tensors.outputs, -1));
    assert_nrt(NRT_INVALID, nrt_execute_repeat(model, tensors.inputs, tensors.outputs, INT_MIN));
    assert_vector(tensors.y, 0.0F);
    twice_tensors_destroy(&tensors);
    assert_nrt_ok(nrt_unload(model));
}

static void
nan_on_the_way_is_told_at_the_end(void **state)
{
    float numbers[VECTOR_LENGTH] = {0};
    struct twice_tensors tensors = {.x = NULL};

    nrt_close();
    set_variable("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY", "critical");
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    twice_tensors_create(&tensors, 0, 1.0F);
    numbers[1] = numbers[0] / numbers[2];
    assert_nrt_ok(nrt_tensor_write(tensors.x, numbers, 0, VECTOR_BYTES));
    assert_nrt(NRT_EXEC_COMPLETED_WITH_NUM_ERR,
               nrt_execute_repeat(model, tensors.inputs, tensors.outputs, 4));
    assert_nrt_ok(nrt_tensor_read(tensors.y, numbers, 0, VECTOR_BYTES));
    assert_true(numbers[1] != numbers[1]);
    assert_nrt_ok(nrt_tensor_check_output_completion(tensors.y, 0, 1));
    twice_tensors_destroy(&tensors);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_become_inputs),
        cmocka_unit_test(pairs_go_by_position),
        cmocka_unit_test(an_input_may_be_the_output_too),
        cmocka_unit_test(a_model_without_pairs_is_refused),
        cmocka_unit_test(a_count_below_one_is_refused),
        cmocka_unit_test(nan_on_the_way_is_told_at_the_end),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}

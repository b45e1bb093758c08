/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrent networks, products of bytes and trees: shapes, refusals, and kernels on any data. */
#include "neuron/trace_recurrent.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "engine/kernels/dot.h"
#include "engine/kernels/gate.h"
#include "engine/kernels/kernel.h"
#include "graph/recurrent.h"

static void
gates_are_close_to_the_functions(void **state)
{
    const struct neuron_gate sigmoid = {.function = NEURON_GATE_SIGMOID};
    const struct neuron_gate tangent = {.function = NEURON_GATE_TANH};

    (void)state;
    for (int i = -4000; i <= 4000; i += 1) {
        double x = (double)i / 100.0;
        float first = (float)x;
        float second = (float)x;

        neuron_gate_apply(&sigmoid, &first, 1);
        neuron_gate_apply(&tangent, &second, 1);
        assert_true(fabs((double)first - 1.0 / (1.0 + exp(-(double)(float)x))) < 3e-7);
        assert_true(fabs((double)second - tanh((double)(float)x)) < 3e-7);
    }
}

static void
gates_pass_on_what_is_no_number(void **state)
{
    const struct neuron_gate sigmoid = {.function = NEURON_GATE_SIGMOID};
    float number = NAN;

    (void)state;
    neuron_gate_apply(&sigmoid, &number, 1);
    assert_true(isnan(number));
}

static void
products_of_bytes_are_those_of_integers(void **state)
{
    int16_t left[3 * 16] = {0};
    int16_t right[5 * 16] = {0};
    int32_t result[3 * 5] = {0};
    const struct neuron_dot dot = {left, 3, right, 5, 16, result, 5};

    (void)state;
    for (int i = 0; i < 3 * 16; i += 1) {
        left[i] = (int16_t)(i * 37 % 511 - 255);
    }
    for (int i = 0; i < 5 * 16; i += 1) {
        right[i] = (int16_t)(i * 91 % 511 - 255);
    }
    neuron_dot_multiply(&dot);
    for (int i = 0; i < 15; i += 1) {
        int32_t sum = 0;

        for (int k = 0; k < 16; k += 1) {
            sum += left[i / 5 * 16 + k] * right[i % 5 * 16 + k];
        }
        assert_int_equal(result[i], sum);
    }
}

/* A tree of one decision over one row of two features, whose nodes are given. */
static float
run_tree(int32_t nodes[9], float feature)
{
    float row[2] = {feature, 0.0F};
    double thresholds[3] = {0.5, 0.0, 0.0};
    int32_t root = 0;
    int32_t targets[2] = {0, 0};
    float weights[2] = {1.0F, 2.0F};
    float base = 10.0F;
    float result = 0.0F;
    double scratch[64 * 3];
    const struct neuron_attributes attributes = {.mode = 0};
    const struct neuron_tensor_view inputs[7] = {
        {NEURON_FLOAT32, 2, {1, 2}, row},     {NEURON_INT32, 2, {3, 3}, nodes},
        {NEURON_FLOAT64, 1, {3}, thresholds}, {NEURON_INT32, 1, {1}, &root},
        {NEURON_INT32, 1, {2}, targets},      {NEURON_FLOAT32, 1, {2}, weights},
        {NEURON_FLOAT32, 1, {1}, &base}};
    const struct neuron_kernel_call call = {.kind = NEURON_OPERATOR_TREE_ENSEMBLE,
                                            .attributes = &attributes,
                                            .inputs = inputs,
                                            .input_count = 7,
                                            .output = {NEURON_FLOAT32, 2, {1, 1}, &result},
                                            .scratch = scratch};

    assert_int_equal(neuron_kernel_tree_ensemble(&call, NULL), NEURON_OK);
    return result;
}

static void
rows_go_where_the_comparison_says(void **state)
{
    int32_t nodes[9] = {0, 1, 2, -1, 0, 1, -1, 1, 1};

    (void)state;
    assert_true(run_tree(nodes, 0.5F) == 11.0F);
    assert_true(run_tree(nodes, 0.75F) == 12.0F);
    assert_true(run_tree(nodes, NAN) == 12.0F);
    nodes[0] = 1; /* missing is true */
    assert_true(run_tree(nodes, NAN) == 11.0F);
}

static void
nodes_from_anybody_are_walked_safely(void **state)
{
    int32_t circle[9] = {0, 0, 0, -1, 0, 1, -1, 1, 1};
    int32_t outside[9] = {0, 1 << 30, -7, -1, 0, 1, -1, 1, 1};
    int32_t no_feature[9] = {32, 1, 2, -1, 0, 1, -1, 1, 1};
    int32_t no_weight[9] = {0, 1, 2, -1, -3, 1, -1, 1, INT32_MAX};

    (void)state;
    assert_true(run_tree(circle, 0.0F) == 10.0F);
    assert_true(run_tree(outside, 0.0F) == 10.0F);
    assert_true(run_tree(outside, 1.0F) == 10.0F);
    assert_true(run_tree(no_feature, 0.0F) == 10.0F);
    assert_true(run_tree(no_weight, 0.0F) == 10.0F);
    assert_true(run_tree(no_weight, 1.0F) == 10.0F);
}

/* One step of a plain network of one number; `mode` and the function are given. */
static enum neuron_status
infer_rnn(uint32_t mode, uint32_t function, uint32_t input_count)
{
    const struct neuron_attributes attributes = {.mode = mode,
                                                 .order = {function, function, function}};
    const struct neuron_tensor_shape inputs[3] = {
        {NEURON_FLOAT32, 3, {1, 1, 1}}, {NEURON_FLOAT32, 2, {1, 1}}, {NEURON_FLOAT32, 2, {1, 1}}};
    struct neuron_tensor_shape output = {0};

    return neuron_operator_infer(NEURON_OPERATOR_RNN, &attributes, inputs, input_count, &output,
                                 NULL);
}

static void
recurrent_networks_refuse_modes_that_do_not_fit(void **state)
{
    (void)state;
    assert_int_equal(infer_rnn(0, NEURON_GATE_TANH, 2), NEURON_OK);
    assert_int_equal(infer_rnn(NEURON_RECURRENT_HAS_HIDDEN, NEURON_GATE_TANH, 3), NEURON_OK);
    assert_int_equal(infer_rnn(NEURON_RECURRENT_HAS_HIDDEN, NEURON_GATE_TANH, 2),
                     NEURON_INVALID_ARGUMENT);
    assert_int_equal(infer_rnn(NEURON_RECURRENT_HAS_LENGTHS, NEURON_GATE_TANH, 3),
                     NEURON_INVALID_ARGUMENT);
    assert_int_equal(infer_rnn(NEURON_RECURRENT_HAS_CELL, NEURON_GATE_TANH, 3),
                     NEURON_INVALID_ARGUMENT);
    assert_int_equal(infer_rnn(0, 99, 2), NEURON_INVALID_ARGUMENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates_are_close_to_the_functions),
        cmocka_unit_test(gates_pass_on_what_is_no_number),
        cmocka_unit_test(products_of_bytes_are_those_of_integers),
        cmocka_unit_test(rows_go_where_the_comparison_says),
        cmocka_unit_test(nodes_from_anybody_are_walked_safely),
        cmocka_unit_test(recurrent_networks_refuse_modes_that_do_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

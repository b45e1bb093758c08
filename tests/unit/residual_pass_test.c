/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "neff/neff_file.h"
#include "pass_check.h"
#include "sample_graph.h"
#include "test_folder.h"

struct form {
    bool is_left; /* the residual is the left side of the sum */
    bool has_bias;
    bool is_read_later; /* the residual is read behind the sum, too */
    bool is_same;       /* the product's input is its residual */
    bool is_row;        /* a row is added, which is broadcast */
    int32_t activation;
};

static struct neuron_value
activate(struct neuron_trace *trace, struct neuron_value value, int32_t kind)
{
    switch (kind) {
    case NEURON_OPERATOR_RELU:
        return neuron_relu(trace, value);
    case NEURON_OPERATOR_LEAKY_RELU:
        return neuron_leaky_relu(trace, value, 0.25F);
    case NEURON_OPERATOR_SWISH:
        return neuron_swish(trace, value);
    default:
        return value;
    }
}

static struct neuron_value
record_sum(struct neuron_trace *trace, const struct form *form, struct neuron_value product,
           struct neuron_value residual)
{
    struct neuron_value sum =
        form->is_left ? neuron_add(trace, residual, product) : neuron_add(trace, product, residual);

    sum = activate(trace, sum, form->activation);
    return form->is_read_later ? neuron_multiply(trace, sum, residual) : sum;
}

static enum neuron_status
convolve(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    const struct form *form = user;
    const struct neuron_conv2d_options options = {.pads = {1, 1, 1, 1}};
    struct neuron_value residual = neuron_tanh(trace, x[0]);
    struct neuron_value bias =
        form->has_bias ? sample_constant(trace, 4, 0, 0, 0) : (struct neuron_value){0};
    struct neuron_value product = neuron_conv2d(trace, form->is_same ? residual : x[0],
                                                sample_constant(trace, 4, 4, 3, 3), bias, &options);

    y[0] = record_sum(trace, form, product, residual);
    return neuron_trace_status(trace);
}

static enum neuron_status
multiply(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    const struct form *form = user;
    struct neuron_value first = neuron_tanh(trace, x[0]);
    struct neuron_value residual =
        form->is_row ? neuron_tanh(trace, neuron_reshape(trace, sample_constant(trace, 8, 0, 0, 0),
                                                         (const int64_t[]){1, 1, 1, 8}, 4))
                     : first;

    y[0] = record_sum(
        trace, form,
        neuron_matmul(trace, form->is_same ? first : x[0], sample_constant(trace, 8, 8, 0, 0)),
        residual);
    return neuron_trace_status(trace);
}

static void
a_sum_moves_into_the_product_and_the_activation_after_it(void **state)
{
    (void)state;
    struct form form = {.activation = NEURON_OPERATOR_RELU};

    pass_expect(neuron_pass_fuse, convolve, &form, 2, NEURON_OPERATOR_CONV);
    pass_expect(neuron_pass_fuse, multiply, &form, 2, NEURON_OPERATOR_MATMUL);
    form = (struct form){.is_left = true, .has_bias = true};
    pass_expect(neuron_pass_fuse, convolve, &form, 2, NEURON_OPERATOR_CONV);
    pass_expect(neuron_pass_fuse, multiply, &form, 2, NEURON_OPERATOR_MATMUL);
    form = (struct form){.has_bias = true, .activation = NEURON_OPERATOR_LEAKY_RELU};
    pass_expect(neuron_pass_fuse, convolve, &form, 2, NEURON_OPERATOR_CONV);
    form.activation = NEURON_OPERATOR_SWISH;
    pass_expect(neuron_pass_fuse, multiply, &form, 2, NEURON_OPERATOR_MATMUL);
}

static void
a_residual_that_is_read_elsewhere_stays_as_it_is(void **state)
{
    (void)state;
    struct form form = {.is_read_later = true};

    pass_expect(neuron_pass_fuse, convolve, &form, 3, NEURON_OPERATOR_MULTIPLY);
    pass_expect(neuron_pass_fuse, multiply, &form, 3, NEURON_OPERATOR_MULTIPLY);
    form = (struct form){.is_same = true};
    pass_expect(neuron_pass_fuse, convolve, &form, 2, NEURON_OPERATOR_CONV);
    pass_expect(neuron_pass_fuse, multiply, &form, 2, NEURON_OPERATOR_MATMUL);
}

static void
a_row_is_no_residual(void **state)
{
    (void)state;
    struct form form = {.is_row = true};

    pass_expect(neuron_pass_fuse, multiply, &form, 4, NEURON_OPERATOR_ADD);
}

static void
a_residual_survives_a_file(void **state)
{
    const int64_t dims[4] = {2, 4, 6, 8};
    struct form form = {.has_bias = true, .activation = NEURON_OPERATOR_LEAKY_RELU};
    struct neuron_graph *graph = pass_check(neuron_pass_fuse, convolve, &form, dims);
    struct neuron_neff_file file = {0};
    struct test_folder folder;
    struct neuron_error error;
    char path[TEST_PATH_BYTES];

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "a.neff", path);
    assert_ok(neuron_neff_write(graph, "a", path, &error), &error);
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    const struct neuron_node *node = &file.graph->nodes[1];
    assert_int_equal(node->input_count, 4);
    assert_true(node->attributes.has_residual);
    assert_true(node->attributes.alpha == 0.25F);
    neuron_neff_close(&file);
    neuron_graph_destroy(graph);
    test_folder_destroy(&folder);
}

/* Asks inference for a matmul of [2,3] and [3,4] with this residual. */
static enum neuron_status
infer_with(enum neuron_operator kind, struct neuron_tensor_shape residual,
           struct neuron_error *error)
{
    const struct neuron_attributes attributes = {.has_residual = true};
    const struct neuron_tensor_shape shapes[3] = {
        {.type = NEURON_FLOAT32, .rank = 2, .dims = {2, 3}},
        {.type = NEURON_FLOAT32, .rank = 2, .dims = {3, 4}},
        residual};
    struct neuron_tensor_shape result = {0};

    return neuron_operator_infer(kind, &attributes, shapes, 3, &result, error);
}

static void
a_residual_of_another_shape_or_operator_is_refused(void **state)
{
    const struct neuron_tensor_shape right = {.type = NEURON_FLOAT32, .rank = 2, .dims = {2, 4}};
    const struct neuron_tensor_shape wrong = {.type = NEURON_FLOAT32, .rank = 2, .dims = {1, 4}};
    struct neuron_error error;

    (void)state;
    assert_ok(infer_with(NEURON_OPERATOR_MATMUL, right, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, infer_with(NEURON_OPERATOR_MATMUL, wrong, &error),
                  &error);
    assert_contains(error.text, "the residual must have the shape of the result");
    assert_status(NEURON_INVALID_ARGUMENT, infer_with(NEURON_OPERATOR_ADD, right, &error), &error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_moves_into_the_product_and_the_activation_after_it),
        cmocka_unit_test(a_residual_that_is_read_elsewhere_stays_as_it_is),
        cmocka_unit_test(a_row_is_no_residual),
        cmocka_unit_test(a_residual_survives_a_file),
        cmocka_unit_test(a_residual_of_another_shape_or_operator_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "graph/batch_inputs.h"
#include "sample_graph.h"

enum { BATCH = 4 };

/* What the check says of a function of one input of this shape. */
static enum neuron_status
check(neuron_trace_fn *function, const struct neuron_tensor_view *inputs, uint32_t input_count,
      void *user, struct neuron_error *error)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = inputs, .input_count = input_count, .output_count = 1};
    struct neuron_graph *graph = NULL;

    assert_ok(neuron_trace(function, &signature, user, &graph, error), error);
    enum neuron_status status = neuron_graph_check_batchable(graph, error);
    neuron_graph_destroy(graph);
    return status;
}

static const struct neuron_tensor_view matrix = {
    .type = NEURON_FLOAT32, .rank = 2, .shape = {BATCH, 8}};
static const struct neuron_tensor_view square = {
    .type = NEURON_FLOAT32, .rank = 2, .shape = {BATCH, BATCH}};
static const struct neuron_tensor_view stack = {
    .type = NEURON_FLOAT32, .rank = 3, .shape = {BATCH, 6, 8}};
static const struct neuron_tensor_view images = {
    .type = NEURON_FLOAT32, .rank = 4, .shape = {BATCH, 3, 8, 8}};

static void
expect_batchable(neuron_trace_fn *function, const struct neuron_tensor_view *input)
{
    struct neuron_error error;

    assert_ok(check(function, input, 1, NULL, &error), &error);
}

static void
expect_mixing(neuron_trace_fn *function, const struct neuron_tensor_view *input, const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_UNSUPPORTED_MODEL, check(function, input, 1, NULL, &error), &error);
    assert_contains(error.text, text);
}

static enum neuron_status
perceptron(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    (void)user;
    struct neuron_value hidden = neuron_matmul(trace, x[0], sample_constant(trace, 8, 5, 0, 0));
    hidden = neuron_relu(trace, neuron_add(trace, hidden, sample_constant(trace, 5, 0, 0, 0)));
    hidden = neuron_multiply(trace, neuron_scalar(trace, 2.0F), hidden);
    y[0] = neuron_softmax(trace, neuron_add(trace, sample_constant(trace, 1, 5, 0, 0), hidden), -1);
    return neuron_trace_status(trace);
}

static void
a_perceptron_keeps_rows(void **state)
{
    (void)state;
    expect_batchable(perceptron, &matrix);
}

static enum neuron_status
convolution(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const struct neuron_pool2d_options window = {.kernel = {2, 2}, .strides = {2, 2}};

    (void)user;
    struct neuron_value features = neuron_conv2d(trace, x[0], sample_constant(trace, 5, 3, 3, 3),
                                                 sample_constant(trace, 5, 0, 0, 0), NULL);
    features = neuron_max_pool2d(trace, neuron_tanh(trace, features), &window);
    features = neuron_average_pool2d(trace, features, &window);
    y[0] = neuron_flatten(trace, features, 1);
    return neuron_trace_status(trace);
}

static void
a_convolution_keeps_rows(void **state)
{
    (void)state;
    expect_batchable(convolution, &images);
}

static enum neuron_status
attention(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *user)
{
    static const uint32_t order[] = {0, 2, 1};

    (void)user;
    struct neuron_value query = neuron_matmul(trace, x[0], sample_constant(trace, 8, 8, 0, 0));
    struct neuron_value key = neuron_transpose(trace, x[0], order);
    struct neuron_value scores = neuron_softmax(trace, neuron_matmul(trace, query, key), 2);
    struct neuron_value mixed = neuron_matmul(trace, scores, x[0]);
    y[0] = neuron_layer_norm(trace, mixed, sample_constant(trace, 8, 0, 0, 0),
                             sample_constant(trace, 8, 0, 0, 0), -1, 1e-5F);
    return neuron_trace_status(trace);
}

static void
attention_within_a_row_keeps_rows(void **state)
{
    (void)state;
    expect_batchable(attention, &stack);
}

static enum neuron_status
constants_aside(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    (void)user;
    /* Mixes rows of a constant, which is nobody's batch. */
    struct neuron_value weights = neuron_softmax(trace, sample_constant(trace, 8, 8, 0, 0), 0);
    y[0] = neuron_matmul(trace, x[0], weights);
    return neuron_trace_status(trace);
}

static void
what_happens_to_constants_does_not_count(void **state)
{
    (void)state;
    expect_batchable(constants_aside, &matrix);
}

static enum neuron_status
join_with_constant(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                   void *user)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, x[0]);
    const struct neuron_value parts[2] = {sample_constant(trace, shape.dims[0], 1, 0, 0), x[0]};

    (void)user;
    y[0] = neuron_concat(trace, parts, 2, 1);
    return neuron_trace_status(trace);
}

static void
a_constant_joined_to_a_single_row_keeps_rows(void **state)
{
    const struct neuron_tensor_view row = {.type = NEURON_FLOAT32, .rank = 2, .shape = {1, 8}};

    (void)state;
    expect_batchable(join_with_constant, &row);
    expect_mixing(join_with_constant, &matrix, "concat of float32[4,1] and float32[4,8]");
}

static enum neuron_status
softmax_of_batch(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                 void *user)
{
    (void)user;
    y[0] = neuron_softmax(trace, neuron_relu(trace, x[0]), 0);
    return neuron_trace_status(trace);
}

static enum neuron_status
norm_of_batch(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    (void)user;
    y[0] = neuron_layer_norm(trace, x[0], sample_constant(trace, 4, 8, 0, 0),
                             sample_constant(trace, 4, 8, 0, 0), 0, 1e-5F);
    return neuron_trace_status(trace);
}

static void
normalizing_over_the_batch_mixes_rows(void **state)
{
    (void)state;
    expect_mixing(softmax_of_batch, &matrix, "softmax of float32[4,8] to float32[4,8] mixes");
    expect_mixing(norm_of_batch, &matrix, "layer_norm of float32[4,8]");
}

/* A constant to combine the input with. */
struct operand {
    bool is_matmul; /* else added */
    bool is_left;
    int64_t dims[4];
};

static enum neuron_status
combine(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    const struct operand *operand = user;
    const int64_t *dims = operand->dims;
    struct neuron_value other = sample_constant(trace, dims[0], dims[1], dims[2], dims[3]);
    struct neuron_value left = operand->is_left ? other : x[0];
    struct neuron_value right = operand->is_left ? x[0] : other;

    y[0] = operand->is_matmul ? neuron_matmul(trace, left, right) : neuron_add(trace, left, right);
    return neuron_trace_status(trace);
}

static void
expect_mixing_with(struct operand operand, const struct neuron_tensor_view *input, const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_UNSUPPORTED_MODEL, check(combine, input, 1, &operand, &error), &error);
    assert_contains(error.text, text);
}

static void
a_constant_with_a_row_for_each_row_is_refused(void **state)
{
    (void)state;
    expect_mixing_with((struct operand){.dims = {BATCH, 1}}, &matrix,
                       "add of float32[4,8] and float32[4,1]");
}

static void
a_constant_of_higher_rank_moves_the_rows_away(void **state)
{
    (void)state;
    expect_mixing_with((struct operand){.dims = {2, 1, 1}}, &matrix,
                       "add of float32[4,8] and float32[2,1,1]");
}

static enum neuron_status
gram(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_gemm_options options = {.alpha = 1.0F, .transpose_b = true};

    (void)user;
    y[0] = neuron_gemm(trace, x[0], x[0], (struct neuron_value){0}, &options);
    return neuron_trace_status(trace);
}

static enum neuron_status
transposed_left(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    const struct neuron_gemm_options options = {.alpha = 1.0F, .transpose_a = true};

    (void)user;
    y[0] = neuron_gemm(trace, x[0], sample_constant(trace, BATCH, 4, 0, 0),
                       (struct neuron_value){0}, &options);
    return neuron_trace_status(trace);
}

static void
a_product_that_sums_over_rows_is_refused(void **state)
{
    (void)state;
    expect_mixing(gram, &matrix, "matmul of float32[4,8] and float32[4,8] to float32[4,4]");
    expect_mixing_with((struct operand){.is_matmul = true, .is_left = true, .dims = {BATCH, BATCH}},
                       &matrix, "matmul of float32[4,4] and float32[4,8]");
    expect_mixing(transposed_left, &matrix, "matmul of float32[4,8] and float32[4,4]");
    expect_mixing(transposed_left, &square, "matmul of float32[4,4] and float32[4,4]");
}

static void
weights_of_its_own_for_each_row_are_refused(void **state)
{
    (void)state;
    expect_mixing_with((struct operand){.is_matmul = true, .dims = {BATCH, 8, 2}}, &stack,
                       "matmul of float32[4,6,8] and float32[4,8,2]");
}

static enum neuron_status
regrouped(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *user)
{
    const int64_t dims[] = {-1, 4};

    (void)user;
    y[0] = neuron_reshape(trace, x[0], dims, 2);
    return neuron_trace_status(trace);
}

static enum neuron_status
turned(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_transpose(trace, x[0], NULL);
    return neuron_trace_status(trace);
}

static enum neuron_status
stacked_up(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    const struct neuron_value parts[2] = {x[0], x[0]};

    (void)user;
    y[0] = neuron_concat(trace, parts, 2, 0);
    return neuron_trace_status(trace);
}

static void
moving_elements_between_rows_is_refused(void **state)
{
    (void)state;
    expect_mixing(regrouped, &matrix, "reshape of float32[4,8] to float32[8,4]");
    expect_mixing(turned, &square, "transpose of float32[4,4] to float32[4,4]");
    expect_mixing(stacked_up, &matrix, "concat of float32[4,8] and float32[4,8] to float32[8,8]");
}

static enum neuron_status
image_as_weights(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                 void *user)
{
    (void)user;
    y[0] = neuron_conv2d(trace, sample_constant(trace, BATCH, 3, 9, 9), x[0],
                         (struct neuron_value){0}, NULL);
    return neuron_trace_status(trace);
}

static void
rows_as_weights_of_a_convolution_are_refused(void **state)
{
    (void)state;
    expect_mixing(image_as_weights, &images, "conv of float32[4,3,9,9]");
}

static enum neuron_status
sum_of_two(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    (void)user;
    y[0] = neuron_add(trace, x[0], x[1]);
    return neuron_trace_status(trace);
}

static enum neuron_status
join_rows(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *user)
{
    (void)user;
    y[0] = neuron_concat(trace, x, 2, 0);
    return neuron_trace_status(trace);
}

static void
inputs_with_different_rows_are_named(void **state)
{
    const struct neuron_tensor_view inputs[2] = {
        matrix, {.type = NEURON_FLOAT32, .rank = 2, .shape = {1, 8}}};
    const struct neuron_tensor_view equal[2] = {matrix, matrix};
    struct neuron_error error;

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL, check(join_rows, inputs, 2, NULL, &error), &error);
    assert_contains(error.text,
                    "input_0 (float32[4,8]) and input_1 (float32[1,8]) disagree on the rows");
    assert_contains(error.text, "concat of float32[4,8] and float32[1,8] to float32[5,8] mixes");
    assert_ok(check(sum_of_two, equal, 2, NULL, &error), &error);
}

static enum neuron_status
constant_answer(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    (void)user;
    (void)x;
    y[0] = neuron_relu(trace, sample_constant(trace, BATCH, 8, 0, 0));
    return neuron_trace_status(trace);
}

static void
an_output_without_rows_is_named(void **state)
{
    (void)state;
    expect_mixing(constant_answer, &matrix, "output_0 does not depend on the inputs");
}

static void
inputs_without_rows_have_no_batch(void **state)
{
    const struct neuron_tensor_view scalars[2] = {{.type = NEURON_FLOAT32},
                                                  {.type = NEURON_FLOAT32}};
    struct neuron_error error;

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL, check(sum_of_two, scalars, 2, NULL, &error), &error);
    assert_contains(error.text, "input_0 is float32[] and has no rows");
    assert_status(NEURON_UNSUPPORTED_MODEL, check(constant_answer, NULL, 0, NULL, &error), &error);
    assert_contains(error.text, "no inputs");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perceptron_keeps_rows),
        cmocka_unit_test(a_convolution_keeps_rows),
        cmocka_unit_test(attention_within_a_row_keeps_rows),
        cmocka_unit_test(what_happens_to_constants_does_not_count),
        cmocka_unit_test(a_constant_joined_to_a_single_row_keeps_rows),
        cmocka_unit_test(normalizing_over_the_batch_mixes_rows),
        cmocka_unit_test(a_constant_with_a_row_for_each_row_is_refused),
        cmocka_unit_test(a_constant_of_higher_rank_moves_the_rows_away),
        cmocka_unit_test(a_product_that_sums_over_rows_is_refused),
        cmocka_unit_test(weights_of_its_own_for_each_row_are_refused),
        cmocka_unit_test(moving_elements_between_rows_is_refused),
        cmocka_unit_test(rows_as_weights_of_a_convolution_are_refused),
        cmocka_unit_test(inputs_with_different_rows_are_named),
        cmocka_unit_test(an_output_without_rows_is_named),
        cmocka_unit_test(inputs_without_rows_have_no_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

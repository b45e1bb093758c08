/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/model_fit.h"
#include "traced_model.h"

/* Mixes the rows of its only input. */
static enum neuron_status
trace_softmax_over_rows(struct neuron_trace *trace, const struct neuron_value *inputs,
                        struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_softmax(trace, inputs[0], 0);
    return neuron_trace_status(trace);
}

static enum neuron_status
check(const struct neuron_model *model, struct neuron_tensor_shape rows,
      struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_model_fit fit = {
        .model = model, .model_path = "m.neff", .rows = &rows, .rows_path = "x.npy"};

    return neuron_model_fit_check(&fit, output, error);
}

static struct neuron_tensor_shape
matrix(enum neuron_type type, int64_t rows, int64_t columns)
{
    return (struct neuron_tensor_shape){.type = type, .rank = 2, .dims = {rows, columns}};
}

static void
any_number_of_rows_fits_and_comes_out(void **state)
{
    static const int64_t counts[] = {0, 1, TRACED_ROWS, 1000000};
    struct neuron_model *model = load_dense_model();

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1) {
        struct neuron_tensor_shape output = {0};
        struct neuron_tensor_shape expected = matrix(NEURON_FLOAT32, counts[i], 5);
        struct neuron_error error = {0};

        assert_ok(check(model, matrix(NEURON_FLOAT32, counts[i], 6), &output, &error), &error);
        assert_true(neuron_tensor_shape_equals(&output, &expected));
    }
    neuron_model_destroy(model);
}

static void
rows_of_another_shape_or_type_are_refused_with_both(void **state)
{
    struct neuron_model *model = load_dense_model();
    struct neuron_tensor_shape output = {.rank = 7};
    struct neuron_tensor_shape flat = {.type = NEURON_FLOAT32, .rank = 1, .dims = {6}};
    struct neuron_tensor_shape deep = {.type = NEURON_FLOAT32, .rank = 3, .dims = {9, 6, 1}};
    struct neuron_tensor_shape scalar = {.type = NEURON_FLOAT32};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  check(model, matrix(NEURON_FLOAT32, 9, 7), &output, &error), &error);
    assert_contains(error.text, "x.npy is float32[9,7]");
    assert_contains(error.text, "m.neff takes float32[4,6]");
    assert_status(NEURON_INVALID_ARGUMENT,
                  check(model, matrix(NEURON_FLOAT64, 9, 6), &output, &error), &error);
    assert_contains(error.text, "float64[9,6]");
    assert_status(NEURON_INVALID_ARGUMENT, check(model, flat, &output, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, check(model, deep, &output, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, check(model, scalar, &output, &error), &error);
    assert_int_equal(output.rank, 7);
    neuron_model_destroy(model);
}

static void
a_model_of_several_inputs_is_refused(void **state)
{
    struct neuron_model *model = load_two_by_two_model();
    struct neuron_tensor_shape output = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  check(model, matrix(NEURON_FLOAT32, 4, 6), &output, &error), &error);
    assert_contains(error.text, "2 inputs and 2 outputs");
    neuron_model_destroy(model);
}

/* Rows, and a vector that all of them share. */
static enum neuron_status
trace_sum(struct neuron_trace *trace, const struct neuron_value *inputs,
          struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_add(trace, inputs[0], inputs[1]);
    return neuron_trace_status(trace);
}

static void
a_model_with_an_input_that_rows_share_is_refused(void **state)
{
    static const bool is_shared[] = {false, true};
    struct neuron_model *model = load_traced_shared(trace_sum, "[4,6] [6]", is_shared, 1);
    struct neuron_tensor_shape output = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  check(model, matrix(NEURON_FLOAT32, 4, 6), &output, &error), &error);
    assert_contains(error.text, "the input input_1 of m.neff is shared by all rows");
    neuron_model_destroy(model);
}

static void
a_model_that_mixes_rows_is_refused(void **state)
{
    struct neuron_model *model = load_traced(trace_softmax_over_rows, "[4,6]", 1);
    struct neuron_tensor_shape output = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  check(model, matrix(NEURON_FLOAT32, 4, 6), &output, &error), &error);
    assert_contains(error.text, "m.neff cannot score row by row");
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_rows_fits_and_comes_out),
        cmocka_unit_test(rows_of_another_shape_or_type_are_refused_with_both),
        cmocka_unit_test(a_model_of_several_inputs_is_refused),
        cmocka_unit_test(a_model_with_an_input_that_rows_share_is_refused),
        cmocka_unit_test(a_model_that_mixes_rows_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One description for models and for programs of the user's, and the dimension that is cut. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "program_specs.h"

#include "traced_model.h"

enum { UNCHANGED = 77 };

/* float32[4,3], float32[6,4,2], shared float32[2] -> float32[4,3], float32[6,4,2] */
static enum neuron_status
two_ranks(struct neuron_trace *trace, const struct neuron_value *inputs,
          struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_relu(trace, inputs[0]);
    outputs[1] = neuron_add(trace, inputs[1], inputs[2]);
    return neuron_trace_status(trace);
}

static struct neuron_model *
load_two_ranks(void)
{
    static const bool is_shared[] = {false, false, true};

    return load_traced_shared(two_ranks, "[4,3] [6,4,2] [2]", is_shared, 2);
}

/* A program that takes rows of 3 numbers and one shared table, and gives a number a row. */
static const struct neuron_custom_tensor custom_inputs[] = {
    {.spec = {.name = "table", .shape = {.type = NEURON_INT32, .rank = 1, .dims = {7}}},
     .is_shared = true},
    {.spec = {.name = "rows", .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, 3}}}}};

static const struct neuron_custom_tensor custom_outputs[] = {
    {.spec = {.name = "scores", .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, 1}}}}};

static const struct neuron_custom_program custom = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                    .name = "trees",
                                                    .inputs = custom_inputs,
                                                    .outputs = custom_outputs,
                                                    .input_count = 2,
                                                    .output_count = 1};

static void
a_model_is_described(void **state)
{
    struct neuron_model *model = load_two_by_two_model();
    struct neuron_program_specs specs = neuron_program_specs_of_model(model);

    (void)state;
    assert_string_equal(specs.name, "traced");
    assert_int_equal(specs.input_count, 2);
    assert_int_equal(specs.output_count, 2);
    assert_int_equal(specs.batch_rows, TRACED_ROWS);
    for (uint32_t i = 0; i < 4; i += 1) {
        struct neuron_program_tensor tensor = neuron_program_specs_tensor(&specs, i);

        assert_int_equal(tensor.index, i % 2);
        assert_int_equal(tensor.is_input, i < 2);
        assert_false(tensor.is_shared);
        assert_ptr_equal(tensor.spec,
                         i < 2 ? neuron_model_input(model, i) : neuron_model_output(model, i - 2));
    }
    neuron_model_destroy(model);
}

static void
a_custom_program_is_described(void **state)
{
    struct neuron_program_specs specs = neuron_program_specs_of_custom(&custom);
    struct neuron_program_tensor table = neuron_program_specs_tensor(&specs, 0);
    struct neuron_program_tensor scores = neuron_program_specs_tensor(&specs, 2);
    char text[NEURON_PROGRAM_TENSOR_TEXT_BYTES] = "";

    (void)state;
    assert_string_equal(specs.name, "trees");
    assert_int_equal(specs.batch_rows, 0);
    assert_true(table.is_shared);
    assert_string_equal(neuron_program_tensor_format(&table, text, sizeof(text)),
                        "input 0 \"table\"");
    assert_false(scores.is_shared);
    assert_string_equal(neuron_program_tensor_format(&scores, text, sizeof(text)),
                        "output 0 \"scores\"");
}

static void
a_long_name_is_cut_in_texts(void **state)
{
    struct neuron_tensor_spec spec = {.name = ""};
    struct neuron_program_tensor tensor = {.spec = &spec, .index = UINT32_MAX, .is_input = false};
    char text[NEURON_PROGRAM_TENSOR_TEXT_BYTES] = "";

    (void)state;
    memset(spec.name, 'x', sizeof(spec.name) - 1);
    (void)neuron_program_tensor_format(&tensor, text, sizeof(text));
    assert_true(strlen(text) < sizeof(text));
    assert_string_equal(text, "output 4294967295 \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"");
}

static void
a_model_that_cannot_be_cut_has_no_batch_rows(void **state)
{
    struct neuron_model *model = load_product_model();
    struct neuron_program_specs specs = neuron_program_specs_of_model(model);
    struct neuron_error error = {0};
    int64_t rows = UNCHANGED;

    (void)state;
    assert_int_equal(specs.batch_rows, 0);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_model_find_batch(model, &rows, &error), &error);
    assert_int_equal(rows, UNCHANGED);
    assert_true(strlen(error.text) > 0);
    neuron_model_destroy(model);
}

static void
dimensions_count_from_either_end_of_each_rank(void **state)
{
    (void)state;
    assert_int_equal(neuron_dim_in_rank(0, 0), 0);
    assert_int_equal(neuron_dim_in_rank(0, 3), 0);
    assert_int_equal(neuron_dim_in_rank(2, 3), 2);
    assert_int_equal(neuron_dim_in_rank(-1, 3), 2);
    assert_int_equal(neuron_dim_in_rank(-3, 3), 0);
    assert_int_equal(neuron_dim_in_rank(-1, 1), 0);
}

/* The resolved number of a dimension that must do. */
static int32_t
resolve(const struct neuron_program_specs *specs, int32_t dim)
{
    struct neuron_error error = {0};
    int32_t resolved = UNCHANGED;

    assert_ok(neuron_program_specs_check_dim(specs, dim, &resolved, &error), &error);
    return resolved;
}

static void
assert_dim_refused(const struct neuron_program_specs *specs, int32_t dim, const char *text)
{
    struct neuron_error error = {0};
    int32_t resolved = UNCHANGED;

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_program_specs_check_dim(specs, dim, &resolved, &error), &error);
    assert_string_equal(error.text, text);
    assert_int_equal(resolved, UNCHANGED);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_program_specs_check_dim(specs, dim, &resolved, NULL), NULL);
}

static void
a_dimension_that_all_cut_tensors_have_is_taken(void **state)
{
    struct neuron_model *model = load_two_ranks();
    struct neuron_program_specs specs = neuron_program_specs_of_model(model);

    (void)state;
    assert_int_equal(resolve(&specs, 0), 0);
    assert_int_equal(resolve(&specs, 1), 1); /* though the shared input has no dimension 1 */
    assert_int_equal(resolve(&specs, -1), -1);
    assert_int_equal(resolve(&specs, -2), -2); /* the outermost of some only */
    neuron_model_destroy(model);
}

static void
the_outermost_dimension_of_all_is_dimension_0(void **state)
{
    struct neuron_model *model = load_two_by_two_model();
    struct neuron_program_specs specs = neuron_program_specs_of_model(model);
    struct neuron_program_specs custom_specs = neuron_program_specs_of_custom(&custom);

    (void)state;
    assert_int_equal(resolve(&specs, -2), 0);
    assert_int_equal(resolve(&specs, -1), -1);
    assert_int_equal(resolve(&custom_specs, -2), 0);
    assert_int_equal(resolve(&custom_specs, 0), 0);
    neuron_model_destroy(model);
}

static void
a_dimension_that_a_tensor_lacks_is_refused(void **state)
{
    struct neuron_model *model = load_two_ranks();
    struct neuron_program_specs specs = neuron_program_specs_of_model(model);

    (void)state;
    assert_dim_refused(&specs, 2,
                       "dim is 2, but input 0 \"input_0\" of \"traced\" has rank 2: -2 "
                       "to 1 would do");
    assert_dim_refused(&specs, -3,
                       "dim is -3, but input 0 \"input_0\" of \"traced\" has rank 2: "
                       "-2 to 1 would do");
    assert_dim_refused(&specs, INT32_MAX,
                       "dim is 2147483647, but input 0 \"input_0\" of "
                       "\"traced\" has rank 2: -2 to 1 would do");
    assert_dim_refused(&specs, INT32_MIN,
                       "dim is -2147483648, but input 0 \"input_0\" of "
                       "\"traced\" has rank 2: -2 to 1 would do");
    neuron_model_destroy(model);
}

static void
a_scalar_takes_no_dimension_but_the_default(void **state)
{
    struct neuron_model *model = load_scaled_model();
    struct neuron_program_specs specs = neuron_program_specs_of_model(model);

    (void)state;
    assert_int_equal(resolve(&specs, 0), 0);
    assert_dim_refused(&specs, -1,
                       "dim is -1, but input 1 \"input_1\" of \"traced\" has rank 0: 0 "
                       "alone can be given, as a scalar has no dimension");
    assert_dim_refused(&specs, 1,
                       "dim is 1, but input 1 \"input_1\" of \"traced\" has rank 0: 0 "
                       "alone can be given, as a scalar has no dimension");
    neuron_model_destroy(model);
}

static void
a_custom_program_is_cut_in_rows_alone(void **state)
{
    struct neuron_program_specs specs = neuron_program_specs_of_custom(&custom);

    (void)state;
    assert_dim_refused(&specs, 1,
                       "dim is 1, but the program \"trees\" runs on rows, which are "
                       "cut along dimension 0 alone");
    assert_dim_refused(&specs, -1,
                       "dim is -1, but the program \"trees\" runs on rows, which are "
                       "cut along dimension 0 alone");
    assert_dim_refused(&specs, 2,
                       "dim is 2, but input 1 \"rows\" of \"trees\" has rank 2: -2 to 1 "
                       "would do");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_described),
        cmocka_unit_test(a_custom_program_is_described),
        cmocka_unit_test(a_long_name_is_cut_in_texts),
        cmocka_unit_test(a_model_that_cannot_be_cut_has_no_batch_rows),
        cmocka_unit_test(dimensions_count_from_either_end_of_each_rank),
        cmocka_unit_test(a_dimension_that_all_cut_tensors_have_is_taken),
        cmocka_unit_test(the_outermost_dimension_of_all_is_dimension_0),
        cmocka_unit_test(a_dimension_that_a_tensor_lacks_is_refused),
        cmocka_unit_test(a_scalar_takes_no_dimension_but_the_default),
        cmocka_unit_test(a_custom_program_is_cut_in_rows_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tensors of a call must be, for rows and for exact shapes along any dimension. */
#include "check.h"

#include <string.h>

#include "batch_tensors.h"

#include "traced_model.h"

enum { MOST_TENSORS = 5, MOST_BYTES = 4096, REPLICAS = 2, UNCHANGED = 77 };

/* A call under construction: each tensor has memory of its own. */
struct call {
    struct neuron_model *model; /* NULL for a program of the user's */
    struct neuron_program_specs specs;
    struct neuron_tensor_view views[MOST_TENSORS]; /* inputs first */
    struct neuron_batch_tensors tensors;
    unsigned char memory[MOST_TENSORS][MOST_BYTES];
};

/* Sets every tensor that is cut to so many times its extent, and all others to theirs. */
static void
set_shapes(struct call *call, int32_t dim, int64_t times)
{
    for (uint32_t i = 0; i < call->specs.input_count + call->specs.output_count; i += 1) {
        struct neuron_program_tensor tensor = neuron_program_specs_tensor(&call->specs, i);
        struct neuron_tensor_shape shape = tensor.spec->shape;

        if (!tensor.is_shared && shape.rank > 0) {
            shape.dims[neuron_dim_in_rank(dim, shape.rank)] *= times;
        }
        call->views[i] = neuron_tensor_view_of(&shape, call->memory[i]);
    }
    call->tensors = (struct neuron_batch_tensors){.inputs = call->views,
                                                  .outputs = call->views + call->specs.input_count,
                                                  .input_count = call->specs.input_count,
                                                  .output_count = call->specs.output_count};
}

/* Sets dimension 0 of every tensor that is cut. */
static void
set_rows(struct call *call, int64_t rows)
{
    set_shapes(call, 0, 1);
    for (uint32_t i = 0; i < call->specs.input_count + call->specs.output_count; i += 1) {
        if (!neuron_program_specs_tensor(&call->specs, i).is_shared) {
            call->views[i].shape[0] = rows;
        }
    }
}

/* Rows of 3 numbers and a table -> a number and 2 bytes a row. */
static const struct neuron_custom_tensor custom_inputs[] = {
    {.spec = {.name = "table", .shape = {.type = NEURON_INT32, .rank = 1, .dims = {7}}},
     .is_shared = true},
    {.spec = {.name = "rows", .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, 3}}}}};

static const struct neuron_custom_tensor custom_outputs[] = {
    {.spec = {.name = "scores", .shape = {.type = NEURON_FLOAT32, .rank = 1, .dims = {0}}}},
    {.spec = {.name = "flags", .shape = {.type = NEURON_UINT8, .rank = 2, .dims = {0, 2}}}}};

static const struct neuron_custom_program custom = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                    .name = "trees",
                                                    .inputs = custom_inputs,
                                                    .outputs = custom_outputs,
                                                    .input_count = 2,
                                                    .output_count = 2};

static int
prepare_custom(void **state)
{
    static struct call call;

    call = (struct call){.specs = neuron_program_specs_of_custom(&custom)};
    set_rows(&call, 5);
    *state = &call;
    return 0;
}

/* float32[2,3,4], float32[3,6], shared float32[4] -> float32[2,3,4], float32[3,6] */
static enum neuron_status
two_ranks(struct neuron_trace *trace, const struct neuron_value *inputs,
          struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_add(trace, inputs[0], inputs[2]);
    outputs[1] = neuron_relu(trace, inputs[1]);
    return neuron_trace_status(trace);
}

static int
prepare(void **state, struct neuron_model *model)
{
    static struct call call;

    call = (struct call){.model = model, .specs = neuron_program_specs_of_model(model)};
    *state = &call;
    return 0;
}

static int
prepare_two_ranks(void **state)
{
    static const bool is_shared[] = {false, false, true};

    return prepare(state, load_traced_shared(two_ranks, "[2,3,4] [3,6] [4]", is_shared, 2));
}

static int
prepare_scaled(void **state)
{
    return prepare(state, load_scaled_model());
}

static int
destroy_model(void **state)
{
    struct call *call = *state;

    neuron_model_destroy(call->model);
    return 0;
}

static void
assert_rows(const struct call *call, int64_t expected)
{
    struct neuron_error error = {0};
    int64_t rows = UNCHANGED;

    assert_ok(neuron_batch_tensors_check_rows(&call->tensors, &call->specs, &rows, &error), &error);
    assert_int_equal(rows, expected);
}

static void
assert_rows_refused(const struct call *call, const char *text)
{
    struct neuron_error error = {0};
    int64_t rows = UNCHANGED;

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_batch_tensors_check_rows(&call->tensors, &call->specs, &rows, &error),
                  &error);
    assert_string_equal(error.text, text);
    assert_int_equal(rows, UNCHANGED);
}

static void
assert_exact(const struct call *call, int32_t dim, uint32_t replicas, int64_t expected)
{
    const struct neuron_exact_cut cut = {.dim = dim, .replicas = replicas};
    struct neuron_error error = {0};
    int64_t extent = UNCHANGED;

    assert_ok(neuron_batch_tensors_check_exact(&call->tensors, &call->specs, &cut, &extent, &error),
              &error);
    assert_int_equal(extent, expected);
}

static void
assert_exact_refused(const struct call *call, int32_t dim, uint32_t replicas, const char *text)
{
    const struct neuron_exact_cut cut = {.dim = dim, .replicas = replicas};
    struct neuron_error error = {0};
    int64_t extent = UNCHANGED;

    assert_status(
        NEURON_INVALID_ARGUMENT,
        neuron_batch_tensors_check_exact(&call->tensors, &call->specs, &cut, &extent, &error),
        &error);
    assert_string_equal(error.text, text);
    assert_int_equal(extent, UNCHANGED);
}

static void
a_custom_program_takes_any_number_of_rows(void **state)
{
    struct call *call = *state;

    for (int64_t rows = 0; rows <= 40; rows += 1) {
        set_rows(call, rows);
        assert_rows(call, rows);
    }
}

static void
counts_are_told_with_the_kind_of_program(void **state)
{
    struct call *call = *state;

    call->tensors.input_count = 3;
    assert_rows_refused(call, "3 inputs are given, the program \"trees\" takes 2");
    call->tensors.input_count = 2;
    call->tensors.outputs = NULL;
    assert_rows_refused(call, "0 outputs are given, the program \"trees\" gives 2");
}

static void
another_shared_shape_or_row_shape_is_refused(void **state)
{
    struct call *call = *state;

    call->views[0].shape[0] = 5;
    assert_rows_refused(
        call, "input 0 \"table\" is int32[5], but must be int32[7], as all rows share it");
    set_rows(call, 5);
    call->views[3].shape[1] = 3;
    assert_rows_refused(
        call, "output 1 \"flags\" is uint8[5,3], but must be any number of rows of uint8[2]");
    set_rows(call, 5);
    call->views[2].type = NEURON_FLOAT64;
    assert_rows_refused(
        call, "output 0 \"scores\" is float64[5], but must be any number of rows of float32[]");
}

static void
rows_that_disagree_are_refused(void **state)
{
    struct call *call = *state;

    call->views[3].shape[0] = 4;
    assert_rows_refused(call, "output 1 \"flags\" has 4 rows, but input 1 \"rows\" has 5: all "
                              "tensors must have the same number of rows");
    call->views[3].shape[0] = 0;
    assert_rows_refused(call, "output 1 \"flags\" has 0 rows, but input 1 \"rows\" has 5: all "
                              "tensors must have the same number of rows");
}

static void
tensors_without_memory_are_refused_unless_empty(void **state)
{
    struct call *call = *state;

    call->views[1].data = NULL;
    assert_rows_refused(call, "input 1 \"rows\" is float32[5,3], but its data is NULL: give the "
                              "address of its rows");
    set_rows(call, 0);
    for (int i = 1; i < 4; i += 1) {
        call->views[i].data = NULL;
    }
    assert_rows(call, 0);
}

static void
outputs_that_overlap_an_input_are_refused(void **state)
{
    struct call *call = *state;
    unsigned char *rows = call->memory[1]; /* 60 bytes */

    call->views[2].data = rows; /* 20 bytes */
    assert_rows_refused(call, "output 0 \"scores\" overlaps input 1 \"rows\" in memory: give each "
                              "output memory of its own");
    call->views[2].data = rows + 56;
    assert_rows_refused(call, "output 0 \"scores\" overlaps input 1 \"rows\" in memory: give each "
                              "output memory of its own");
    call->views[2].data = rows + 60;
    assert_rows(call, 5);
    call->views[2].data = call->memory[0] + 24; /* the last number of the shared table */
    assert_rows_refused(call, "output 0 \"scores\" overlaps input 0 \"table\" in memory: give each "
                              "output memory of its own");
    call->views[2].data = call->memory[0] + 28;
    assert_rows(call, 5);
}

static void
outputs_that_overlap_each_other_are_refused(void **state)
{
    struct call *call = *state;
    unsigned char *scores = call->memory[2]; /* 20 bytes */

    call->views[3].data = scores + 19; /* 10 bytes */
    assert_rows_refused(call, "output 1 \"flags\" overlaps output 0 \"scores\" in memory: give "
                              "each output memory of its own");
    call->views[3].data = scores + 20;
    assert_rows(call, 5);
    call->views[2].data = scores + 29; /* and the other way about: the last byte of the flags */
    call->views[3].data = scores + 20;
    assert_rows_refused(call, "output 1 \"flags\" overlaps output 0 \"scores\" in memory: give "
                              "each output memory of its own");
    call->views[2].data = scores + 30;
    assert_rows(call, 5);
}

static void
inputs_may_overlap_and_empty_tensors_overlap_nothing(void **state)
{
    struct call *call = *state;

    call->views[0].data = call->memory[1];
    assert_rows(call, 5);
    set_rows(call, 0);
    for (int i = 1; i < 4; i += 1) {
        call->views[i].data = call->memory[0] + 4;
    }
    assert_rows(call, 0);
}

static void
every_dimension_is_cut_by_its_number_or_from_the_end(void **state)
{
    static const struct {
        int32_t dim;
        int64_t extent; /* of the first input, [2,3,4] */
    } cases[] = {{0, 2}, {1, 3}, {-1, 4}, {-2, 3}};
    struct call *call = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        for (uint32_t replicas = 1; replicas <= 5; replicas += 1) {
            set_shapes(call, cases[i].dim, replicas);
            assert_exact(call, cases[i].dim, replicas, cases[i].extent * replicas);
        }
    }
}

static void
the_extent_along_the_dimension_must_be_the_replicas_times_the_compiled(void **state)
{
    struct call *call = *state;

    set_shapes(call, 1, REPLICAS);
    call->views[0].shape[1] = 7;
    assert_exact_refused(call, 1, REPLICAS,
                         "input 0 \"input_0\" is float32[2,7,4], but must be float32[2,6,4]: "
                         "dimension 1 is cut into 2 of the compiled 3");
    set_shapes(call, -1, REPLICAS);
    call->views[4].shape[1] = 6;
    assert_exact_refused(call, -1, REPLICAS,
                         "output 1 \"output_1\" is float32[3,6], but must be float32[3,12]: "
                         "dimension 1 is cut into 2 of the compiled 6");
    set_shapes(call, -2, REPLICAS);
    call->views[1].shape[0] = 0; /* one alone without extent */
    assert_exact_refused(call, -2, REPLICAS,
                         "input 1 \"input_1\" is float32[0,6], but must be float32[6,6]: "
                         "dimension 0 is cut into 2 of the compiled 3");
}

static void
the_other_extents_must_be_the_compiled_ones(void **state)
{
    struct call *call = *state;

    set_shapes(call, 1, REPLICAS);
    call->views[3].shape[0] = 4;
    assert_exact_refused(call, 1, REPLICAS,
                         "output 0 \"output_0\" is float32[4,6,4], but must be float32[2,6,4]: "
                         "dimension 1 is cut into 2 of the compiled 3");
    set_shapes(call, 0, REPLICAS);
    assert_exact_refused(call, 1, REPLICAS,
                         "input 0 \"input_0\" is float32[4,3,4], but must be float32[2,6,4]: "
                         "dimension 1 is cut into 2 of the compiled 3");
    set_shapes(call, 0, REPLICAS + 1);
    assert_exact_refused(call, 0, REPLICAS,
                         "input 0 \"input_0\" is float32[6,3,4], but must be float32[4,3,4], 2 "
                         "times the compiled shape, as dynamic batching is off");
}

static void
another_type_rank_or_negative_extent_is_refused(void **state)
{
    struct call *call = *state;

    set_shapes(call, 1, REPLICAS);
    call->views[1].type = NEURON_INT8;
    assert_exact_refused(call, 1, REPLICAS,
                         "input 1 \"input_1\" is int8[3,12], but must be float32[3,12]: "
                         "dimension 1 is cut into 2 of the compiled 6");
    set_shapes(call, 1, REPLICAS);
    call->views[0].rank = 1; /* fewer than the dimension that is cut */
    assert_exact_refused(call, 1, REPLICAS,
                         "input 0 \"input_0\" is float32[2], but must be float32[2,6,4]: "
                         "dimension 1 is cut into 2 of the compiled 3");
    set_shapes(call, 1, REPLICAS);
    call->views[0].shape[1] = -6;
    assert_exact_refused(call, 1, REPLICAS,
                         "input 0 \"input_0\" is float32[2,-6,4], but must be float32[2,6,4]: "
                         "dimension 1 is cut into 2 of the compiled 3");
}

static void
shared_inputs_are_not_cut(void **state)
{
    struct call *call = *state;

    set_shapes(call, -1, REPLICAS);
    call->views[2].shape[0] = 8;
    assert_exact_refused(call, -1, REPLICAS,
                         "input 2 \"input_2\" is float32[8], but must be float32[4], as all rows "
                         "share it");
}

static void
no_extent_in_all_cut_tensors_is_nothing_to_run(void **state)
{
    static const int32_t dims[] = {0, 1, -1, -2};
    struct call *call = *state;

    for (size_t i = 0; i < sizeof(dims) / sizeof(dims[0]); i += 1) {
        set_shapes(call, dims[i], 0);
        for (int position = 0; position < MOST_TENSORS; position += 1) {
            call->views[position].data = NULL;
        }
        assert_exact(call, dims[i], REPLICAS, 0);
    }
    set_shapes(call, 1, 0);
    call->views[3].shape[2] = 5;
    assert_exact_refused(call, 1, REPLICAS,
                         "input 0 \"input_0\" is float32[2,0,4], but must be float32[2,6,4]: "
                         "dimension 1 is cut into 2 of the compiled 3");
}

static void
slices_need_memory_that_nothing_else_has(void **state)
{
    struct call *call = *state;

    set_shapes(call, -1, REPLICAS);
    call->views[4].data = NULL;
    assert_exact_refused(call, -1, REPLICAS,
                         "output 1 \"output_1\" is float32[3,12], but its data is NULL: give the "
                         "address of its rows");
    set_shapes(call, -1, REPLICAS);
    call->views[3].data = call->memory[0] + 48 * sizeof(float) - 1; /* its last byte */
    assert_exact_refused(call, -1, REPLICAS,
                         "output 0 \"output_0\" overlaps input 0 \"input_0\" in memory: give each "
                         "output memory of its own");
}

static void
a_scalar_goes_to_one_replica_alone(void **state)
{
    struct call *call = *state;

    set_shapes(call, 0, 1);
    assert_exact(call, 0, 1, TRACED_ROWS);
    set_shapes(call, 0, REPLICAS);
    assert_exact_refused(call, 0, REPLICAS,
                         "input 1 \"input_1\" is a scalar, which cannot be cut over 2 cores: "
                         "choose one core by its device id");
}

int
main(void)
{
    const struct CMUnitTest rows[] = {
        cmocka_unit_test_setup(a_custom_program_takes_any_number_of_rows, prepare_custom),
        cmocka_unit_test_setup(counts_are_told_with_the_kind_of_program, prepare_custom),
        cmocka_unit_test_setup(another_shared_shape_or_row_shape_is_refused, prepare_custom),
        cmocka_unit_test_setup(rows_that_disagree_are_refused, prepare_custom),
        cmocka_unit_test_setup(tensors_without_memory_are_refused_unless_empty, prepare_custom),
        cmocka_unit_test_setup(outputs_that_overlap_an_input_are_refused, prepare_custom),
        cmocka_unit_test_setup(outputs_that_overlap_each_other_are_refused, prepare_custom),
        cmocka_unit_test_setup(inputs_may_overlap_and_empty_tensors_overlap_nothing,
                               prepare_custom),
    };
    const struct CMUnitTest exact[] = {
        cmocka_unit_test(every_dimension_is_cut_by_its_number_or_from_the_end),
        cmocka_unit_test(the_extent_along_the_dimension_must_be_the_replicas_times_the_compiled),
        cmocka_unit_test(the_other_extents_must_be_the_compiled_ones),
        cmocka_unit_test(another_type_rank_or_negative_extent_is_refused),
        cmocka_unit_test(shared_inputs_are_not_cut),
        cmocka_unit_test(no_extent_in_all_cut_tensors_is_nothing_to_run),
        cmocka_unit_test(slices_need_memory_that_nothing_else_has),
    };
    const struct CMUnitTest scalar[] = {
        cmocka_unit_test(a_scalar_goes_to_one_replica_alone),
    };
    int failed = cmocka_run_group_tests(rows, NULL, NULL);

    failed += cmocka_run_group_tests(exact, prepare_two_ranks, destroy_model);
    return failed + cmocka_run_group_tests(scalar, prepare_scaled, destroy_model);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Models that take no batches of any size, and tensors that are none. */
#include "check.h"

#include <string.h>

#include "neuron/model_buckets.h"
#include "neuron/module.h"
#include "neuron/trace.h"
#include "neuron/trace_move.h"
#include "neuron/trace_reduce.h"

#include "batched_module.h"
#include "module/staged_tensors.h"
#include "test_runtime.h"
#include "traced_model.h"

enum { CORES = 2, COLUMNS = 6 };

static int
set_up(void **state)
{
    static struct test_runtime owner;

    test_runtime_create(&owner, "core:2 pu:1", CORES);
    *state = &owner;
    return 0;
}

static int
clean_up(void **state)
{
    test_runtime_destroy(*state);
    return 0;
}

/* Enabling is refused with this text, and the module goes on as it was. */
static void
expect_no_batching(const struct test_runtime *owner, struct neuron_model *model, const char *text)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};
    struct module_batch batch;

    assert_ok(neuron_module_create(owner->runtime, model, NULL, &module, &error), &error);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_module_enable_dynamic_batching(module, &error),
                  &error);
    assert_contains(error.text, text);
    assert_null(strchr(error.text, '\n'));
    assert_int_equal(neuron_module_enable_dynamic_batching(module, NULL), NEURON_UNSUPPORTED_MODEL);
    module_batch_create(&batch, model, neuron_model_input(model, 0)->shape.dims[0] + 1, 1);
    assert_status(NEURON_INVALID_ARGUMENT, module_batch_run(&batch, module, &error), &error);
    assert_contains(error.text, "the model was compiled for");
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static enum neuron_status
center(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    static const int32_t rows = 0;
    const struct neuron_reduce_options over_rows = {
        .axes = &rows, .axis_count = 1, .keep_dims = true};

    (void)user;
    y[0] = neuron_subtract(trace, x[0], neuron_reduce_mean(trace, x[0], &over_rows));
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

/* Embeddings of all rows of a batch, each added to those of the whole. */
static enum neuron_status
embed_and_sum(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    static const int32_t rows = 0;
    const struct neuron_reduce_options over_rows = {
        .axes = &rows, .axis_count = 1, .keep_dims = true};
    struct neuron_value rows_of_table = neuron_gather(trace, x[1], x[0], 0);

    (void)user;
    y[0] = neuron_add(trace, rows_of_table, neuron_reduce_sum(trace, rows_of_table, &over_rows));
    return neuron_trace_status(trace);
}

static void
a_model_that_mixes_rows_is_refused_with_its_operator(void **state)
{
    const struct test_runtime *owner = *state;

    expect_no_batching(owner, load_traced(center, "[4,6]", 1),
                       "reduce_mean of float32[4,6] to float32[1,6] mixes the rows");
    expect_no_batching(owner, load_traced(join_rows, "[1,2] [3,2]", 1),
                       "input_0 (float32[1,2]) and input_1 (float32[3,2]) disagree on the rows");
    expect_no_batching(owner, load_traced(embed_and_sum, "int64[4] [9,3]", 1), "reduce_sum of");
    expect_no_batching(owner, load_product_model(), "mixes the rows of a batch");
}

/* A batch of a model, one tensor of which a test spoils. */
struct spoiled {
    struct neuron_model *model;
    struct neuron_module *module;
    struct module_batch batch;
};

/* Five rows for a model of x [4,6], y [4,1] and, where it is shared, z [6]. */
static enum neuron_status
three_inputs(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    y[0] = neuron_add(trace, neuron_multiply(trace, x[0], x[1]), x[2]);
    y[1] = neuron_relu(trace, x[1]);
    return neuron_trace_status(trace);
}

static struct spoiled
create_spoiled(const struct test_runtime *owner)
{
    struct spoiled spoiled = {.model = load_traced(three_inputs, "[4,6] [4,1] [6]", 2)};

    spoiled.module = batched_module_create(owner->runtime, spoiled.model);
    module_batch_create(&spoiled.batch, spoiled.model, 5, 3);
    return spoiled;
}

static void
destroy_spoiled(struct spoiled *spoiled)
{
    struct neuron_error error = {0};

    /* Whatever was refused, the module goes on. */
    assert_ok(module_batch_run(&spoiled->batch, spoiled->module, &error), &error);
    module_batch_destroy(&spoiled->batch);
    neuron_module_destroy(spoiled->module);
    neuron_model_destroy(spoiled->model);
}

/* Runs with another view in the place of one, and compares the text. No output is written. */
static void
expect_refused(struct spoiled *spoiled, struct neuron_tensor_view *place,
               struct neuron_tensor_view other, const char *text)
{
    struct neuron_tensor_view kept = *place;
    unsigned char before[5 * sizeof(float[COLUMNS])];
    struct neuron_error error = {0};

    memcpy(before, spoiled->batch.outputs[0].data, sizeof(before));
    *place = other;
    assert_status(NEURON_INVALID_ARGUMENT,
                  module_batch_run(&spoiled->batch, spoiled->module, &error), &error);
    assert_string_equal(error.text, text);
    *place = kept;
    assert_memory_equal(before, spoiled->batch.outputs[0].data, sizeof(before));
}

static struct neuron_tensor_view
with_dim(struct neuron_tensor_view view, uint32_t dim, int64_t extent)
{
    view.shape[dim] = extent;
    return view;
}

static void
another_dimension_is_refused_with_both_shapes(void **state)
{
    struct spoiled spoiled = create_spoiled(*state);
    struct module_batch *batch = &spoiled.batch;
    struct neuron_tensor_view other = batch->inputs[1];

    expect_refused(&spoiled, &batch->inputs[0], with_dim(batch->inputs[0], 1, 7),
                   "input input_0 is float32[5,7]; the model was compiled for float32[4,6], and "
                   "rows alone may differ");
    expect_refused(&spoiled, &batch->outputs[1], with_dim(batch->outputs[1], 1, 2),
                   "output output_1 is float32[5,2]; the model was compiled for float32[4,1], and "
                   "rows alone may differ");
    other.type = NEURON_INT32;
    expect_refused(&spoiled, &batch->inputs[1], other,
                   "input input_1 is int32[5,1]; the model was compiled for float32[4,1], and rows "
                   "alone may differ");
    other = batch->inputs[0];
    other.rank = 0;
    expect_refused(&spoiled, &batch->inputs[0], other,
                   "input input_0 is float32[]; the model was compiled for float32[4,6], and rows "
                   "alone may differ");
    other.rank = UINT32_MAX;
    *(&batch->inputs[0]) = other;
    assert_int_equal(module_batch_run(batch, spoiled.module, NULL), NEURON_INVALID_ARGUMENT);
    batch->inputs[0].rank = 2;
    destroy_spoiled(&spoiled);
}

static void
rows_that_disagree_are_refused_with_both(void **state)
{
    struct spoiled spoiled = create_spoiled(*state);
    struct module_batch *batch = &spoiled.batch;

    expect_refused(&spoiled, &batch->inputs[1], with_dim(batch->inputs[1], 0, 3),
                   "input input_1 has 3 rows and input input_0 has 5; all of a batch have as many "
                   "in dimension 0");
    expect_refused(&spoiled, &batch->outputs[0], with_dim(batch->outputs[0], 0, 8),
                   "output output_0 has 8 rows and input input_0 has 5; all of a batch have as "
                   "many in dimension 0");
    expect_refused(&spoiled, &batch->inputs[0], with_dim(batch->inputs[0], 0, 0),
                   "input input_1 has 5 rows and input input_0 has 0; all of a batch have as many "
                   "in dimension 0");
    expect_refused(&spoiled, &batch->inputs[0], with_dim(batch->inputs[0], 0, -5),
                   "input input_0 is float32[-5,6]; the model was compiled for float32[4,6], and "
                   "rows alone may differ");
    expect_refused(&spoiled, &batch->inputs[0], with_dim(batch->inputs[0], 0, INT64_MAX),
                   "input input_0 is float32[9223372036854775807,6]; the model was compiled for "
                   "float32[4,6], and rows alone may differ");
    destroy_spoiled(&spoiled);
}

static void
a_shared_input_is_as_compiled(void **state)
{
    struct spoiled spoiled = create_spoiled(*state);
    struct module_batch *batch = &spoiled.batch;

    expect_refused(&spoiled, &batch->inputs[2], with_dim(batch->inputs[2], 0, 5),
                   "input input_2 is float32[5]; the model was compiled for float32[6], which is "
                   "shared by all rows");
    destroy_spoiled(&spoiled);
}

static void
tensors_that_lie_nowhere_are_refused(void **state)
{
    static const char *const texts[] = {"input input_0 has no data", "input input_1 has no data",
                                        "input input_2 has no data", "output output_0 has no data",
                                        "output output_1 has no data"};
    struct spoiled spoiled = create_spoiled(*state);

    for (uint32_t i = 0; i < 5; i += 1) {
        struct neuron_tensor_view *place =
            i < 3 ? &spoiled.batch.inputs[i] : &spoiled.batch.outputs[i - 3];
        struct neuron_tensor_view nowhere = *place;

        nowhere.data = NULL;
        /* The outputs' bytes are looked at. */
        if (i != 3) {
            expect_refused(&spoiled, place, nowhere, texts[i]);
        }
    }
    destroy_spoiled(&spoiled);
}

static void
other_counts_are_refused(void **state)
{
    struct spoiled spoiled = create_spoiled(*state);
    struct neuron_error error = {0};

    spoiled.batch.input_count = 2;
    assert_status(NEURON_INVALID_ARGUMENT, module_batch_run(&spoiled.batch, spoiled.module, &error),
                  &error);
    assert_contains(error.text, "given 2 inputs and 2 outputs; the model has 3 and 2");
    spoiled.batch.input_count = 3;
    destroy_spoiled(&spoiled);
}

static void
no_rows_need_no_memory_but_the_right_shapes(void **state)
{
    struct spoiled spoiled = create_spoiled(*state);
    struct module_batch empty = spoiled.batch;
    struct neuron_error error = {0};

    for (uint32_t i = 0; i < 2; i += 1) {
        empty.inputs[i].shape[0] = 0;
        empty.inputs[i].data = NULL;
        empty.outputs[i].shape[0] = 0;
        empty.outputs[i].data = NULL;
    }
    assert_ok(module_batch_run(&empty, spoiled.module, &error), &error);
    empty.outputs[0].shape[1] = 5;
    assert_status(NEURON_INVALID_ARGUMENT, module_batch_run(&empty, spoiled.module, &error),
                  &error);
    assert_contains(error.text, "output output_0 is float32[0,5]");
    destroy_spoiled(&spoiled);
}

static void
without_batching_sizes_stay_as_compiled(void **state)
{
    const struct test_runtime *owner = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};
    struct module_batch batch;

    assert_ok(neuron_module_create(owner->runtime, model, NULL, &module, &error), &error);
    module_batch_create(&batch, model, TRACED_ROWS + 1, 1);
    assert_status(NEURON_INVALID_ARGUMENT, module_batch_run(&batch, module, &error), &error);
    assert_ok(neuron_module_enable_dynamic_batching(module, &error), &error);
    assert_ok(neuron_module_enable_dynamic_batching(module, &error), &error);
    assert_ok(module_batch_run(&batch, module, &error), &error);
    module_batch_destroy(&batch);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

static void
stage(struct neuron_staged_tensors *staged, const struct neuron_model *model,
      const struct module_batch *batch, enum neuron_staged_padding padding)
{
    struct neuron_error error = {0};

    assert_ok(
        neuron_staged_tensors_fill(staged, model, batch->inputs, batch->outputs, padding, &error),
        &error);
}

static void
tensors_of_the_compiled_shape_are_not_copied(void **state)
{
    struct neuron_model *model = load_two_by_two_model();
    struct neuron_staged_tensors staged = {0};
    struct module_batch full;

    (void)state;
    module_batch_create(&full, model, TRACED_ROWS, 1);
    stage(&staged, model, &full, NEURON_STAGED_LAST_ROW);
    for (uint32_t i = 0; i < 2; i += 1) {
        assert_ptr_equal(staged.addresses[i], full.inputs[i].data);
        assert_ptr_equal(staged.addresses[2 + i], full.outputs[i].data);
        assert_null(staged.owned[i]);
    }
    neuron_staged_tensors_close(&staged);
    module_batch_destroy(&full);
    neuron_model_destroy(model);
}

/* Memory that was made is used again, and holds nothing of the run before. */
static void
a_piece_is_copied_and_filled_up(void **state)
{
    struct neuron_model *model = load_two_by_two_model();
    struct neuron_staged_tensors staged = {0};
    struct module_batch part;

    (void)state;
    module_batch_create(&part, model, TRACED_ROWS - 1, 2);
    stage(&staged, model, &part, NEURON_STAGED_LAST_ROW);
    float(*staged_rows)[COLUMNS] = staged.addresses[0];
    float(*rows)[COLUMNS] = part.inputs[0].data;
    assert_memory_equal(staged_rows, rows, 3 * sizeof(*rows));
    assert_memory_equal(staged_rows[3], rows[2], sizeof(*rows));
    assert_ptr_not_equal(staged.addresses[2], part.outputs[0].data);
    stage(&staged, model, &part, NEURON_STAGED_ZEROS);
    assert_ptr_equal(staged.addresses[0], staged_rows);
    for (size_t i = 0; i < COLUMNS; i += 1) {
        assert_true(staged_rows[3][i] == 0.0F);
    }
    neuron_staged_tensors_close(&staged);
    module_batch_destroy(&part);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_that_mixes_rows_is_refused_with_its_operator),
        cmocka_unit_test(another_dimension_is_refused_with_both_shapes),
        cmocka_unit_test(rows_that_disagree_are_refused_with_both),
        cmocka_unit_test(a_shared_input_is_as_compiled),
        cmocka_unit_test(tensors_that_lie_nowhere_are_refused),
        cmocka_unit_test(other_counts_are_refused),
        cmocka_unit_test(no_rows_need_no_memory_but_the_right_shapes),
        cmocka_unit_test(without_batching_sizes_stay_as_compiled),
        cmocka_unit_test(tensors_of_the_compiled_shape_are_not_copied),
        cmocka_unit_test(a_piece_is_copied_and_filled_up),
    };

    return cmocka_run_group_tests(tests, set_up, clean_up);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that a graph is tried on: what fits its inputs, and how they are cut into runs. */
#include "check.h"

#include <string.h>

#include "compiler/sample_rows.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"

/* image float32[4,3], mask int64[4,2], and table float32[5], which has no batch. */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_relu(trace, x[0]);
    y[1] = neuron_negate(trace, x[1]);
    y[2] = neuron_relu(trace, x[2]);
    return neuron_trace_status(trace);
}

static int
make_graph(void **state)
{
    static const char *const names[] = {"image", "mask", "table"};
    static const bool is_shared[] = {false, false, true};
    const struct neuron_tensor_view views[] = {{.type = NEURON_FLOAT32, .rank = 2, .shape = {4, 3}},
                                               {.type = NEURON_INT64, .rank = 2, .shape = {4, 2}},
                                               {.type = NEURON_FLOAT32, .rank = 1, .shape = {5}}};
    const struct neuron_trace_signature signature = {.example_inputs = views,
                                                     .input_count = 3,
                                                     .output_count = 3,
                                                     .input_names = names,
                                                     .input_is_shared = is_shared};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record, &signature, NULL, &graph, &error), &error);
    *state = graph;
    return 0;
}

static int
destroy_graph(void **state)
{
    neuron_graph_destroy(*state);
    return 0;
}

enum { ROW_LIMIT = 16 };

/* Rows that fit, to be made unfit. */
struct rows {
    float image[ROW_LIMIT * 3];
    int64_t mask[ROW_LIMIT * 2];
    float table[5];
    struct neuron_tensor_view views[3];
};

static void
make_rows(struct rows *rows, int64_t count)
{
    for (int i = 0; i < ROW_LIMIT * 3; i += 1) {
        rows->image[i] = (float)i;
    }
    for (int i = 0; i < ROW_LIMIT * 2; i += 1) {
        rows->mask[i] = 100 + i;
    }
    for (int i = 0; i < 5; i += 1) {
        rows->table[i] = (float)-i;
    }
    rows->views[0] = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {count, 3}, .data = rows->image};
    rows->views[1] = (struct neuron_tensor_view){
        .type = NEURON_INT64, .rank = 2, .shape = {count, 2}, .data = rows->mask};
    rows->views[2] = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 1, .shape = {5}, .data = rows->table};
}

static void
any_number_of_rows_is_cut_into_runs(void **state)
{
    static const uint64_t runs[] = {0, 1, 1, 1, 1, 2, 2, 2, 2, 3};

    for (int64_t count = 1; count <= 9; count += 1) {
        struct rows rows;
        struct neuron_error error;
        uint64_t run_count = 0;

        make_rows(&rows, count);
        assert_ok(neuron_sample_rows_check(*state, rows.views, &run_count, &error), &error);
        assert_int_equal(run_count, runs[count]);
    }
}

static void
expect_refusal(const struct neuron_graph *graph, const struct rows *rows, const char *name,
               const char *shape)
{
    struct neuron_error error;
    uint64_t run_count = 77;

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_sample_rows_check(graph, rows->views, &run_count, &error), &error);
    assert_contains(error.text, name);
    assert_contains(error.text, shape);
    assert_int_equal(run_count, 77);
}

static void
rows_of_another_shape_are_refused_with_both(void **state)
{
    struct rows rows;

    make_rows(&rows, 6);
    rows.views[0].shape[1] = 4;
    expect_refusal(*state, &rows, "image", "float32[6,4]");
    expect_refusal(*state, &rows, "image", "float32[4,3]");
    make_rows(&rows, 6);
    rows.views[1].rank = 1;
    rows.views[1].shape[1] = 0;
    expect_refusal(*state, &rows, "mask", "int64[6]");
    make_rows(&rows, 6);
    rows.views[0].rank = 3;
    rows.views[0].shape[2] = 1;
    expect_refusal(*state, &rows, "image", "float32[6,3,1]");
}

static void
rows_of_another_type_are_refused_with_both(void **state)
{
    struct rows rows;

    make_rows(&rows, 6);
    rows.views[0].type = NEURON_FLOAT64;
    expect_refusal(*state, &rows, "image", "float64[6,3]");
    make_rows(&rows, 6);
    rows.views[1].type = NEURON_INT32;
    expect_refusal(*state, &rows, "mask", "int32[6,2]");
}

static void
different_numbers_of_rows_are_refused(void **state)
{
    struct rows rows;

    make_rows(&rows, 6);
    rows.views[1].shape[0] = 5;
    expect_refusal(*state, &rows, "mask", "5");
    expect_refusal(*state, &rows, "mask", "6");
}

static void
no_row_is_refused(void **state)
{
    struct rows rows;

    make_rows(&rows, 0);
    expect_refusal(*state, &rows, "image", "float32[0,3]");
    make_rows(&rows, -1);
    expect_refusal(*state, &rows, "image", "float32");
}

static void
what_has_no_batch_is_given_whole(void **state)
{
    struct rows rows;

    make_rows(&rows, 6);
    rows.views[2].shape[0] = 6;
    expect_refusal(*state, &rows, "table", "float32[6]");
    make_rows(&rows, 6);
    rows.views[2].shape[0] = 0;
    expect_refusal(*state, &rows, "table", "float32[0]");
}

static void
behind_the_last_row_comes_the_first(void **state)
{
    struct rows rows;
    float image[4 * 3];
    int64_t mask[4 * 2];
    float table[5];
    void *const inputs[3] = {image, mask, table};

    make_rows(&rows, 6);
    neuron_sample_rows_copy(*state, rows.views, 0, inputs);
    assert_memory_equal(image, rows.image, sizeof(image));
    assert_memory_equal(mask, rows.mask, sizeof(mask));
    assert_memory_equal(table, rows.table, sizeof(table));
    neuron_sample_rows_copy(*state, rows.views, 1, inputs);
    assert_memory_equal(&image[0], &rows.image[12], 6 * sizeof(float));
    assert_memory_equal(&image[6], &rows.image[0], 6 * sizeof(float));
    assert_memory_equal(&mask[4], &rows.mask[0], 4 * sizeof(int64_t));
    assert_memory_equal(table, rows.table, sizeof(table));
}

static void
fewer_rows_than_a_run_are_repeated(void **state)
{
    struct rows rows;
    float image[4 * 3];
    int64_t mask[4 * 2];
    float table[5];
    void *const inputs[3] = {image, mask, table};

    make_rows(&rows, 1);
    neuron_sample_rows_copy(*state, rows.views, 0, inputs);
    for (int i = 0; i < 4; i += 1) {
        assert_memory_equal(image + 3 * (size_t)i, rows.image, 3 * sizeof(float));
        assert_memory_equal(mask + 2 * (size_t)i, rows.mask, 2 * sizeof(int64_t));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_rows_is_cut_into_runs),
        cmocka_unit_test(rows_of_another_shape_are_refused_with_both),
        cmocka_unit_test(rows_of_another_type_are_refused_with_both),
        cmocka_unit_test(different_numbers_of_rows_are_refused),
        cmocka_unit_test(no_row_is_refused),
        cmocka_unit_test(what_has_no_batch_is_given_whole),
        cmocka_unit_test(behind_the_last_row_comes_the_first),
        cmocka_unit_test(fewer_rows_than_a_run_are_repeated),
    };

    return cmocka_run_group_tests(tests, make_graph, destroy_graph);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Two labels whose weights are all of one of them: what the other label's score is. */
#include "check.h"
#include "model_bench.h"
#include "onnx_check.h"

enum { ROWS = 2, FEATURES = 3, LABELS = 2 };

/* A tree of one decision on feature 1: `low` up to 0.5, `high` above, both for the second label. */
static struct neuron_graph *
import_tree(float low, float high, const char *transform)
{
    const float values[3] = {0.5F, 0.0F, 0.0F};
    const float weights[2] = {low, high};
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,3");
    onnx_begin_table_node(model, "TreeEnsembleClassifier", "x", "label scores");
    onnx_add_list(model, "nodes_treeids", "0,0,0");
    onnx_add_list(model, "nodes_nodeids", "0,1,2");
    onnx_add_list(model, "nodes_featureids", "1,0,0");
    onnx_add_list(model, "nodes_truenodeids", "1,0,0");
    onnx_add_list(model, "nodes_falsenodeids", "2,0,0");
    onnx_add_texts(model, "nodes_modes", "BRANCH_LEQ LEAF LEAF");
    onnx_add_floats(model, "nodes_values", values, 3);
    onnx_add_list(model, "class_treeids", "0,0");
    onnx_add_list(model, "class_nodeids", "1,2");
    onnx_add_list(model, "class_ids", "1,1");
    onnx_add_floats(model, "class_weights", weights, 2);
    onnx_add_list(model, "classlabels_int64s", "7,9");
    onnx_add_string(model, "post_transform", transform);
    onnx_end_node(model);
    onnx_add_output(model, "label");
    onnx_add_output(model, "scores");
    return onnx_expect_graph(model, 17);
}

/* Runs two rows, one on each side of the decision. */
static void
expect(const struct model_bench *bench, struct neuron_graph *graph, const int64_t labels[ROWS],
       const float scores[ROWS * LABELS])
{
    float rows[ROWS * FEATURES] = {0, 0, 0, 0, 1, 0};
    int64_t found_labels[ROWS] = {0};
    float found[ROWS * LABELS] = {0};
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, FEATURES}, .data = rows};
    const struct neuron_tensor_view outputs[2] = {
        {.type = NEURON_INT64, .rank = 1, .shape = {ROWS}, .data = found_labels},
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, LABELS}, .data = found}};
    struct neuron_model *model = compile_and_load(bench, graph);

    run_once(bench, model, &input, outputs);
    for (int i = 0; i < ROWS; i += 1) {
        assert_int_equal(found_labels[i], labels[i]);
    }
    for (int i = 0; i < ROWS * LABELS; i += 1) {
        assert_float_equal(found[i], scores[i], 1e-5F);
    }
    neuron_model_destroy(model);
}

static void
shares_are_completed_to_one(void **state)
{
    const int64_t labels[ROWS] = {9, 7};
    const float scores[ROWS * LABELS] = {0.25F, 0.75F, 0.75F, 0.25F};

    expect(*state, import_tree(0.75F, 0.25F, "NONE"), labels, scores);
}

static void
the_logistic_function_is_applied_to_weights_of_any_sign(void **state)
{
    const int64_t positive[ROWS] = {9, 7};
    const int64_t mixed[ROWS] = {9, 7};
    const float of_positive[ROWS * LABELS] = {0.119203F, 0.880797F, 0.437823F, 0.562177F};
    const float of_mixed[ROWS * LABELS] = {0.119203F, 0.880797F, 0.731059F, 0.268941F};

    expect(*state, import_tree(2.0F, 0.25F, "LOGISTIC"), positive, of_positive);
    expect(*state, import_tree(2.0F, -1.0F, "LOGISTIC"), mixed, of_mixed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shares_are_completed_to_one, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(the_logistic_function_is_applied_to_weights_of_any_sign,
                                        model_bench_setup, model_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

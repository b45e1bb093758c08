/* SPDX-License-Identifier: Apache-2.0 */
/* Operators on tables of ONNX files: their attributes, and what is refused. */
#include "check.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

static const float numbers[8] = {1, 2, 3, 4, 5, 6, 7, 8};

/* A model of rows of three features, with a node that is not ended yet. */
static struct onnx_model *
begin(const char *operator_name)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,3");
    onnx_add_output(model, "y");
    onnx_begin_table_node(model, operator_name, "x", "y");
    return model;
}

static void
expect(struct onnx_model *model, const char *shape)
{
    onnx_end_node(model);
    struct neuron_graph *graph = onnx_expect_graph(model, 17);

    onnx_expect_output(graph, neuron_graph_operator_count(graph), shape);
    neuron_graph_destroy(graph);
}

static void
refuse(struct onnx_model *model, const char *operator_name, const char *text)
{
    onnx_end_node(model);
    onnx_expect_problem(model, 17, operator_name, text);
}

/* A linear model of so many coefficients, intercepts and targets or labels. */
static struct onnx_model *
build_regressor(size_t coefficients, size_t intercepts, int64_t targets, const char *transform)
{
    struct onnx_model *model = begin("LinearRegressor");

    onnx_add_floats(model, "coefficients", numbers, coefficients);
    onnx_add_floats(model, "intercepts", numbers, intercepts);
    onnx_add_integer(model, "targets", targets);
    onnx_add_string(model, "post_transform", transform);
    return model;
}

static struct onnx_model *
build_classifier(size_t coefficients, size_t intercepts, const char *labels)
{
    struct onnx_model *model = begin("LinearClassifier");

    onnx_add_floats(model, "coefficients", numbers, coefficients);
    onnx_add_floats(model, "intercepts", numbers, intercepts);
    onnx_add_list(model, "classlabels_ints", labels);
    onnx_add_string(model, "post_transform", "SOFTMAX");
    return model;
}

static void
linear_models_are_read(void **state)
{
    (void)state;
    expect(build_regressor(3, 1, 1, "NONE"), "float32[2,1]");
    expect(build_regressor(6, 0, 2, "PROBIT"), "float32[2,2]");
    expect(build_regressor(6, 2, 2, "SOFTMAX_ZERO"), "float32[2,2]");
    expect(build_classifier(6, 2, "4,5"), "int64[2]");
    expect(build_classifier(3, 1, "4,5"), "int64[2]");
    expect(build_classifier(3, 1, "4"), "int64[2]");
}

static void
linear_models_that_do_not_fit_are_refused(void **state)
{
    struct onnx_model *model = begin("LinearClassifier");

    (void)state;
    onnx_add_floats(model, "coefficients", numbers, 6);
    onnx_add_texts(model, "classlabels_strings", "cat dog");
    refuse(model, "LinearClassifier", "encode them as integers");
    refuse(build_classifier(6, 2, "4,5,6"), "LinearClassifier", "3 labels");
    refuse(build_classifier(5, 2, "4,5"), "LinearClassifier", "5 coefficients");
    refuse(build_classifier(2, 1, "4,5"), "LinearClassifier", "2 coefficients");
    refuse(build_classifier(6, 1, "4,5"), "LinearClassifier", "1 intercepts");
    refuse(build_regressor(6, 1, 1, "NONE"), "LinearRegressor", "6 coefficients");
    refuse(build_regressor(0, 0, 1, "NONE"), "LinearRegressor", "0 coefficients");
    refuse(build_regressor(3, 2, 1, "NONE"), "LinearRegressor", "2 intercepts");
    refuse(build_regressor(3, 1, 0, "NONE"), "LinearRegressor", "no targets");
    refuse(build_regressor(3, 1, 1, "TANH"), "LinearRegressor", "post transform");
}

/* An operator with one list of floats. */
static struct onnx_model *
build_listed(const char *operator_name, const char *list, size_t count)
{
    struct onnx_model *model = begin(operator_name);

    onnx_add_floats(model, list, numbers, count);
    return model;
}

static struct onnx_model *
build_named(const char *operator_name, const char *attribute, const char *text)
{
    struct onnx_model *model = begin(operator_name);

    onnx_add_string(model, attribute, text);
    return model;
}

static void
features_are_prepared(void **state)
{
    struct onnx_model *model = onnx_create();

    (void)state;
    expect(build_listed("Scaler", "offset", 3), "float32[2,3]");
    expect(build_listed("Scaler", "scale", 1), "float32[2,3]");
    expect(build_listed("Imputer", "imputed_value_floats", 3), "float32[2,3]");
    expect(build_named("Normalizer", "norm", "L1"), "float32[2,3]");
    expect(begin("Normalizer"), "float32[2,3]");
    expect(begin("Binarizer"), "float32[2,3]");
    onnx_add_input(model, "x", "2,3");
    onnx_add_output(model, "y");
    onnx_add_integers(model, "i", "2,0,1,1");
    onnx_begin_table_node(model, "ArrayFeatureExtractor", "x i", "y");
    expect(model, "float32[2,4]");
    model = onnx_create();
    onnx_add_input(model, "x", "2,3");
    onnx_add_output(model, "y");
    onnx_begin_table_node(model, "FeatureVectorizer", "x x", "y");
    onnx_add_list(model, "inputdimensions", "3,3");
    expect(model, "float32[2,6]");
}

static void
features_that_do_not_fit_are_refused(void **state)
{
    struct onnx_model *model = begin("FeatureVectorizer");

    (void)state;
    onnx_add_list(model, "inputdimensions", "4");
    refuse(model, "FeatureVectorizer", "inputdimensions");
    refuse(build_listed("Scaler", "offset", 2), "Scaler", "2 numbers");
    refuse(build_listed("Scaler", "scale", 4), "Scaler", "4 numbers");
    refuse(build_listed("Imputer", "imputed_value_floats", 2), "Imputer", "2 numbers");
    refuse(begin("Imputer"), "Imputer", "no numbers");
    refuse(build_named("Normalizer", "norm", "L3"), "Normalizer", "MAX, L1 or L2");
    refuse(begin("SVMClassifier"), "SVMClassifier", "support vectors");
    refuse(begin("DictVectorizer"), "DictVectorizer", "maps");
    refuse(begin("ZipMap"), "ZipMap", "without ZipMap");
}

static void
categories_and_labels_are_numbers(void **state)
{
    struct onnx_model *model = begin("OneHotEncoder");

    (void)state;
    onnx_add_list(model, "cats_int64s", "1,2,3,4");
    expect(model, "float32[2,3,4]");
    model = begin("OneHotEncoder");
    onnx_add_texts(model, "cats_strings", "cat dog");
    refuse(model, "OneHotEncoder", "categories are no integers");
    model = begin("LabelEncoder");
    onnx_add_floats(model, "keys_floats", numbers, 2);
    onnx_add_list(model, "values_int64s", "7,8");
    expect(model, "int64[2,3]");
    model = begin("LabelEncoder");
    onnx_add_floats(model, "keys_floats", numbers, 2);
    onnx_add_list(model, "values_int64s", "7,8,9");
    refuse(model, "LabelEncoder", "no lists of one length");
    model = begin("LabelEncoder");
    onnx_add_texts(model, "keys_strings", "cat dog");
    onnx_add_list(model, "values_int64s", "7,8");
    refuse(model, "LabelEncoder", "not texts");
}

/* A tree of one decision, whose numbers stand in tensors of float64. */
static struct onnx_model *
build_tree(const char *transform, size_t thresholds, const char *dims)
{
    static const double values[4] = {0.5, 0, 0, 0};
    struct onnx_model *model = begin("TreeEnsembleRegressor");

    onnx_add_list(model, "nodes_treeids", "0,0,0");
    onnx_add_list(model, "nodes_nodeids", "0,1,2");
    onnx_add_list(model, "nodes_featureids", "1,0,0");
    onnx_add_list(model, "nodes_truenodeids", "1,0,0");
    onnx_add_list(model, "nodes_falsenodeids", "2,0,0");
    onnx_add_texts(model, "nodes_modes", "BRANCH_LEQ LEAF LEAF");
    onnx_add_doubles(model, "nodes_values_as_tensor", dims, values, thresholds);
    onnx_add_list(model, "target_treeids", "0,0");
    onnx_add_list(model, "target_nodeids", "1,2");
    onnx_add_list(model, "target_ids", "0,0");
    onnx_add_doubles(model, "target_weights_as_tensor", "2", values, 2);
    onnx_add_doubles(model, "base_values_as_tensor", "1", values, 1);
    onnx_add_string(model, "post_transform", transform);
    return model;
}

static void
trees_stand_in_tensors(void **state)
{
    struct onnx_model *both = build_tree("NONE", 3, "3");

    (void)state;
    expect(build_tree("NONE", 3, "3"), "float32[2,1]");
    expect(build_tree("PROBIT", 3, "3"), "float32[2,1]");
    expect(build_tree("SOFTMAX_ZERO", 3, "3"), "float32[2,1]");
    refuse(build_tree("NONE", 2, "2"), "TreeEnsembleRegressor", "differ in length");
    refuse(build_tree("NONE", 3, "1,3"), "TreeEnsembleRegressor", "no list");
    refuse(build_tree("COSINE", 3, "3"), "TreeEnsembleRegressor", "post transform");
    onnx_add_floats(both, "nodes_values", numbers, 3);
    refuse(both, "TreeEnsembleRegressor", "it has both");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_models_are_read),
        cmocka_unit_test(linear_models_that_do_not_fit_are_refused),
        cmocka_unit_test(features_are_prepared),
        cmocka_unit_test(features_that_do_not_fit_are_refused),
        cmocka_unit_test(categories_and_labels_are_numbers),
        cmocka_unit_test(trees_stand_in_tensors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

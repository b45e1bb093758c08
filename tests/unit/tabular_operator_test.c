/* SPDX-License-Identifier: Apache-2.0 */
/* Models of tables and what is done to features before, against numbers computed by hand. */
#include "neuron/trace_tabular.h"

#include <math.h>

#include "check.h"
#include "neuron/trace_elementwise.h"
#include "traced_run.h"

/* An operator over x[0], and what comes of it. */
struct trial {
    struct neuron_value (*record)(struct neuron_trace *trace, struct neuron_value x);
    enum neuron_type type; /* that the operator takes; NEURON_NO_TYPE for float32 */
};

static const float coefficients[6] = {1, 2, 3, -1, 0, 1};
static const float intercepts[2] = {0.5F, -0.5F};
static const float rows[6] = {1, 0, 2, -1, 3, 0};
static const int64_t labels[3] = {7, 9, 11};

static struct neuron_value
list(struct neuron_trace *trace, const float *numbers, int64_t count)
{
    float copy[8];
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {count}, .data = copy};

    for (int64_t i = 0; i < count; i += 1) {
        copy[i] = numbers[i];
    }
    return neuron_constant(trace, &view);
}

static struct neuron_value
whole_list(struct neuron_trace *trace, const int64_t *numbers, int64_t count)
{
    int64_t copy[8];
    const struct neuron_tensor_view view = {
        .type = NEURON_INT64, .rank = 1, .shape = {count}, .data = copy};

    for (int64_t i = 0; i < count; i += 1) {
        copy[i] = numbers[i];
    }
    return neuron_constant(trace, &view);
}

static enum neuron_status
record_trial(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    const struct trial *trial = user;
    struct neuron_value input = x[0];

    if (trial->type != NEURON_NO_TYPE) {
        input = neuron_cast(trace, input, trial->type);
    }
    y[0] = trial->record(trace, input);
    if (neuron_value_shape(trace, y[0]).type != NEURON_FLOAT32) {
        y[0] = neuron_cast(trace, y[0], NEURON_FLOAT32);
    }
    return neuron_trace_status(trace);
}

/* A matrix of float32 in the test's memory. */
static struct neuron_tensor_view
matrix(float *numbers, int64_t row_count, int64_t column_count)
{
    return (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {row_count, column_count}, .data = numbers};
}

/* Runs it over the two rows of three. `width` 0 is for a result of one number for each row. */
static void
expect_trial(void **state, struct trial trial, const float *numbers, int64_t width,
             const float *expected)
{
    float copy[6];
    float results[16] = {0};
    struct neuron_tensor_view input = matrix(copy, 2, 3);
    struct neuron_tensor_view output = matrix(results, 2, width);

    for (int i = 0; i < 6; i += 1) {
        copy[i] = numbers[i];
    }
    output.rank = width == 0 ? 1 : 2;
    run_traced(*state, record_trial, &trial, &input, 1, &output);
    expect_numbers(results, expected, width == 0 ? 2 : (size_t)(2 * width), 1e-3);
}

static struct neuron_linear_model
linear(uint32_t targets, enum neuron_score_transform transform)
{
    return (struct neuron_linear_model){.coefficients = coefficients,
                                        .intercepts = intercepts,
                                        .target_count = targets,
                                        .feature_count = 3,
                                        .transform = transform};
}

static struct neuron_value
regress(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(2, NEURON_SCORES_PLAIN);

    return neuron_linear_regressor(trace, x, &model);
}

static struct neuron_value
regress_without_intercepts(struct neuron_trace *trace, struct neuron_value x)
{
    struct neuron_linear_model model = linear(2, NEURON_SCORES_SOFTMAX_ZERO);

    model.intercepts = NULL;
    return neuron_linear_regressor(trace, x, &model);
}

static void
regressors_are_weighted_sums(void **state)
{
    static const float expected[4] = {7.5F, 0.5F, 5.5F, 0.5F};
    static const float shares[4] = {0.99752738F, 0.00247262F, 0.98201379F, 0.01798621F};

    expect_trial(state, (struct trial){regress, NEURON_NO_TYPE}, rows, 2, expected);
    expect_trial(state, (struct trial){regress, NEURON_INT64}, rows, 2, expected);
    expect_trial(state, (struct trial){regress, NEURON_FLOAT64}, rows, 2, expected);
    expect_trial(state, (struct trial){regress_without_intercepts, NEURON_NO_TYPE}, rows, 2,
                 shares);
}

static struct neuron_value
classify_labels(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(2, NEURON_SCORES_LOGISTIC);
    struct neuron_value scores = {0};

    return neuron_linear_classifier(trace, x, &model, labels, 2, &scores);
}

static struct neuron_value
classify_scores(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(2, NEURON_SCORES_LOGISTIC);
    struct neuron_value scores = {0};

    (void)neuron_linear_classifier(trace, x, &model, labels, 2, &scores);
    return scores;
}

static struct neuron_value
decide_labels(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(1, NEURON_SCORES_PLAIN);
    struct neuron_value scores = {0};

    return neuron_linear_classifier(trace, x, &model, labels, 2, &scores);
}

static struct neuron_value
decide_scores(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(1, NEURON_SCORES_PLAIN);
    struct neuron_value scores = {0};

    (void)neuron_linear_classifier(trace, x, &model, labels, 2, &scores);
    return scores;
}

static struct neuron_value
decide_logistic(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(1, NEURON_SCORES_LOGISTIC);
    struct neuron_value scores = {0};

    (void)neuron_linear_classifier(trace, x, &model, labels, 2, &scores);
    return scores;
}

static void
classifiers_choose_the_largest_score(void **state)
{
    static const float mixed[6] = {0, 0, 0, -3, 0, -1};
    /* Scores are 0.5 and -0.5, and -5.5 and 1.5; those of the first target decide alone. */
    static const float chosen[2] = {7, 9};
    static const float logistic[4] = {0.62245933F, 0.37754067F, 0.00407014F, 0.81757448F};
    static const float decided[2] = {9, 7};
    static const float shares[4] = {0.5F, 0.5F, 6.5F, -5.5F};
    static const float both[4] = {0.37754067F, 0.62245933F, 0.99592986F, 0.00407014F};

    expect_trial(state, (struct trial){classify_labels, NEURON_NO_TYPE}, mixed, 0, chosen);
    expect_trial(state, (struct trial){classify_scores, NEURON_NO_TYPE}, mixed, 2, logistic);
    expect_trial(state, (struct trial){decide_labels, NEURON_NO_TYPE}, mixed, 0, decided);
    expect_trial(state, (struct trial){decide_scores, NEURON_NO_TYPE}, mixed, 2, shares);
    expect_trial(state, (struct trial){decide_logistic, NEURON_NO_TYPE}, mixed, 2, both);
}

static struct neuron_value
softmax_zero(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_transform_scores(trace, x, NEURON_SCORES_SOFTMAX_ZERO);
}

static struct neuron_value
probit(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_transform_scores(trace, x, NEURON_SCORES_PROBIT);
}

static void
transforms_are_those_of_onnx(void **state)
{
    static const float scores[6] = {1, 0, 2, 0, 0, 0};
    static const float shares[6] = {0.26894142F, 0, 0.73105858F, 0, 0, 0};
    static const float portions[6] = {0.5F, 0.8413447F, 0.1586553F, 0.9F, 0.1F, 0.75F};
    /* Winitzki's formula is off by up to 0.002 here. */
    static const float deviations[6] = {0, 1.0004F, -1.0004F, 1.2816F, -1.2816F, 0.6745F};
    float results[6] = {0};
    float copy[6];
    struct trial trial = {probit, NEURON_NO_TYPE};
    const struct neuron_tensor_view input = matrix(copy, 2, 3);
    const struct neuron_tensor_view output = matrix(results, 2, 3);

    expect_trial(state, (struct trial){softmax_zero, NEURON_NO_TYPE}, scores, 3, shares);
    for (int i = 0; i < 6; i += 1) {
        copy[i] = portions[i];
    }
    run_traced(*state, record_trial, &trial, &input, 1, &output);
    expect_numbers(results, deviations, 6, 5e-3);
}

static struct neuron_value
scale(struct neuron_trace *trace, struct neuron_value x)
{
    static const float offset[3] = {1, 2, 3};
    static const float factor[1] = {0.5F};

    return neuron_scale_features(trace, x, list(trace, offset, 3), list(trace, factor, 1));
}

static struct neuron_value
norm_max(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_normalize_rows(trace, x, NEURON_ROW_NORM_MAX);
}

static struct neuron_value
norm_l1(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_normalize_rows(trace, x, NEURON_ROW_NORM_L1);
}

static struct neuron_value
norm_l2(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_normalize_rows(trace, x, NEURON_ROW_NORM_L2);
}

static void
features_are_scaled_and_normalized(void **state)
{
    static const float scaled[6] = {0, -1, -0.5F, -1, 0.5F, -1.5F};
    static const float zero_row[6] = {3, -4, 0, 0, 0, 0};
    static const float by_max[6] = {1, -4 / 3.0F, 0, 0, 0, 0};
    static const float by_sum[6] = {3 / 7.0F, -4 / 7.0F, 0, 0, 0, 0};
    static const float by_length[6] = {0.6F, -0.8F, 0, 0, 0, 0};

    expect_trial(state, (struct trial){scale, NEURON_NO_TYPE}, rows, 3, scaled);
    expect_trial(state, (struct trial){scale, NEURON_INT32}, rows, 3, scaled);
    expect_trial(state, (struct trial){norm_max, NEURON_NO_TYPE}, zero_row, 3, by_max);
    expect_trial(state, (struct trial){norm_l1, NEURON_INT64}, zero_row, 3, by_sum);
    expect_trial(state, (struct trial){norm_l2, NEURON_FLOAT64}, zero_row, 3, by_length);
}

static struct neuron_value
impute_nan(struct neuron_trace *trace, struct neuron_value x)
{
    static const float imputed[3] = {10, 20, 30};

    return neuron_impute_features(trace, x, list(trace, imputed, 3), (struct neuron_value){0});
}

static struct neuron_value
impute_zero(struct neuron_trace *trace, struct neuron_value x)
{
    static const int64_t imputed = 5;
    static const int64_t missing = 0;

    return neuron_impute_features(trace, x, whole_list(trace, &imputed, 1),
                                  whole_list(trace, &missing, 1));
}

static struct neuron_value
binarize(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_binarize(trace, x, 0.5F);
}

static struct neuron_value
extract(struct neuron_trace *trace, struct neuron_value x)
{
    static const int64_t indices[4] = {2, 0, 2, 1};

    return neuron_extract_features(trace, x, whole_list(trace, indices, 4));
}

static struct neuron_value
join(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_value inputs[2] = {x, neuron_cast(trace, x, NEURON_INT64)};

    return neuron_join_features(trace, inputs, 2);
}

static void
features_are_imputed_chosen_and_joined(void **state)
{
    static const float holes[6] = {NAN, 1, 0.5F, 2, NAN, NAN};
    static const float filled[6] = {10, 1, 0.5F, 2, 20, 30};
    static const float no_zeros[6] = {1, 5, 2, -1, 3, 5};
    static const float above[6] = {1, 0, 1, 0, 1, 0};
    static const float chosen[8] = {2, 1, 2, 0, 0, -1, 0, 3};
    static const float joined[12] = {1, 0, 2, 1, 0, 2, -1, 3, 0, -1, 3, 0};

    expect_trial(state, (struct trial){impute_nan, NEURON_NO_TYPE}, holes, 3, filled);
    expect_trial(state, (struct trial){impute_zero, NEURON_INT64}, rows, 3, no_zeros);
    expect_trial(state, (struct trial){binarize, NEURON_NO_TYPE}, rows, 3, above);
    expect_trial(state, (struct trial){binarize, NEURON_INT64}, rows, 3, above);
    expect_trial(state, (struct trial){extract, NEURON_NO_TYPE}, rows, 4, chosen);
    expect_trial(state, (struct trial){join, NEURON_NO_TYPE}, rows, 6, joined);
}

/* The places of the first column alone. */
static struct neuron_value
encode_first(struct neuron_trace *trace, struct neuron_value x,
             enum neuron_unknown_category unknown)
{
    static const int64_t categories[3] = {-1, 1, 4};
    static const int64_t first = 0;
    const int64_t dims[2] = {2, 3};
    struct neuron_value column = neuron_extract_features(trace, x, whole_list(trace, &first, 1));

    return neuron_reshape(trace, neuron_encode_categories(trace, column, categories, 3, unknown),
                          dims, 2);
}

static struct neuron_value
encode_or_zero(struct neuron_trace *trace, struct neuron_value x)
{
    return encode_first(trace, x, NEURON_UNKNOWN_IS_ZERO);
}

static struct neuron_value
encode_or_end(struct neuron_trace *trace, struct neuron_value x)
{
    return encode_first(trace, x, NEURON_UNKNOWN_ENDS_RUN);
}

static void
categories_have_places(void **state)
{
    static const float known[6] = {0, 1, 0, 1, 0, 0};
    static float unknown[6] = {4, 0, 0, 2, 0, 0};
    static const float places[6] = {0, 0, 1, 0, 0, 0};
    struct trial trial = {encode_or_end, NEURON_NO_TYPE};
    const struct neuron_tensor_view input = matrix(unknown, 2, 3);

    expect_trial(state, (struct trial){encode_or_zero, NEURON_NO_TYPE}, rows, 3, known);
    expect_trial(state, (struct trial){encode_or_end, NEURON_INT64}, rows, 3, known);
    expect_trial(state, (struct trial){encode_or_zero, NEURON_NO_TYPE}, unknown, 3, places);
    expect_run_refused(*state, record_trial, &trial, &input, 1, "gather");
}

static struct neuron_value
encode_whole_labels(struct neuron_trace *trace, struct neuron_value x)
{
    static const int64_t keys[3] = {2, 0, 2};
    static const int64_t other = -5;

    return neuron_encode_labels(trace, x, whole_list(trace, keys, 3), whole_list(trace, labels, 3),
                                whole_list(trace, &other, 1));
}

static struct neuron_value
encode_real_labels(struct neuron_trace *trace, struct neuron_value x)
{
    static const float keys[2] = {NAN, 0.5F};
    static const float values[2] = {1.5F, 2.5F};
    static const float other = 0.25F;

    return neuron_encode_labels(trace, x, list(trace, keys, 2), list(trace, values, 2),
                                list(trace, &other, 1));
}

static void
labels_have_values(void **state)
{
    static const float whole[6] = {-5, 9, 7, -5, -5, 9};
    static const float holes[6] = {NAN, 1, 0.5F, 2, NAN, -0.5F};
    static const float real[6] = {1.5F, 0.25F, 2.5F, 0.25F, 1.5F, 0.25F};

    expect_trial(state, (struct trial){encode_whole_labels, NEURON_INT64}, rows, 3, whole);
    expect_trial(state, (struct trial){encode_real_labels, NEURON_NO_TYPE}, holes, 3, real);
}

static void
expect_refused(struct neuron_value (*record)(struct neuron_trace *trace, struct neuron_value x),
               int64_t width, const char *text)
{
    float numbers[8] = {0};
    const struct neuron_tensor_view input = matrix(numbers, 2, width);
    const struct neuron_trace_signature signature = {
        .example_inputs = &input, .input_count = 1, .output_count = 1};
    struct trial trial = {record, NEURON_NO_TYPE};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_trace(record_trial, &signature, &trial, &graph, &error), &error);
    assert_null(graph);
    assert_contains(error.text, text);
}

static struct neuron_value
classify_with_three_labels(struct neuron_trace *trace, struct neuron_value x)
{
    const struct neuron_linear_model model = linear(2, NEURON_SCORES_PLAIN);
    struct neuron_value scores = {0};

    return neuron_linear_classifier(trace, x, &model, labels, 3, &scores);
}

static struct neuron_value
transform_unknown(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_transform_scores(trace, x, (enum neuron_score_transform)17);
}

static struct neuron_value
norm_unknown(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_normalize_rows(trace, x, (enum neuron_row_norm)17);
}

static struct neuron_value
encode_nothing(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_encode_categories(trace, x, labels, 0, NEURON_UNKNOWN_IS_ZERO);
}

static struct neuron_value
encode_uneven(struct neuron_trace *trace, struct neuron_value x)
{
    return neuron_encode_labels(trace, x, list(trace, intercepts, 2), list(trace, intercepts, 1),
                                list(trace, intercepts, 1));
}

static void
what_does_not_fit_is_refused(void **state)
{
    (void)state;
    expect_refused(regress, 4, "a row not its features");
    expect_refused(classify_with_three_labels, 3, "not as many as the targets");
    expect_refused(transform_unknown, 3, "no such transform");
    expect_refused(norm_unknown, 3, "no such norm");
    expect_refused(scale, 1, "one for each feature");
    expect_refused(scale, 4, "one for each feature");
    expect_refused(impute_nan, 1, "one for each feature");
    expect_refused(encode_nothing, 3, "no categories");
    expect_refused(encode_uneven, 3, "no lists of one length");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regressors_are_weighted_sums),
        cmocka_unit_test(classifiers_choose_the_largest_score),
        cmocka_unit_test(transforms_are_those_of_onnx),
        cmocka_unit_test(features_are_scaled_and_normalized),
        cmocka_unit_test(features_are_imputed_chosen_and_joined),
        cmocka_unit_test(categories_have_places),
        cmocka_unit_test(labels_have_values),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Linear models of tables, and what becomes of the scores of any. */
#include "neuron/trace_tabular.h"

#include "frontend/trace_axis.h"
#include "frontend/trace_body.h"
#include "frontend/trace_part.h"
#include "frontend/trace_table.h"
#include "neuron/trace_elementwise.h"

/* The factor of Winitzki's formula for the inverse of erf, and pi, as other runtimes have them. */
static const float erf_factor = 0.147F;
static const float erf_pi = 3.14159F;
static const float root_of_two = 1.41421356F;

/* The square root of 2 times the inverse of erf of 2p - 1. */
static struct neuron_value
take_probit(struct neuron_trace *trace, struct neuron_value p)
{
    struct neuron_value one = neuron_scalar(trace, 1.0F);
    struct neuron_value x =
        neuron_subtract(trace, neuron_multiply(trace, p, neuron_scalar(trace, 2.0F)), one);
    struct neuron_value log = neuron_log(
        trace, neuron_multiply(trace, neuron_subtract(trace, one, x), neuron_add(trace, one, x)));
    struct neuron_value half = neuron_add(trace, neuron_scalar(trace, 2.0F / (erf_pi * erf_factor)),
                                          neuron_multiply(trace, log, neuron_scalar(trace, 0.5F)));
    struct neuron_value product =
        neuron_multiply(trace, log, neuron_scalar(trace, 1.0F / erf_factor));
    struct neuron_value root =
        neuron_sqrt(trace, neuron_subtract(trace, neuron_multiply(trace, half, half), product));
    struct neuron_value size = neuron_sqrt(trace, neuron_subtract(trace, root, half));

    return neuron_multiply(trace, neuron_multiply(trace, neuron_sign(trace, x), size),
                           neuron_scalar(trace, root_of_two));
}

/* A softmax over what is not 0. */
static struct neuron_value
take_softmax_zero(struct neuron_trace *trace, struct neuron_value scores)
{
    struct neuron_value zero = neuron_scalar(trace, 0.0F);
    struct neuron_value bound = neuron_scalar(trace, 0.0000001F);
    struct neuron_value largest =
        neuron_trace_reduce(trace, NEURON_OPERATOR_REDUCE_MAX, scores, 2, true);
    struct neuron_value powers = neuron_exp(trace, neuron_subtract(trace, scores, largest));
    struct neuron_value kept = neuron_where(
        trace, neuron_greater(trace, neuron_absolute(trace, scores), bound), powers, zero);
    struct neuron_value sum = neuron_trace_reduce(trace, NEURON_OPERATOR_REDUCE_SUM, kept, 2, true);

    return neuron_divide(trace, kept, neuron_table_nonzero(trace, sum));
}

struct neuron_value
neuron_transform_scores(struct neuron_trace *trace, struct neuron_value scores,
                        enum neuron_score_transform transform)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, scores);

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (shape.rank != 2 || shape.type != NEURON_FLOAT32) {
        return neuron_trace_refuse(trace, "transform_scores", scores,
                                   "scores are float32, a row of them for each row");
    }
    switch (transform) {
    case NEURON_SCORES_PLAIN:
        return scores;
    case NEURON_SCORES_SOFTMAX:
        return neuron_softmax(trace, scores, 1);
    case NEURON_SCORES_LOGISTIC:
        return neuron_sigmoid(trace, scores);
    case NEURON_SCORES_SOFTMAX_ZERO:
        return take_softmax_zero(trace, scores);
    case NEURON_SCORES_PROBIT:
        return take_probit(trace, scores);
    }
    return neuron_trace_refuse(trace, "transform_scores", scores, "there is no such transform");
}

/* The scores before they are transformed. */
static struct neuron_value
record_scores(struct neuron_trace *trace, const char *name, struct neuron_value input,
              const struct neuron_linear_model *model)
{
    const struct neuron_gemm_options options = {.alpha = 1.0F, .beta = 1.0F, .transpose_b = true};
    struct neuron_value rows = neuron_table_rows(trace, name, input);
    struct neuron_tensor_shape shape = neuron_value_shape(trace, rows);
    const int64_t dims[2] = {model->target_count, model->feature_count};
    struct neuron_value bias = {0};

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (model->target_count == 0 || shape.dims[1] != model->feature_count ||
        (uint64_t)dims[0] * (uint64_t)dims[1] > UINT32_MAX) {
        return neuron_trace_refuse(trace, name, rows,
                                   "the model has no targets, or a row not its features");
    }
    struct neuron_value factors =
        neuron_reshape(trace,
                       neuron_trace_list(trace, NEURON_FLOAT32, model->coefficients,
                                         (uint32_t)(dims[0] * dims[1])),
                       dims, 2);
    if (model->intercepts != NULL) {
        bias = neuron_trace_list(trace, NEURON_FLOAT32, model->intercepts, model->target_count);
    }
    return neuron_gemm(trace, rows, factors, bias, &options);
}

struct neuron_value
neuron_linear_regressor(struct neuron_trace *trace, struct neuron_value input,
                        const struct neuron_linear_model *model)
{
    return neuron_transform_scores(trace, record_scores(trace, "linear_regressor", input, model),
                                   model->transform);
}

/* Two labels by one score. */
static struct neuron_value
decide_between_two(struct neuron_trace *trace, struct neuron_value score,
                   enum neuron_score_transform transform, const int64_t *labels,
                   struct neuron_value *scores)
{
    int64_t rows = neuron_value_shape(trace, score).dims[0];
    bool is_share = transform == NEURON_SCORES_PLAIN || transform == NEURON_SCORES_PROBIT;
    const struct neuron_value both[2] = {
        is_share ? neuron_subtract(trace, neuron_scalar(trace, 1.0F), score)
                 : neuron_negate(trace, score),
        score};
    struct neuron_value is_second =
        neuron_greater(trace, neuron_reshape(trace, score, &rows, 1), neuron_scalar(trace, 0.0F));

    *scores = neuron_transform_scores(trace, neuron_concat(trace, both, 2, 1), transform);
    return neuron_where(trace, is_second, neuron_trace_list(trace, NEURON_INT64, labels + 1, 1),
                        neuron_trace_list(trace, NEURON_INT64, labels, 1));
}

struct neuron_value
neuron_linear_classifier(struct neuron_trace *trace, struct neuron_value input,
                         const struct neuron_linear_model *model, const int64_t *labels,
                         uint32_t label_count, struct neuron_value *scores)
{
    struct neuron_value plain = record_scores(trace, "linear_classifier", input, model);
    bool is_binary = model->target_count == 1 && label_count == 2;

    *scores = (struct neuron_value){0};
    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    if (is_binary) {
        return decide_between_two(trace, plain, model->transform, labels, scores);
    }
    if (label_count != model->target_count) {
        return neuron_trace_refuse(trace, "linear_classifier", plain,
                                   "the labels are not as many as the targets");
    }
    *scores = neuron_transform_scores(trace, plain, model->transform);
    return neuron_trace_label(trace, plain, labels, label_count);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Ensembles of trees of the domain ai.onnx.ml. */
#include "frontend/onnx/translate.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/score_transform.h"
#include "frontend/onnx/tree_lists.h"
#include "frontend/trace_part.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_tabular.h"

enum neuron_status
neuron_onnx_translate_tree_regressor(struct neuron_onnx_call *call,
                                     struct neuron_onnx_result *result)
{
    struct neuron_tree_ensemble ensemble = {.nodes = NULL};
    enum neuron_score_transform transform = NEURON_SCORES_PLAIN;
    int64_t targets = 1;

    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "n_targets", &targets, call->error);
    if (status == NEURON_OK && (targets < 1 || targets > INT32_MAX)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "it has no targets, or too many");
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_score_transform(call, &transform);
    }
    if (status == NEURON_OK) {
        ensemble.target_count = (uint32_t)targets;
        status = neuron_onnx_tree_read(call, "target", &ensemble);
    }
    if (status == NEURON_OK) {
        struct neuron_value scores =
            neuron_tree_ensemble(call->trace, neuron_onnx_call_value(call, 0), &ensemble);

        result->traced = neuron_transform_scores(call->trace, scores, transform);
        status = neuron_onnx_call_status(call);
    }
    neuron_onnx_tree_drop(&ensemble);
    return status;
}

/* What is known of a classifier besides its trees. */
struct classes {
    struct neuron_onnx_integers labels;
    enum neuron_score_transform transform;
    bool is_probability; /* no weight is negative */
};

/* Two labels with weights of one of them alone: one score tells, by a bound. The other label's
   score is what is left to 1, or, where the scores are no shares yet, the negative one. */
static void
decide_between_two(struct neuron_trace *trace, struct neuron_value score,
                   const struct classes *classes, struct neuron_value results[2])
{
    bool is_probit = classes->transform == NEURON_SCORES_PROBIT;
    bool is_logistic = classes->transform == NEURON_SCORES_LOGISTIC;
    bool is_share = is_probit || (classes->is_probability && !is_logistic);
    int64_t rows = neuron_value_shape(trace, score).dims[0];
    struct neuron_value bound = neuron_scalar(trace, classes->is_probability ? 0.5F : 0.0F);
    struct neuron_value is_second =
        neuron_greater(trace, neuron_reshape(trace, score, &rows, 1), bound);
    struct neuron_value other = is_share ? neuron_subtract(trace, neuron_scalar(trace, 1.0F), score)
                                         : neuron_negate(trace, score);
    const struct neuron_value both[2] = {other, score};

    results[0] = neuron_where(
        trace, is_second, neuron_trace_list(trace, NEURON_INT64, classes->labels.numbers + 1, 1),
        neuron_trace_list(trace, NEURON_INT64, classes->labels.numbers, 1));
    results[1] = neuron_concat(trace, both, 2, 1);
    if (is_probit || is_logistic) {
        results[1] = neuron_transform_scores(trace, results[1], classes->transform);
    }
}

/* Finds the only class that weights are of, if there are two labels and all are of one; makes it
   target 0. Tells also whether no weight is negative. */
static bool
has_single_score(struct neuron_tree_ensemble *ensemble, uint32_t *targets, bool *is_probability)
{
    bool is_single = ensemble->target_count == 2;

    *is_probability = true;
    for (uint32_t i = 0; i < ensemble->weight_count; i += 1) {
        is_single = is_single && targets[i] == targets[0];
        *is_probability = *is_probability && ensemble->weights[i] >= 0.0F;
    }
    for (uint32_t i = 0; is_single && i < ensemble->weight_count; i += 1) {
        targets[i] = 0;
    }
    ensemble->target_count = is_single ? 1 : ensemble->target_count;
    return is_single;
}

static enum neuron_status
classify(struct neuron_onnx_call *call, struct neuron_tree_ensemble *ensemble,
         struct classes *classes, struct neuron_value results[2])
{
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    uint32_t *targets = NULL;

    /* They are the caller's own memory, which the ensemble only borrows. */
    memcpy(&targets, &ensemble->weight_targets, sizeof(targets));
    if (has_single_score(ensemble, targets, &classes->is_probability)) {
        decide_between_two(call->trace, neuron_tree_ensemble(call->trace, input, ensemble), classes,
                           results);
        return neuron_onnx_call_status(call);
    }
    results[1] = neuron_tree_ensemble(call->trace, input, ensemble);
    results[0] = neuron_trace_label(call->trace, results[1], classes->labels.numbers,
                                    (uint32_t)classes->labels.count);
    results[1] = neuron_transform_scores(call->trace, results[1], classes->transform);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_tree_classifier(struct neuron_onnx_call *call,
                                      struct neuron_onnx_result *result)
{
    struct neuron_tree_ensemble ensemble = {.nodes = NULL};
    struct classes classes = {.labels = {.count = 0}};
    struct neuron_value results[2] = {{0}};

    enum neuron_status status =
        neuron_onnx_score_labels(call, "classlabels_int64s", &classes.labels);
    if (status == NEURON_OK) {
        status = neuron_onnx_score_transform(call, &classes.transform);
    }
    if (status == NEURON_OK) {
        ensemble.target_count = (uint32_t)classes.labels.count;
        status = neuron_onnx_tree_read(call, "class", &ensemble);
    }
    if (status == NEURON_OK) {
        status = classify(call, &ensemble, &classes, results);
    }
    result->traced = results[0];
    if (call->node->n_outputs > 1) {
        result->more[0] = results[1];
    }
    neuron_onnx_tree_drop(&ensemble);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Models of tables in a traced function. */
#ifndef NEURON_TRACE_TABULAR_H
#define NEURON_TRACE_TABULAR_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a node decides between its children: the feature compared with the threshold. */
enum neuron_tree_branch {
    NEURON_TREE_LESS_OR_EQUAL = 0,
    NEURON_TREE_LESS = 1,
    NEURON_TREE_GREATER_OR_EQUAL = 2,
    NEURON_TREE_GREATER = 3,
    NEURON_TREE_EQUAL = 4,
    NEURON_TREE_NOT_EQUAL = 5
};

/* What the weights that a row reaches become. */
enum neuron_tree_aggregate {
    NEURON_TREE_SUM = 0,
    NEURON_TREE_AVERAGE = 1, /* the sum over the number of trees */
    NEURON_TREE_MIN = 2,
    NEURON_TREE_MAX = 3
};

/* A node. The children of one that decides stand behind it in the list, so that each walk ends. */
struct neuron_tree_node {
    int32_t feature; /* -1 for a leaf */
    enum neuron_tree_branch branch;
    bool missing_is_true; /* a feature that is no number goes to `yes`, else to `no` */
    double threshold;
    uint32_t yes; /* the child where the comparison holds; of a leaf its first weight */
    uint32_t no;  /* the other child; of a leaf how many weights it has */
};

/* Trees, and what their leaves add to which target. Borrowed for a call. */
struct neuron_tree_ensemble {
    const struct neuron_tree_node *nodes;
    uint32_t node_count;
    const uint32_t *roots; /* of each tree */
    uint32_t root_count;
    const uint32_t *weight_targets;
    const float *weights;
    uint32_t weight_count;
    const float *base_values; /* of each target, or NULL for zeros */
    uint32_t target_count;
    enum neuron_tree_aggregate aggregate;
};

/*
 * Sends each row of [N,F] through all trees; gives float32 [N,targets]. Comparisons are of float64.
 * Every number of the ensemble is checked against the others and the number of features.
 */
NEURON_API struct neuron_value
neuron_tree_ensemble(struct neuron_trace *trace, struct neuron_value input,
                     const struct neuron_tree_ensemble *ensemble);

/* What the scores of a row become. */
enum neuron_score_transform {
    NEURON_SCORES_PLAIN = 0,
    NEURON_SCORES_SOFTMAX = 1,
    NEURON_SCORES_LOGISTIC = 2,     /* each by itself, as neuron_sigmoid() */
    NEURON_SCORES_SOFTMAX_ZERO = 3, /* a softmax of those that are not 0, which stay 0 */
    NEURON_SCORES_PROBIT = 4 /* where the normal distribution reaches it, to three digits or so */
};

/* Transforms [N,scores] of float32. */
NEURON_API struct neuron_value
neuron_transform_scores(struct neuron_trace *trace, struct neuron_value scores,
                        enum neuron_score_transform transform);

/* A score of each row for each target: a weighted sum of its features. Borrowed for a call. */
struct neuron_linear_model {
    const float *coefficients; /* [targets,features] */
    const float *intercepts;   /* of each target, or NULL for zeros */
    uint32_t target_count;
    uint32_t feature_count;
    enum neuron_score_transform transform;
};

/*
 * The following calls take rows of features of any type of numbers, [N,F]; [F] is one row. Numbers
 * are computed in float32, which is also what comes out where nothing else is said.
 */

/* Gives [N,targets]. */
NEURON_API struct neuron_value
neuron_linear_regressor(struct neuron_trace *trace, struct neuron_value input,
                        const struct neuron_linear_model *model);

/*
 * Gives the label, int64 [N], of the largest score of each row.
 *
 * labels  of each target. Two labels of one target alone: the first where its score is at most 0,
 *         else the second; the scores are 1 - s and s, of which a probit is taken too, while other
 *         transforms are of -s and s.
 * scores  receives [N,labels], transformed.
 */
NEURON_API struct neuron_value
neuron_linear_classifier(struct neuron_trace *trace, struct neuron_value input,
                         const struct neuron_linear_model *model, const int64_t *labels,
                         uint32_t label_count, struct neuron_value *scores);

/* (input - offset) * scale, each of one number or one for each feature, float32. A zeroed value for
   no offset, or no scale. */
NEURON_API struct neuron_value
neuron_scale_features(struct neuron_trace *trace, struct neuron_value input,
                      struct neuron_value offset, struct neuron_value scale);

/* What a row is divided by; a row where that is 0 stays as it is. */
enum neuron_row_norm {
    NEURON_ROW_NORM_MAX = 0, /* the largest, not of absolute values */
    NEURON_ROW_NORM_L1 = 1,
    NEURON_ROW_NORM_L2 = 2
};

/* Divides each row. */
NEURON_API struct neuron_value
neuron_normalize_rows(struct neuron_trace *trace, struct neuron_value input,
                      enum neuron_row_norm norm);

/*
 * Puts known numbers in place of missing ones. All are of the input's type, as is what comes out.
 *
 * imputed  one number, or one for each feature.
 * missing  the number that stands for a missing one; a zeroed value for NaN, of a real type.
 */
NEURON_API struct neuron_value
neuron_impute_features(struct neuron_trace *trace, struct neuron_value input,
                       struct neuron_value imputed, struct neuron_value missing);

/* 1 for what is above the threshold and 0 for the rest, of any shape and of the input's type. */
NEURON_API struct neuron_value
neuron_binarize(struct neuron_trace *trace, struct neuron_value input, float threshold);

/* Chooses elements of the last dimension, by any number of indices of int64. One row stays [1,..].
 */
NEURON_API struct neuron_value
neuron_extract_features(struct neuron_trace *trace, struct neuron_value input,
                        struct neuron_value indices);

/* Joins the features of several tables of as many rows. */
NEURON_API struct neuron_value
neuron_join_features(struct neuron_trace *trace, const struct neuron_value *inputs, uint32_t count);

/* What becomes of an element that is in no category. */
enum neuron_unknown_category { NEURON_UNKNOWN_IS_ZERO = 0, NEURON_UNKNOWN_ENDS_RUN = 1 };

/* Gives each element, of any shape, a new last dimension with a place for each category: 1 for its
   own, else 0. Real numbers lose their fraction first. */
NEURON_API struct neuron_value
neuron_encode_categories(struct neuron_trace *trace, struct neuron_value input,
                         const int64_t *categories, uint32_t category_count,
                         enum neuron_unknown_category unknown);

/*
 * Gives each element, of any shape, the value of its key.
 *
 * keys    [K] of the input's type; of equal ones the first counts, and NaN equals NaN.
 * values  [K] of the type that comes out.
 * other   [1] of that type: for what is no key.
 */
NEURON_API struct neuron_value
neuron_encode_labels(struct neuron_trace *trace, struct neuron_value input,
                     struct neuron_value keys, struct neuron_value values,
                     struct neuron_value other);

#ifdef __cplusplus
}
#endif

#endif

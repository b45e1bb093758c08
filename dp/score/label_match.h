/* SPDX-License-Identifier: Apache-2.0 */
/* Results of rows against their labels, in memory. */
#ifndef NEURON_SCORE_LABEL_MATCH_H
#define NEURON_SCORE_LABEL_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

enum neuron_label_kind {
    NEURON_LABEL_CLASS = 0, /* the label is the position of the largest value of a row */
    NEURON_LABEL_WHOLE = 1, /* the label is the row's whole number */
    NEURON_LABEL_REAL = 2   /* the label is what the row's values should be near */
};

/* How an output and labels go together. */
struct neuron_label_fit {
    enum neuron_label_kind kind;
    enum neuron_type result_type;
    enum neuron_type label_type;
    size_t result_values; /* of a row; the classes, too */
    size_t label_values;
};

/* What has been counted. Zeroed at first. */
struct neuron_label_tally {
    uint64_t rows;
    uint64_t right;
    uint64_t values;
    double absolute; /* sums of errors */
    double squared;
};

/*
 * Finds how labels go with an output; false where they do not. The first dimensions are rows, and
 * are not compared. Dimensions of 1 make no difference.
 */
bool
neuron_label_fit_find(const struct neuron_tensor_shape *output,
                      const struct neuron_tensor_shape *labels, struct neuron_label_fit *fit);

/* The whole number that a label of a whole type is. */
int64_t
neuron_label_whole(enum neuron_type type, const void *element);

/* Counts a row. Of values that are NaN, none is the largest. */
void
neuron_label_tally_row(const struct neuron_label_fit *fit, const void *results, const void *labels,
                       struct neuron_label_tally *tally);

#endif

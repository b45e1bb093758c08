/* SPDX-License-Identifier: Apache-2.0 */
/* How well a job's results match what is known: --labels. */
#ifndef NEURON_SCORE_LABELS_H
#define NEURON_SCORE_LABELS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/journal.h"
#include "score/output_set.h"

/*
 * Labels are an npy file of one label a row, for all rows of the input or for those of the job.
 * Whole numbers are the classes of an output of [rows, classes], of which the largest value
 * counts, or are compared with an output of one whole number a row; they give the accuracy. Floats
 * of the shape of an output give its mean absolute and mean squared error.
 *
 * One thread at a time.
 */
struct neuron_labels;

/* What came out, over the rows that did not fail. */
struct neuron_label_result {
    uint64_t row_count;
    uint64_t right_count; /* of whole numbers */
    double accuracy;      /* as in struct neuron_score_report: below 0 for none */
    double mean_absolute_error;
    double mean_squared_error;
};

/* What labels are compared with. All of it is borrowed. */
struct neuron_labeled_results {
    /* open, with all rows written; not published where the output goes to a text file */
    const struct neuron_output_set *set;
    const struct neuron_row_failure *failures; /* ascending; their rows are left out */
    size_t failure_count;
    const volatile sig_atomic_t *stop_signal; /* may be NULL */
};

enum { NEURON_LABEL_TEXT_BYTES = 160 };

/*
 * Opens the labels of the options, and checks before anything is scored that they fit: the type,
 * the shape, the number of rows, and that every class is one. "NAME=PATH" names the output that
 * they belong to, where they would fit several.
 *
 * plan    of the outputs; borrowed until destroy.
 * labels  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for labels that do not fit, with both shapes; or
 * NEURON_INVALID_SYNTAX, NEURON_SYSTEM, NEURON_OUT_OF_MEMORY. The text starts with the path.
 * Blocks while it reads the labels once.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_labels_open(const struct neuron_output_plan *plan, struct neuron_labels **labels,
                   struct neuron_error *error);

/*
 * Compares them with the results on disk, in bounded memory.
 *
 * Returns NEURON_SYSTEM, NEURON_OUT_OF_MEMORY or NEURON_CANCELLED.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_labels_compare(const struct neuron_labels *labels,
                      const struct neuron_labeled_results *results,
                      struct neuron_label_result *result, struct neuron_error *error);

/* Writes a result as a line without its end: "accuracy 0.9733 (19466 of 20000)". */
const char *
neuron_label_result_format(const struct neuron_label_result *result,
                           char text[NEURON_LABEL_TEXT_BYTES]);

/* Closes them. Accepts NULL. */
void
neuron_labels_destroy(struct neuron_labels *labels);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Finds weights by which the network tells digits apart. */
#ifndef DIGITS_TRAINER_H
#define DIGITS_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "layers.h"
#include "rows.h"
#include "weights.h"

enum { DIGITS_TRAINING_ROWS_LEAST = DIGITS_LANE_COUNT }; /* one step */

struct digits_training_options {
    uint64_t epoch_count; /* passes over all rows, at least 1 */
    uint64_t seed;        /* of first weights, order and shifts: the same seed, the same weights */
    float shift;          /* each row is moved up to this many pixels each time, at most 2 */
};

/* What is known after a pass. */
struct digits_epoch {
    uint64_t number; /* 1 for the first */
    double mean_loss;
    double training_accuracy; /* part of the rows that were right as they were learned, 0..1 */
    double accuracy;          /* of the held-out rows; NaN when there are none */
};

/* Called after each pass. */
typedef void
digits_epoch_fn(const struct digits_epoch *epoch);

/*
 * Trains: Adam on steps of DIGITS_LANE_COUNT rows, with a rate that falls to nothing at the end.
 *
 * rows       DIGITS_TRAINING_ROWS_LEAST to UINT32_MAX, with images of the weights' side.
 * held_out   rows to measure on, which are not learned; may have none.
 * weights    of any shape; are overwritten.
 * report     called after each pass.
 */
bool
digits_train(const struct digits_training_options *options, const struct digits_rows *rows,
             const struct digits_rows *held_out, struct digits_weights *weights,
             digits_epoch_fn *report, struct digits_error *error);

#endif

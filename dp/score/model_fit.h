/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a model can score an array row by row, and what comes out. */
#ifndef NEURON_SCORE_MODEL_FIT_H
#define NEURON_SCORE_MODEL_FIT_H

#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* A model and an array, with the names that a user knows them by. */
struct neuron_model_fit {
    const struct neuron_model *model;
    const char *model_path;
    const struct neuron_tensor_shape *rows; /* dimension 0 counts them */
    const char *rows_path;
};

/*
 * Checks that a model has one input, of rows, and one output, that its rows do not depend on each
 * other, and that the array has its type and, but for the number of rows, its shape.
 *
 * output  receives type and shape of the results for all rows. Unchanged on failure.
 *
 * Returns NEURON_UNSUPPORTED_MODEL, or NEURON_INVALID_ARGUMENT with both shapes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_model_fit_check(const struct neuron_model_fit *fit, struct neuron_tensor_shape *output,
                       struct neuron_error *error);

#endif

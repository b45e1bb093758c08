/* SPDX-License-Identifier: Apache-2.0 */
/* The model that rows are scored with. */
#ifndef NEURON_SCORE_SCORED_MODEL_H
#define NEURON_SCORE_SCORED_MODEL_H

#include "neuron/model.h"
#include "neuron/status.h"
#include "score/command_line.h"

/*
 * Loads the model of the options, and gives it their weights if they name some.
 *
 * model  receives a new model, which the caller destroys. Unchanged on failure.
 *
 * Returns as neuron_model_load(), or neuron_model_replace_weights().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_scored_model_load(const struct neuron_score_options *options, struct neuron_model **model,
                         struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a case, from its ONNX file to what can be put on a core. */
#ifndef NEURON_CONFORMANCE_CASE_MODEL_H
#define NEURON_CONFORMANCE_CASE_MODEL_H

#include "neuron/model.h"

#include "case_file.h"

/*
 * Imports the model with the shapes of the case's inputs, compiles and loads it. No compiled file
 * is left.
 *
 * scratch  a folder for the compiled file.
 * model    receives a new model, which the caller destroys. Unchanged on failure.
 *
 * Returns what the first of these calls that fails returns; the text of a refused import names the
 * operator and the node first.
 */
NEURON_MUST_CHECK enum neuron_status
case_model_load(const struct case_file *file, const char *scratch, struct neuron_model **model,
                struct neuron_error *error);

#endif

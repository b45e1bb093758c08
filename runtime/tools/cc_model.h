/* SPDX-License-Identifier: Apache-2.0 */
/* A model to run, from an ONNX file or a compiled one. */
#ifndef NEURON_TOOLS_CC_MODEL_H
#define NEURON_TOOLS_CC_MODEL_H

#include "cc_arrays.h"
#include "cc_command_line.h"
#include "neuron/graph.h"
#include "neuron/model.h"
#include "neuron/onnx.h"
#include "neuron/status.h"

struct neuron_cc_model {
    struct neuron_graph *imported; /* whose constants the model borrows; NULL for a compiled file */
    struct neuron_model *model;
};

/*
 * Says whether a file is to be read as an ONNX file: by how it begins, which no compiled file
 * shares with ONNX files; else, also where it cannot be read, by the end of its name.
 */
bool
neuron_cc_is_onnx(const char *path);

/*
 * Opens the model that the options name. Dimensions that an ONNX file leaves open are those of the
 * arrays, and what else the options say.
 *
 * model   receives the model; to be closed. Unchanged on failure.
 * report  receives what the import found, also on failure, or NULL; the caller destroys it.
 *
 * Returns as neuron_onnx_import(), neuron_model_load(); NEURON_INVALID_ARGUMENT for dimensions that
 * are given for a compiled file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_model_open(const struct neuron_cc_options *options, const struct neuron_cc_arrays *arrays,
                     struct neuron_cc_model *model, struct neuron_onnx_report **report,
                     struct neuron_error *error);

/* The graph that runs. Lives as long as the model. */
const struct neuron_graph *
neuron_cc_model_graph(const struct neuron_cc_model *model);

/* Accepts a zeroed one. */
void
neuron_cc_model_close(struct neuron_cc_model *model);

#endif

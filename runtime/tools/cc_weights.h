/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that are not in the compiled file: where compile writes them, and giving them back. */
#ifndef NEURON_TOOLS_CC_WEIGHTS_H
#define NEURON_TOOLS_CC_WEIGHTS_H

#include <stdio.h>

#include "cc_command_line.h"
#include "graph/graph_body.h"
#include "neuron/model.h"
#include "neuron/status.h"

/*
 * Where compile writes the weights that it leaves out: the file of --weights-out, or that of the
 * compiled file's name with ".npz" for its ".neff".
 *
 * path  receives a text that the caller frees; NULL where weights stay in the compiled file.
 *
 * Returns NEURON_OUT_OF_MEMORY, or NEURON_INVALID_ARGUMENT when both are one file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_weights_path(const struct neuron_cc_options *options, char **path,
                       struct neuron_error *error);

/*
 * Gives a model the weights of --weights, if there are any.
 *
 * model  the model, in whose place another one may come.
 *
 * Returns as neuron_model_replace_weights(); the model is then what it was.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_give_weights(const struct neuron_cc_options *options, struct neuron_model **model,
                       struct neuron_error *error);

/* Prints a line on the weights that a graph lacks, if it does. */
void
neuron_cc_print_missing_weights(FILE *stream, const struct neuron_graph *graph);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The weights that a compiled file leaves out, in a file of their own. */
#ifndef NEURON_COMPILER_WEIGHTS_FILE_H
#define NEURON_COMPILER_WEIGHTS_FILE_H

#include "graph/graph_body.h"
#include "neuron/status.h"
#include "whole_file.h"

/*
 * Writes the weights that are to be replaced, by their names, as an npz file, and settles it.
 * Publishing is the caller's.
 *
 * Returns NEURON_OUT_OF_MEMORY, or as neuron_npz_save().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_weights_write(const struct neuron_graph *graph, struct neuron_whole_file *file,
                     struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that --calibrate gives for the inputs of a graph. */
#ifndef NEURON_TOOLS_CC_CALIBRATION_H
#define NEURON_TOOLS_CC_CALIBRATION_H

#include "cc_arrays.h"
#include "cc_command_line.h"
#include "neuron/graph.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

struct neuron_cc_calibration {
    struct neuron_cc_arrays arrays;
    struct neuron_tensor_view *views; /* in the order of the inputs; NULL where none are given */
};

/*
 * Reads the files, and puts their rows in the order of the graph's inputs.
 *
 * calibration  overwritten; to be closed, also on failure.
 *
 * Returns as neuron_cc_arrays_load(); NEURON_INVALID_ARGUMENT for a file of an input that there is
 * not, and an input without a file; or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_calibration_open(const struct neuron_cc_options *options,
                           const struct neuron_graph *graph,
                           struct neuron_cc_calibration *calibration, struct neuron_error *error);

/* Says on standard error which inputs of floating point have zeros alone for rows: with these, any
   other row is clipped. */
void
neuron_cc_calibration_note_zeros(const struct neuron_cc_calibration *calibration,
                                 const struct neuron_graph *graph, const char *path);

/* How many rows there are of each input with a batch; 0 where none are given. */
int64_t
neuron_cc_calibration_row_count(const struct neuron_cc_calibration *calibration,
                                const struct neuron_graph *graph);

/* Accepts a zeroed one. */
void
neuron_cc_calibration_close(struct neuron_cc_calibration *calibration);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How a command of neuron-cc ends: what it says on standard error, and its exit status. */
#ifndef NEURON_TOOLS_CC_EXIT_H
#define NEURON_TOOLS_CC_EXIT_H

#include "graph/graph_body.h"
#include "neuron/onnx.h"
#include "neuron/status.h"

enum { NEURON_CC_EXIT_USAGE = 2 };

/* Prints why something failed, and returns the exit status. */
int
neuron_cc_fail(const struct neuron_error *error, int exit_status);

/* Prints why a file is refused: with a line for each problem of an ONNX file, where it has several;
   the report may be NULL. */
int
neuron_cc_refuse(const char *path, const struct neuron_onnx_report *report,
                 const struct neuron_error *error);

/* Says something of a file on standard error that is no failure. */
void
neuron_cc_note(const char *path, const char *text);

/* Says on standard error what this machine lacks of what a graph was compiled for, if anything. */
void
neuron_cc_note_machine(const char *path, const struct neuron_graph *graph);

/* What was printed is out, or the program has failed. */
int
neuron_cc_finish_output(void);

#endif

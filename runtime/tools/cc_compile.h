/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-cc compile. */
#ifndef NEURON_TOOLS_CC_COMPILE_H
#define NEURON_TOOLS_CC_COMPILE_H

#include "cc_command_line.h"
#include "neuron/onnx.h"

/* Imports the file that the options name, as neuron_onnx_import() does. */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_import(const struct neuron_cc_options *options, struct neuron_graph **graph,
                 struct neuron_onnx_report **report, struct neuron_error *error);

/* Compiles, and prints what became of it. Returns the exit status. */
int
neuron_cc_compile(const struct neuron_cc_options *options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing that a command reads is overwritten by what it writes. */
#ifndef NEURON_TOOLS_CC_SAME_FILE_H
#define NEURON_TOOLS_CC_SAME_FILE_H

#include "cc_command_line.h"
#include "neuron/status.h"

/*
 * Checks a path that is about to be written against the model and the arrays that are read.
 *
 * report  of the model's import, which names the files that it read beside it; NULL for none.
 *
 * Returns NEURON_INVALID_ARGUMENT where it is one of those files, whatever it is called.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_check_output(const struct neuron_cc_options *options,
                       const struct neuron_onnx_report *report, const char *path,
                       struct neuron_error *error);

#endif

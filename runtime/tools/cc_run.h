/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-cc run: one run of a model, from npy files to npy files. */
#ifndef NEURON_TOOLS_CC_RUN_H
#define NEURON_TOOLS_CC_RUN_H

#include "cc_command_line.h"

/* Does it; prints what was written, or why it failed. Returns the exit status. */
int
neuron_cc_run(const struct neuron_cc_options *options);

#endif

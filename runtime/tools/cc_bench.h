/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-cc bench: many runs of a model on one core, and how long they took. */
#ifndef NEURON_TOOLS_CC_BENCH_H
#define NEURON_TOOLS_CC_BENCH_H

#include "cc_command_line.h"

/* Does it; prints what was measured, or why it failed. Returns the exit status. */
int
neuron_cc_bench(const struct neuron_cc_options *options);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-top --once: reports on standard output. */
#ifndef NEURON_TOOLS_TOP_TOP_REPORT_H
#define NEURON_TOOLS_TOP_TOP_REPORT_H

#include "neuron/status.h"

#include "top/looks.h"
#include "top/top_options.h"

/*
 * Takes a look, and after each delay another one, and prints what happened between.
 *
 * Returns NEURON_SYSTEM where the machine cannot be read or the output does not get out, or
 * NEURON_OUT_OF_MEMORY. Blocks for the delays.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_top_report(struct neuron_looks *looks, const struct neuron_top_options *options,
                  struct neuron_error *error);

#endif

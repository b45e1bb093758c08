/* SPDX-License-Identifier: Apache-2.0 */
/* neuron-top on a terminal: looks, keys and signals in one loop. */
#ifndef NEURON_TOOLS_TOP_TOP_LOOP_H
#define NEURON_TOOLS_TOP_TOP_LOOP_H

#include <stdbool.h>

#include "neuron/status.h"

#include "top/looks.h"
#include "top/top_options.h"

/*
 * Shows the machine until the person or a signal ends it. The terminal is as it was afterwards.
 *
 * wants_color  colours are used where the terminal has some.
 * signal       receives the signal that ended it; 0 for none.
 *
 * Returns NEURON_INVALID_ARGUMENT where there is no terminal that will do, NEURON_SYSTEM where the
 * machine cannot be read from the beginning, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_top_loop(struct neuron_looks *looks, const struct neuron_top_options *options,
                bool wants_color, int *signal, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Which options of neuron-cc go together. */
#ifndef NEURON_TOOLS_CC_COMBINATION_H
#define NEURON_TOOLS_CC_COMBINATION_H

#include "cc_command_line.h"

/*
 * Checks options, each of which is right, for one that lacks another or that would do nothing.
 *
 * Returns NEURON_INVALID_SYNTAX with the option, and the one that it goes with.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_check_combination(const struct neuron_cc_options *options, struct neuron_error *error);

#endif

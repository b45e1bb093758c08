/* SPDX-License-Identifier: Apache-2.0 */
/* Whether options that were parsed make a job together. */
#ifndef NEURON_SCORE_OPTION_CHECKS_H
#define NEURON_SCORE_OPTION_CHECKS_H

#include "neuron/status.h"
#include "score/command_line.h"

/*
 * Checks that model, inputs and outputs are there, that of several ones each has a name of its own,
 * and that no path is to be written twice.
 *
 * Returns NEURON_INVALID_SYNTAX.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_options_check(const struct neuron_score_options *options, struct neuron_error *error);

#endif

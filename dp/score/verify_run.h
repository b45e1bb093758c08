/* SPDX-License-Identifier: Apache-2.0 */
/* --verify: compares finished outputs with their journal, and says what came out. */
#ifndef NEURON_SCORE_VERIFY_RUN_H
#define NEURON_SCORE_VERIFY_RUN_H

#include <signal.h>

#include "neuron/status.h"
#include "score/command_line.h"

/*
 * Loads the model, for the shapes of its outputs, and reads outputs and journal; the inputs are not
 * needed. Prints a line on standard output when everything is as it was.
 *
 * Returns NEURON_INVALID_ARGUMENT with what differs; or as neuron_verify_outputs().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_verify_run(const struct neuron_score_options *options,
                  const volatile sig_atomic_t *stop_signal, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a case in a process of its own, so that one that crashes or hangs is one failure. */
#ifndef NEURON_CONFORMANCE_CASE_PROCESS_H
#define NEURON_CONFORMANCE_CASE_PROCESS_H

#include <stdbool.h>

#include "neuron/status.h"

/*
 * Runs the case of a folder. Returns whether it passed; `error` receives why it did not. The
 * calling process has no thread, and never made a runtime.
 *
 * scratch  as of case_run().
 */
bool
case_process_run(const char *folder, const char *scratch, struct neuron_error *error);

#endif

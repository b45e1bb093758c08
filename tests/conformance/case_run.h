/* SPDX-License-Identifier: Apache-2.0 */
/* Imports, compiles, loads and runs a case, and compares what comes out. */
#ifndef NEURON_CONFORMANCE_CASE_RUN_H
#define NEURON_CONFORMANCE_CASE_RUN_H

#include "neuron/status.h"

/*
 * Runs a case on one core.
 *
 * folder   of the case.
 * scratch  a folder for the compiled file and the leases.
 *
 * Returns what failed first: reading, importing, compiling, loading or running; or
 * NEURON_NUMERICAL_ERROR when an output's name, type, shape or elements are not as expected.
 */
NEURON_MUST_CHECK enum neuron_status
case_run(const char *folder, const char *scratch, struct neuron_error *error);

#endif

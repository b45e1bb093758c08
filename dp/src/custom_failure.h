/* SPDX-License-Identifier: Apache-2.0 */
/* What a function of the user's failed with, made fit to be passed on. */
#ifndef NEURON_DP_CUSTOM_FAILURE_H
#define NEURON_DP_CUSTOM_FAILURE_H

#include "neuron/status.h"

/* A function of the user's that did not succeed. */
struct neuron_custom_failure {
    const char *where;         /* begins the text */
    const char *function;      /* its name */
    enum neuron_status status; /* that it gave: any number */
    struct neuron_error error; /* that it filled, or not: any bytes */
};

/*
 * Writes "where: text" into `error`, or what is known where the function said nothing, and returns
 * the status to go on with: NEURON_SYSTEM for a number that is none, for NEURON_OK, and for a
 * status that is not a program's to give (neuron/custom_program.h), whose name the text has then.
 */
enum neuron_status
neuron_custom_failure_report(const struct neuron_custom_failure *failure,
                             struct neuron_error *error);

#endif

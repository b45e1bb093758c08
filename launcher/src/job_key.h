/* SPDX-License-Identifier: Apache-2.0 */
/* The secret that the ranks of a job share, and nobody else has. */
#ifndef NEURON_LAUNCHER_JOB_KEY_H
#define NEURON_LAUNCHER_JOB_KEY_H

#include "neuron/status.h"

enum { NEURON_JOB_SECRET_BYTES = 32, NEURON_JOB_SECRET_DIGITS = 2 * NEURON_JOB_SECRET_BYTES };

/*
 * Makes a new key of bytes that nobody can guess.
 *
 * key  receives its hex digits, which ranks find in NEURONRUN_KEY, and a zero.
 *
 * Returns NEURON_SYSTEM where the kernel has no random bytes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_key_make(char key[NEURON_JOB_SECRET_DIGITS + 1], struct neuron_error *error);

#endif

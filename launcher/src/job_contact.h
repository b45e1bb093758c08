/* SPDX-License-Identifier: Apache-2.0 */
/* The texts by which shims find and trust their launcher: addresses and keys. */
#ifndef NEURON_LAUNCHER_JOB_CONTACT_H
#define NEURON_LAUNCHER_JOB_CONTACT_H

#include <stdbool.h>

#include "neuron/status.h"

#include "job_channel.h"

enum { NEURON_JOB_KEY_BYTES = 40 /* of a key as ZeroMQ writes it */ };

/* Writes three keys in hex: ZeroMQ's letters would not survive every shell. */
void
neuron_job_contact_format_keys(const char *const keys[3], char *text);

/* Reads them back; false where the text is not of that form. */
bool
neuron_job_contact_parse_keys(const char *text, char keys[3][NEURON_JOB_KEY_BYTES + 1]);

#endif

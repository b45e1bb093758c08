/* SPDX-License-Identifier: Apache-2.0 */
/* A secret that some processes share and nobody else has, as bytes and as text. */
#ifndef NEURON_SECRET_KEY_H
#define NEURON_SECRET_KEY_H

#include <stdbool.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NEURON_SECRET_KEY_BYTES = 32, NEURON_SECRET_KEY_DIGITS = 2 * NEURON_SECRET_KEY_BYTES };

/*
 * Makes a new key of bytes that nobody can guess.
 *
 * text  receives it as small hex digits, and a zero.
 *
 * Returns NEURON_SYSTEM where the kernel has no random bytes.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_secret_key_make(char text[NEURON_SECRET_KEY_DIGITS + 1], struct neuron_error *error);

/* Reads just 64 hex digits, small or capital; false for anything else. Any thread. */
NEURON_API bool
neuron_secret_key_parse(const char *text, unsigned char key[NEURON_SECRET_KEY_BYTES]);

#ifdef __cplusplus
}
#endif

#endif

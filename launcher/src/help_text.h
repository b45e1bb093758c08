/* SPDX-License-Identifier: Apache-2.0 */
/* The texts in which Open MPI explains an error: how a rank hands them to its server. */
#ifndef NEURON_LAUNCHER_HELP_TEXT_H
#define NEURON_LAUNCHER_HELP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the text out of a packed message: strings, each with a count before it and a length, big
 * endian; the last one is what the user shall read. Line ends around it are left out, and other
 * control characters become spaces.
 *
 * text  receives it, cut where it is too long; at least 1 byte.
 *
 * Returns false, and an empty text, where the bytes are no such message.
 */
bool
neuron_help_text_decode(const uint8_t *bytes, size_t size_bytes, char *text, size_t text_bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Letters for those who hold cores: A for the first, then B, ... Z, a, ... z; for more than these,
   words of two or three of them. Functions from values to values. */
#ifndef NEURON_TOOLS_LS_HOLDER_SIGNS_H
#define NEURON_TOOLS_LS_HOLDER_SIGNS_H

#include <stdint.h>

enum { NEURON_SIGN_LETTERS = 52, NEURON_SIGN_BYTES = 8 };

/* How many letters each sign needs, so that so many holders have signs of one length. */
uint32_t
neuron_sign_length(uint32_t holder_count);

/* Writes the sign of a holder, of so many letters. Returns the text, of NEURON_SIGN_BYTES. */
const char *
neuron_sign_format(uint32_t holder, uint32_t length, char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A measured core as a text:
 *
 *   neuron-roofline 1
 *   cpu x86_64 AuthenticAMD 25.17.1 avx2 avx512
 *   float32 111.250 AVX-512
 *   bf16 111.250 AVX-512
 *   int8 111.250 AVX-512
 *   l2 1048576 98.125
 *   l3 33554432 30.500
 *   memory 0 15.250
 *   end
 */
#ifndef NEURON_TOOLS_ROOFLINE_TEXT_H
#define NEURON_TOOLS_ROOFLINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "roofline.h"

enum { NEURON_ROOFLINE_TEXT_BYTES = 1024 };

/*
 * Writes the text into NEURON_ROOFLINE_TEXT_BYTES bytes.
 *
 * cpu  the text of neuron_cpu_read().
 *
 * Returns how long it is.
 */
size_t
neuron_roofline_format(const struct neuron_roofline *roofline, const char *cpu, char *text);

/*
 * Reads a text back. It is taken only if it is, byte for byte, what would be written for its
 * numbers, and these are above 0 and finite.
 *
 * cpu       whose text it has to be.
 * roofline  unchanged on failure.
 *
 * Returns whether it is one.
 */
bool
neuron_roofline_parse(const char *text, const char *cpu, struct neuron_roofline *roofline);

#endif

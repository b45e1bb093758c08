/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors that a core's loops are in: those of all processors, and the wider ones of some. */
#ifndef NEURON_TOOLS_CORE_VECTORS_H
#define NEURON_TOOLS_CORE_VECTORS_H

typedef float lanes_of_16_bytes __attribute__((vector_size(16)));

#if defined(__x86_64__)
typedef float lanes_of_32_bytes __attribute__((vector_size(32)));
typedef float lanes_of_64_bytes __attribute__((vector_size(64)));
#endif

#endif

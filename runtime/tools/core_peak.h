/* SPDX-License-Identifier: Apache-2.0 */
/* The most arithmetic that a core does. */
#ifndef NEURON_TOOLS_CORE_PEAK_H
#define NEURON_TOOLS_CORE_PEAK_H

#include <stdint.h>

/* What is multiplied; sums are float32, or int32 for int8. */
enum neuron_arithmetic {
    NEURON_ARITHMETIC_FLOAT32,
    NEURON_ARITHMETIC_BF16,
    NEURON_ARITHMETIC_INT8,
    NEURON_ARITHMETIC_COUNT
};

enum { NEURON_INSTRUCTIONS_BYTES = 24 };

/* What was measured. */
struct neuron_core_peak {
    double gflops; /* 10^9 products and sums a second, each counted as one; also those of int8 */
    char instructions[NEURON_INSTRUCTIONS_BYTES]; /* that did it: "AVX-512" */
};

/* "float32", "bf16" or "int8". */
const char *
neuron_arithmetic_name(enum neuron_arithmetic arithmetic);

/*
 * Measures the calling thread's core with products and sums that depend on nothing but registers,
 * in each of the sets of instructions that can do them; narrow numbers can be computed with as
 * float32, too. Takes some 20 ms for each of one to three sets.
 *
 * features  of neuron_cpu_read(), or some of them.
 */
struct neuron_core_peak
neuron_core_peak_measure(enum neuron_arithmetic arithmetic, uint32_t features);

#endif

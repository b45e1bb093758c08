/* SPDX-License-Identifier: Apache-2.0 */
/* The most float32 arithmetic that a core does. */
#ifndef NEURON_TOOLS_CORE_PEAK_H
#define NEURON_TOOLS_CORE_PEAK_H

/* What was measured. */
struct neuron_core_peak {
    double gflops;            /* 10^9 products and sums a second, each counted as one */
    const char *instructions; /* that did it: "AVX-512" */
};

/*
 * Measures the calling thread's core with products and sums that depend on nothing but registers,
 * in the widest instructions that it has. Takes some 20 ms.
 */
struct neuron_core_peak
neuron_core_peak_measure(void);

#endif

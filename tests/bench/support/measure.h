/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmarks measure with. */
#ifndef NEURON_BENCH_MEASURE_H
#define NEURON_BENCH_MEASURE_H

#include <stddef.h>

/* The steady clock, in microseconds. */
double
read_clock_us(void);

/* The median of at least one number. Sorts them. */
double
median(double *numbers, size_t count);

/* Sleeps; threads that poll have given up meanwhile. */
void
pause_ms(long milliseconds);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Cores for threads and processes of the benchmarks that no runtime binds. */
#ifndef NEURON_BENCH_OWN_CORE_H
#define NEURON_BENCH_OWN_CORE_H

#include <stdint.h>

/* Binds the calling thread to one of the cores that it may use: beyond the last from the first on.
 */
void
bind_to_core(uint32_t index);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian builds oneDNN on GCC's OpenMP, which has no switch in oneDNN's API. The team size belongs
 * to the calling thread; it is baked into a primitive when that is created, and read again when a
 * primitive runs. The two calls are declared here, because omp.h comes with gcc only.
 */
#include "engine/single_thread.h"

extern int
omp_get_max_threads(void);
extern void
omp_set_num_threads(int threads);

int
neuron_engine_use_single_thread(void)
{
    int before = omp_get_max_threads();

    omp_set_num_threads(1);
    return before;
}

void
neuron_engine_restore_threads(int threads)
{
    omp_set_num_threads(threads);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps kernels on the thread that calls them. */
#ifndef NEURON_ENGINE_SINGLE_THREAD_H
#define NEURON_ENGINE_SINGLE_THREAD_H

/*
 * Makes the kernels that the calling thread runs or creates from now on use that thread alone.
 * Returns the number of threads they would have used before, for neuron_engine_restore_threads().
 */
int
neuron_engine_use_single_thread(void);

/* Undoes it, for a thread that is not ours. */
void
neuron_engine_restore_threads(int threads);

#endif

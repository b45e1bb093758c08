/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that are compiled once more for the vectors of newer processors. */
#ifndef NEURON_ENGINE_KERNELS_VECTOR_CODE_H
#define NEURON_ENGINE_KERNELS_VECTOR_CODE_H

/*
 * Stands before a static function whose loops decide how fast a model is. The library is built for
 * any x86-64; of this function there is also code with AVX2 and AVX-512, and which of them is
 * called is found once, when the program is loaded, which is too early for ThreadSanitizer. Other
 * architectures have one kind of vectors only.
 */
#if defined(__x86_64__) && !defined(NEURON_PLAIN_VECTORS)
#define NEURON_VECTOR_CODE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NEURON_VECTOR_CODE
#endif

#endif

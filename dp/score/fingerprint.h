/* SPDX-License-Identifier: Apache-2.0 */
/* One number for all that must be the same in every rank of a job. */
#ifndef NEURON_SCORE_FINGERPRINT_H
#define NEURON_SCORE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* The fingerprint of nothing. */
#define NEURON_FINGERPRINT_START UINT64_C(0xCBF29CE484222325)

/* How much of a file counts. */
enum neuron_fingerprint_scope {
    NEURON_FINGERPRINT_ONE_HOST = 0, /* which file it is, and when it was last changed */
    NEURON_FINGERPRINT_ANY_HOST = 1  /* its size alone, as hosts may have copies of their own */
};

/* Adds bytes to a fingerprint (64-bit FNV-1a). */
uint64_t
neuron_fingerprint_add(uint64_t fingerprint, const void *bytes, size_t size_bytes);

/* Adds a file to a fingerprint. */
uint64_t
neuron_fingerprint_add_file(uint64_t fingerprint, const struct stat *file,
                            enum neuron_fingerprint_scope scope);

#endif

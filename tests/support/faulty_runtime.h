/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands between DataParallel and the runtime, put there by the linker (--wrap): kernels that fail,
 * inboxes that are full, and counts of what was called.
 */
#ifndef NEURON_TESTS_FAULTY_RUNTIME_H
#define NEURON_TESTS_FAULTY_RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    FAULTY_CORES = 3,
    FAULTY_COLUMNS = 6 /* of the dense model's input */
};

/* A run of the dense model over a row that starts with this number fails. */
#define FAULTY_NUMBER 1.0e30F

struct faulty_runtime {
    _Atomic bool is_full[FAULTY_CORES]; /* the inbox of the core takes nothing */
    _Atomic uint32_t submitted[FAULTY_CORES];
    _Atomic uint32_t runs;
    _Atomic uint32_t meeting; /* a failing run waits for so many, itself included */
    _Atomic uint32_t arrived;
    _Atomic uint32_t allocations;
};

extern struct faulty_runtime faulty_runtime;

/* Nothing is full, nothing waits, and nothing was counted. */
void
faulty_runtime_reset(void);

#endif

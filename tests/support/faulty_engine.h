/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands between modules and the engine, put there by the linker (--wrap): plans and programs that
 * cannot be made, and counts of those that were.
 */
#ifndef NEURON_TESTS_FAULTY_ENGINE_H
#define NEURON_TESTS_FAULTY_ENGINE_H

#include <stdatomic.h>
#include <stdint.h>

/* What a failing one says. */
#define FAULTY_REASON "the engine has had enough"

struct faulty_engine {
    _Atomic uint32_t plans_created; /* those that failed are not counted */
    _Atomic uint32_t plans_destroyed;
    _Atomic uint32_t programs_created;
    _Atomic uint32_t programs_destroyed;
    /* How many are made before one fails; negative for no failure. */
    _Atomic int32_t plans_until_failure;
    _Atomic int32_t programs_until_failure;
};

extern struct faulty_engine faulty_engine;

/* Nothing fails, and nothing was counted. */
void
faulty_engine_reset(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A runtime whose leases meet nobody else's. */
#ifndef NEURON_TESTS_TEST_RUNTIME_H
#define NEURON_TESTS_TEST_RUNTIME_H

#include "neuron/runtime.h"
#include "test_folder.h"

struct test_runtime {
    struct test_folder folder; /* of the leases */
    struct neuron_runtime *runtime;
};

/* Makes a runtime of so many cores, of an invented machine or, for NULL, of the real one. */
void
test_runtime_create(struct test_runtime *test, const char *synthetic, uint32_t core_count);

/* The same with a budget of so many bytes for each device. */
void
test_runtime_create_limited(struct test_runtime *test, const char *synthetic, uint32_t core_count,
                            uint64_t device_memory_bytes);

/* Destroys the runtime, if the test has not, and its folder. */
void
test_runtime_destroy(struct test_runtime *test);

#endif

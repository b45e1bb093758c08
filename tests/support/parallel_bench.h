/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of DataParallel start from. */
#ifndef NEURON_TESTS_PARALLEL_BENCH_H
#define NEURON_TESTS_PARALLEL_BENCH_H

#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/model.h"
#include "neuron/module.h"

#include "test_runtime.h"

/* A runtime, and a model on it. */
struct parallel_bench {
    struct test_runtime owner;
    struct neuron_model *model;
    struct neuron_module *loop;            /* one replica, for the expected results */
    struct neuron_data_parallel *parallel; /* on all cores */
};

/* Makes an object on the cores of a runtime; fails the test where that does not work. */
struct neuron_data_parallel *
parallel_create(const struct test_runtime *owner, const struct neuron_model *model,
                const struct neuron_data_parallel_options *options);

/* Makes it on an invented machine ("core:3 pu:1") of so many cores. Takes the model over. */
void
parallel_bench_create(struct parallel_bench *bench, const char *machine, uint32_t core_count,
                      struct neuron_model *model);

void
parallel_bench_destroy(struct parallel_bench *bench);

#endif

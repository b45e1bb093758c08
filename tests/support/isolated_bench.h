/* SPDX-License-Identifier: Apache-2.0 */
/* One isolated program on an executor of a runtime, driven as DataParallel drives it. */
#ifndef NEURON_TESTS_ISOLATED_BENCH_H
#define NEURON_TESTS_ISOLATED_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/custom_program.h"
#include "neuron/model.h"

#include "chunk_program.h"
#include "isolated_program.h"
#include "isolated_source.h"
#include "test_runtime.h"

enum { ISOLATED_CORES = 4 };

struct isolated_bench {
    struct test_runtime owner; /* of ISOLATED_CORES invented cores */
    struct neuron_custom_library *library;
    struct neuron_isolated_source *source;
    struct neuron_chunk_program program; /* none: zeroed */
    uint32_t nc;                         /* where the program is */
};

/* cmocka setup and teardown; `*state` is a struct isolated_bench with a runtime only. */
int
isolated_bench_setup(void **state);
int
isolated_bench_teardown(void **state);

/* Prepares a model, and starts it at nc:1. Fails the test where that does not work. */
void
isolated_bench_start_model(struct isolated_bench *bench, const struct neuron_model *model);

/* Opens custom_trouble (custom_trouble.c), and prepares it. */
void
isolated_bench_open_trouble(struct isolated_bench *bench, const char *config);

/* Starts what is prepared. */
enum neuron_status
isolated_bench_start(struct isolated_bench *bench, const struct neuron_isolated_place *place,
                     struct neuron_error *error);

/* Does both, for 4 rows at nc:1. Fails the test where that does not work. */
void
isolated_bench_start_trouble(struct isolated_bench *bench, uint32_t hang_limit_ms);

/* Runs what lies in the buffers. The deadline is 0 or of CLOCK_MONOTONIC. */
enum neuron_status
isolated_bench_run(struct isolated_bench *bench, int64_t rows, uint64_t deadline_ns,
                   struct neuron_error *error);

/* Runs custom_trouble with an order, and rows 1, 2, 3, ...; outputs are zeroed before. */
enum neuron_status
isolated_bench_order(struct isolated_bench *bench, int32_t order, int64_t rows,
                     struct neuron_error *error);

/* Fails the test unless a run of custom_trouble gives what it ought to. */
void
isolated_bench_check(struct isolated_bench *bench);

/* Ends the program, and the source. Accepts none. */
void
isolated_bench_end(struct isolated_bench *bench);

/* So many milliseconds from now, of CLOCK_MONOTONIC. */
uint64_t
deadline_in_ms(uint32_t milliseconds);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* An invented machine of 8 cores, runtimes that the environment asks for, and where runs go. */
#ifndef NEURON_TESTS_PLACEMENT_BENCH_H
#define NEURON_TESTS_PLACEMENT_BENCH_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/runtime.h"

#include "environment_variable.h"
#include "test_folder.h"

enum { DENSE_RESULTS = 20 }; /* of one run of the dense model */

struct placement_bench {
    struct test_folder folder; /* of the leases */
    struct neuron_model *model;
    struct neuron_runtime *runtime;
};

/* cmocka setup and teardown; `*state` is a struct placement_bench with the dense model of
   traced_model.h, but no runtime yet. The environment asks for no cores in particular. */
int
placement_bench_setup(void **state);
int
placement_bench_teardown(void **state);

/* Makes the bench's runtime as the environment asks. */
void
placement_bench_start(struct placement_bench *bench);

/* The same with NEURON_RT_NUM_CORES set first. */
void
placement_bench_start_cores(struct placement_bench *bench, const char *core_count);

/* Loads the bench's model; NULL for the default placement. Fails the test when that fails. */
struct neuron_module *
load_to(const struct placement_bench *bench, const struct neuron_module_placement *placement);

/* Loads the bench's model with the default placement. */
struct neuron_module *
load(const struct placement_bench *bench);

/* Loads the bench's model inside a context, as "with neuron_cores_context(start_nc, nc_count)" of
   the original does. */
struct neuron_module *
load_inside(const struct placement_bench *bench, int32_t start_nc, int32_t nc_count);

/* Cores in a row. */
struct neuron_module_placement
run_of(int32_t start_nc, int32_t nc_count);

/* Runs a module of the dense model once, always over the same numbers. Asserts nothing. */
enum neuron_status
run_dense_into(struct neuron_module *module, float results[DENSE_RESULTS],
               struct neuron_error *error);

/* The same where the results are not looked at. */
enum neuron_status
run_dense(struct neuron_module *module, struct neuron_error *error);

/* Runs a module of the dense model, and says on which core it ran: that whose counter rose.
   Fails the test when that is not one core. Nothing else runs at the time. */
uint32_t
core_of_run(const struct placement_bench *bench, struct neuron_module *module);

/* Runs a module once for each digit of `expected`, and fails the test unless the runs go to these
   cores: "232". */
void
check_runs(const struct placement_bench *bench, struct neuron_module *module, const char *expected);

/* Fails the test unless so many replicas are on the cores, a digit for each: "1100". */
void
check_replicas(const struct neuron_runtime *runtime, const char *expected);

#endif

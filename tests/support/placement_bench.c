/* SPDX-License-Identifier: Apache-2.0 */
#include "placement_bench.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "environment_variable.h"
#include "invented_machine.h"
#include "traced_model.h"

enum { CORE_LIMIT = 16, INPUT_COLUMNS = 6, OUTPUT_COLUMNS = 5 };

int
placement_bench_setup(void **state)
{
    struct placement_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    invent_machine("core:8 pu:1");
    set_variable("NEURON_RT_LEASE_DIRECTORY", bench->folder.path);
    set_variable("NEURON_RT_VISIBLE_CORES", NULL);
    set_variable("NEURON_RT_NUM_CORES", NULL);
    set_variable("NEURONRUN_LEASE", NULL);
    bench->model = load_dense_model();
    *state = bench;
    return 0;
}

int
placement_bench_teardown(void **state)
{
    struct placement_bench *bench = *state;

    neuron_runtime_destroy(bench->runtime);
    neuron_model_destroy(bench->model);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

void
placement_bench_start(struct placement_bench *bench)
{
    struct neuron_error error = {0};

    assert_ok(neuron_runtime_create(NULL, &bench->runtime, &error), &error);
}

void
placement_bench_start_cores(struct placement_bench *bench, const char *core_count)
{
    set_variable("NEURON_RT_NUM_CORES", core_count);
    placement_bench_start(bench);
}

struct neuron_module *
load_to(const struct placement_bench *bench, const struct neuron_module_placement *placement)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->runtime, bench->model, placement, &module, &error),
              &error);
    return module;
}

struct neuron_module *
load(const struct placement_bench *bench)
{
    return load_to(bench, NULL);
}

struct neuron_module *
load_inside(const struct placement_bench *bench, int32_t start_nc, int32_t nc_count)
{
    struct neuron_cores_context context;
    struct neuron_error error = {0};

    assert_ok(neuron_cores_context_enter(bench->runtime, start_nc, nc_count, &context, &error),
              &error);
    struct neuron_module *module = load(bench);
    assert_ok(neuron_cores_context_leave(&context, &error), &error);
    return module;
}

struct neuron_module_placement
run_of(int32_t start_nc, int32_t nc_count)
{
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_RUN, .start_nc = start_nc, .nc_count = nc_count};
}

enum neuron_status
run_dense_into(struct neuron_module *module, float results[DENSE_RESULTS],
               struct neuron_error *error)
{
    float rows[TRACED_ROWS * INPUT_COLUMNS] = {0.5F, -1, 2, 0.25F};
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {TRACED_ROWS, INPUT_COLUMNS}, .data = rows};
    const struct neuron_tensor_view output = {.type = NEURON_FLOAT32,
                                              .rank = 2,
                                              .shape = {TRACED_ROWS, DENSE_RESULTS / TRACED_ROWS},
                                              .data = results};

    results[0] = -1; /* which no softmax gives */
    return neuron_module_run(module, &input, 1, &output, 1, error);
}

enum neuron_status
run_dense(struct neuron_module *module, struct neuron_error *error)
{
    float results[DENSE_RESULTS];

    return run_dense_into(module, results, error);
}

/* The counts of all runs so far, by core. */
static void
read_run_counts(const struct neuron_runtime *runtime, uint64_t counts[CORE_LIMIT])
{
    uint32_t core_count = neuron_runtime_core_count(runtime);

    assert_in_range(core_count, 1, CORE_LIMIT);
    for (uint32_t nc = 0; nc < core_count; nc += 1) {
        struct neuron_core_counters counters = {0};

        neuron_runtime_read_counters(runtime, nc, &counters);
        counts[nc] = counters.run_count;
    }
}

uint32_t
core_of_run(const struct placement_bench *bench, struct neuron_module *module)
{
    uint64_t before[CORE_LIMIT] = {0};
    uint64_t after[CORE_LIMIT] = {0};
    uint32_t found = UINT32_MAX;
    struct neuron_error error = {0};

    read_run_counts(bench->runtime, before);
    assert_ok(run_dense(module, &error), &error);
    read_run_counts(bench->runtime, after);
    for (uint32_t nc = 0; nc < neuron_runtime_core_count(bench->runtime); nc += 1) {
        if (after[nc] != before[nc]) {
            assert_int_equal(after[nc], before[nc] + 1);
            assert_int_equal(found, UINT32_MAX);
            found = nc;
        }
    }
    assert_int_not_equal(found, UINT32_MAX);
    return found;
}

void
check_runs(const struct placement_bench *bench, struct neuron_module *module, const char *expected)
{
    for (size_t i = 0; expected[i] != '\0'; i += 1) {
        assert_int_equal(core_of_run(bench, module), expected[i] - '0');
    }
}

void
check_replicas(const struct neuron_runtime *runtime, const char *expected)
{
    assert_int_equal(neuron_runtime_core_count(runtime), strlen(expected));
    for (uint32_t nc = 0; expected[nc] != '\0'; nc += 1) {
        struct neuron_core_counters counters = {0};

        neuron_runtime_read_counters(runtime, nc, &counters);
        assert_int_equal(counters.replica_count, expected[nc] - '0');
    }
}

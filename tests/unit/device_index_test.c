/* SPDX-License-Identifier: Apache-2.0 */
/* The core numbers of the Neuron note on DataParallel, on its machine of 4 chips of 4 cores. */
#include "check.h"

#include "neuron/data_parallel.h"
#include "neuron/topology.h"

#include "invented_machine.h"
#include "placement_bench.h"
#include "traced_model.h"

enum { CHIPS = 4, CORES_PER_CHIP = 4, ROWS = 3 * TRACED_ROWS };

static int
begin_test(void **state)
{
    int result = placement_bench_setup(state);

    invent_machine("numa:4 core:4 pu:1");
    return result;
}

/* Makes a runtime of these cores of the machine; NULL for all. */
static void
start_visible(struct placement_bench *bench, const char *visible_cores)
{
    set_variable("NEURON_RT_VISIBLE_CORES", visible_cores);
    placement_bench_start(bench);
}

/* Fails the test unless a number of the process is this core of this chip. */
static void
check_place(const struct placement_bench *bench, uint32_t nc, uint32_t chip, uint32_t core)
{
    uint32_t machine_core = neuron_core_set_at(neuron_runtime_cores(bench->runtime), nc);
    struct neuron_topology *topology = create_topology("numa:4 core:4 pu:1");

    assert_int_equal(machine_core, chip * CORES_PER_CHIP + core);
    assert_int_equal(neuron_topology_device_count(topology), CHIPS);
    assert_int_equal(neuron_topology_device_of(topology, machine_core), chip);
    neuron_topology_destroy(topology);
}

/* Fails the test unless a module that is put there runs there. */
static void
check_module_at(const struct placement_bench *bench, uint32_t nc)
{
    const struct neuron_module_placement at = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = &nc, .core_count = 1};
    struct neuron_module *module = load_to(bench, &at);

    assert_int_equal(neuron_module_replica_core(module, 0), nc);
    assert_int_equal(core_of_run(bench, module), nc);
    neuron_module_destroy(module);
}

static uint64_t
runs_at(const struct placement_bench *bench, uint32_t nc)
{
    struct neuron_core_counters counters = {0};

    neuron_runtime_read_counters(bench->runtime, nc, &counters);
    return counters.run_count;
}

/* Fails the test unless DataParallel on this device id runs there, and nowhere else. */
static void
check_parallel_at(const struct placement_bench *bench, const char *device_id, uint32_t nc)
{
    const struct neuron_data_parallel_options options = {.device_ids = &device_id,
                                                         .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};
    float rows[ROWS][6] = {{1}};
    float results[ROWS][5];
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, 6}, .data = rows};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, 5}, .data = results};

    assert_ok(
        neuron_data_parallel_create(bench->runtime, bench->model, &options, &parallel, &error),
        &error);
    for (uint32_t i = 0; i < neuron_runtime_core_count(bench->runtime); i += 1) {
        struct neuron_core_counters counters = {0};

        neuron_runtime_read_counters(bench->runtime, i, &counters);
        assert_int_equal(counters.replica_count, i == nc ? 1 : 0);
    }
    uint64_t before = runs_at(bench, nc);
    assert_ok(neuron_data_parallel_run(parallel, &input, 1, &output, 1, &error), &error);
    assert_int_equal(runs_at(bench, nc), before + 3);
    neuron_data_parallel_destroy(parallel);
}

/* Fails the test unless both refuse a number, and say which cores there are. */
static void
check_no_such_core(const struct placement_bench *bench, const char *device_id, uint32_t nc,
                   const char *last)
{
    const struct neuron_module_placement at = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = &nc, .core_count = 1};
    const struct neuron_data_parallel_options options = {.device_ids = &device_id,
                                                         .device_id_count = 1};
    struct neuron_module *module = NULL;
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_module_create(bench->runtime, bench->model, &at, &module, &error), &error);
    assert_contains(error.text, device_id);
    assert_contains(error.text, last);
    assert_status(
        NEURON_NO_SUCH_CORE,
        neuron_data_parallel_create(bench->runtime, bench->model, &options, &parallel, &error),
        &error);
    assert_contains(error.text, device_id);
    assert_contains(error.text, last);
    assert_null(module);
    assert_null(parallel);
}

static void
one_process_counts_as_the_machine_does(void **state)
{
    struct placement_bench *bench = *state;

    start_visible(bench, NULL);
    assert_int_equal(neuron_runtime_core_count(bench->runtime), CHIPS * CORES_PER_CHIP);
    check_place(bench, 14, 3, 2);
    check_place(bench, 0, 0, 0);
    check_place(bench, 15, 3, 3);
    check_module_at(bench, 14);
    check_parallel_at(bench, "nc:14", 14);
    check_parallel_at(bench, "14", 14);
    check_no_such_core(bench, "nc:16", 16, "nc:15");
}

static void
the_first_of_two_processes_has_no_core_14(void **state)
{
    struct placement_bench *bench = *state;

    start_visible(bench, "0-6");
    assert_int_equal(neuron_runtime_core_count(bench->runtime), 7);
    check_no_such_core(bench, "nc:14", 14, "nc:6");
    check_no_such_core(bench, "nc:7", 7, "nc:6");
    check_place(bench, 6, 1, 2);
    check_module_at(bench, 6);
    check_parallel_at(bench, "nc:6", 6);
}

static void
the_second_of_two_processes_counts_from_its_own_first(void **state)
{
    struct placement_bench *bench = *state;

    start_visible(bench, "7-15");
    assert_int_equal(neuron_runtime_core_count(bench->runtime), 9);
    check_no_such_core(bench, "nc:14", 14, "nc:8");
    check_no_such_core(bench, "nc:9", 9, "nc:8");
    check_place(bench, 7, 3, 2); /* what is nc:14 to one process alone */
    check_place(bench, 0, 1, 3);
    check_module_at(bench, 7);
    check_module_at(bench, 0);
    check_parallel_at(bench, "nc:7", 7);
    check_parallel_at(bench, "0", 0);
}

static void
both_processes_stand_side_by_side(void **state)
{
    struct placement_bench *bench = *state;
    struct placement_bench second = *bench;

    start_visible(bench, "0-6");
    start_visible(&second, "7-15");
    check_module_at(bench, 0);
    check_module_at(&second, 7);
    assert_int_equal(runs_at(bench, 0), 1);
    assert_int_equal(runs_at(&second, 7), 1);
    neuron_runtime_destroy(second.runtime);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_process_counts_as_the_machine_does, begin_test,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(the_first_of_two_processes_has_no_core_14, begin_test,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(the_second_of_two_processes_counts_from_its_own_first,
                                        begin_test, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(both_processes_stand_side_by_side, begin_test,
                                        placement_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of the Neuron guide on core placement, on a machine of 8 cores, one test each. */
#include "neuron/module_placement.h"

#include <stdbool.h>
#include <stdio.h>

#include "check.h"
#include "child_process.h"
#include "invented_machine.h"
#include "placement_bench.h"

/* The script of most figures: loads two models, and finds each on a core of its own. */
static void
check_two_loads(const struct placement_bench *bench, const char *replicas)
{
    struct neuron_module *m0 = load(bench);
    struct neuron_module *m1 = load(bench);

    check_replicas(bench->runtime, replicas);
    check_runs(bench, m0, "000");
    check_runs(bench, m1, "111");
    neuron_module_destroy(m0);
    neuron_module_destroy(m1);
}

static void
without_configuration_a_process_owns_all_cores_and_loads_in_order(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start(bench);
    assert_cores(neuron_runtime_cores(bench->runtime), "0-7");
    check_two_loads(bench, "11000000");
}

static void
a_number_of_cores_takes_the_first_that_are_free(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "2");
    assert_cores(neuron_runtime_cores(bench->runtime), "0-1");
    check_two_loads(bench, "11");
}

static void
visible_cores_are_numbered_from_zero(void **state)
{
    struct placement_bench *bench = *state;

    set_variable("NEURON_RT_VISIBLE_CORES", "4-5");
    placement_bench_start(bench);
    assert_cores(neuron_runtime_cores(bench->runtime), "4-5");
    assert_int_equal(neuron_core_set_at(neuron_runtime_cores(bench->runtime), 0), 4);
    assert_int_equal(neuron_core_set_at(neuron_runtime_cores(bench->runtime), 1), 5);
    check_two_loads(bench, "11");
}

/* What another process that runs the script tells of itself. */
struct script_report {
    char cores[32];
    uint32_t replica_counts[2];
    uint32_t run_counts[2][2]; /* of each core, after a run of m0 and after two of m1 */
    bool failed;
};

/* Loads two modules in `bench->runtime`, and runs the first once and the second twice. */
static bool
run_script(const struct placement_bench *bench, struct script_report *report)
{
    struct neuron_module *modules[2] = {NULL, NULL};
    bool is_fine = true;

    for (uint32_t i = 0; i < 2; i += 1) {
        is_fine = is_fine && neuron_module_create(bench->runtime, bench->model, NULL, &modules[i],
                                                  NULL) == NEURON_OK;
    }
    for (uint32_t i = 0; is_fine && i < 2; i += 1) {
        for (uint32_t j = 0; j <= i; j += 1) {
            is_fine = is_fine && run_dense(modules[i], NULL) == NEURON_OK;
        }
        for (uint32_t nc = 0; nc < 2; nc += 1) {
            struct neuron_core_counters counters = {0};

            neuron_runtime_read_counters(bench->runtime, nc, &counters);
            report->run_counts[i][nc] = (uint32_t)counters.run_count;
            report->replica_counts[nc] = counters.replica_count;
        }
    }
    neuron_module_destroy(modules[0]);
    neuron_module_destroy(modules[1]);
    return is_fine;
}

/* The other process: runs the script once it is told to, reports, and keeps its cores. */
static void
run_script_when_ordered(const struct child_side *side, const void *argument)
{
    struct placement_bench bench = *(const struct placement_bench *)argument;
    struct script_report report = {.failed = true};

    bench.runtime = NULL;
    if (child_side_wait(side) && neuron_runtime_create(NULL, &bench.runtime, NULL) == NEURON_OK) {
        (void)neuron_core_set_format(neuron_runtime_cores(bench.runtime), report.cores,
                                     sizeof(report.cores));
        report.failed =
            neuron_runtime_core_count(bench.runtime) != 2 || !run_script(&bench, &report);
    }
    child_side_report(side, &report, sizeof(report));
    (void)child_side_wait(side);
    neuron_runtime_destroy(bench.runtime);
}

static void
the_script_run_twice_takes_two_cores_each_time(void **state)
{
    struct placement_bench *bench = *state;
    struct child_process child = {0};
    struct script_report report = {.failed = true};

    set_variable("NEURON_RT_NUM_CORES", "2");
    child_process_start(&child, run_script_when_ordered, bench); /* before there are threads */
    placement_bench_start(bench);
    child_process_order(&child);
    child_process_read(&child, &report, sizeof(report));
    assert_cores(neuron_runtime_cores(bench->runtime), "0-1");
    check_two_loads(bench, "11");
    assert_false(report.failed);
    assert_string_equal(report.cores, "2-3");
    for (uint32_t nc = 0; nc < 2; nc += 1) {
        assert_int_equal(report.replica_counts[nc], 1);
        assert_int_equal(report.run_counts[0][nc], nc == 0 ? 1 : 0);
        assert_int_equal(report.run_counts[1][nc], nc == 0 ? 1 : 2);
    }
    assert_int_equal(child_process_finish(&child), 0);
}

static void
two_runtimes_of_one_process_take_two_cores_each(void **state)
{
    struct placement_bench *bench = *state;
    struct placement_bench second = *bench;

    placement_bench_start_cores(bench, "2");
    placement_bench_start_cores(&second, "2");
    assert_cores(neuron_runtime_cores(bench->runtime), "0-1");
    assert_cores(neuron_runtime_cores(second.runtime), "2-3");
    check_two_loads(bench, "11");
    check_two_loads(&second, "11");
    neuron_runtime_destroy(second.runtime);
}

static void
a_process_beside_one_that_owns_all_is_refused(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_runtime *second = NULL;
    struct neuron_error error = {0};

    placement_bench_start(bench);
    assert_status(NEURON_CORES_TAKEN, neuron_runtime_create(NULL, &second, &error), &error);
    set_variable("NEURON_RT_NUM_CORES", "2");
    assert_status(NEURON_CORES_TAKEN, neuron_runtime_create(NULL, &second, &error), &error);
    assert_null(second);
}

static void
models_load_to_cores_that_are_selected(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *m0 = load_inside(bench, 3, NEURON_AUTOMATIC);
    struct neuron_module *m1 = load_inside(bench, 0, 2);
    check_replicas(bench->runtime, "1101");
    check_runs(bench, m0, "33");
    check_runs(bench, m1, "010");
    neuron_module_destroy(m0);
    neuron_module_destroy(m1);
}

static void
the_order_of_loads_does_not_matter(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *m1 = load_inside(bench, 0, 2);
    struct neuron_module *m0 = load_inside(bench, 3, NEURON_AUTOMATIC);
    check_replicas(bench->runtime, "1101");
    check_runs(bench, m1, "01");
    check_runs(bench, m0, "33");
    check_runs(bench, m1, "0");
    neuron_module_destroy(m0);
    neuron_module_destroy(m1);
}

static void
multicore_loads_a_replica_to_every_core(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "8");
    assert_ok(neuron_multicore_context_enter(bench->runtime, &context, &error), &error);
    struct neuron_module *m0 = load(bench);
    assert_ok(neuron_cores_context_leave(&context, &error), &error);
    assert_int_equal(neuron_module_replica_count(m0), 8);
    check_replicas(bench->runtime, "11111111");
    check_runs(bench, m0, "01234567012");
    neuron_module_destroy(m0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            without_configuration_a_process_owns_all_cores_and_loads_in_order,
            placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_number_of_cores_takes_the_first_that_are_free,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(visible_cores_are_numbered_from_zero, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(the_script_run_twice_takes_two_cores_each_time,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(two_runtimes_of_one_process_take_two_cores_each,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_process_beside_one_that_owns_all_is_refused,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(models_load_to_cores_that_are_selected,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(the_order_of_loads_does_not_matter, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(multicore_loads_a_replica_to_every_core,
                                        placement_bench_setup, placement_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the counters of a core count, and the order of requests on it. */
#include "neuron/runtime.h"

#include "check.h"
#include "neuron/executor.h"
#include "placement_bench.h"

static struct neuron_core_counters
counters_of(const struct placement_bench *bench, uint32_t nc)
{
    struct neuron_core_counters counters = {.run_count = 77};

    neuron_runtime_read_counters(bench->runtime, nc, &counters);
    return counters;
}

static void
run_times(struct neuron_module *module, int times)
{
    struct neuron_error error = {0};

    for (int i = 0; i < times; i += 1) {
        assert_ok(run_dense(module, &error), &error);
    }
}

static void
a_new_runtime_has_counted_nothing(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "2");
    for (uint32_t nc = 0; nc < 2; nc += 1) {
        struct neuron_core_counters counters = counters_of(bench, nc);

        assert_int_equal(counters.run_count, 0);
        assert_int_equal(counters.switch_count, 0);
        assert_int_equal(counters.failed_count, 0);
        assert_int_equal(counters.timed_out_count, 0);
        assert_int_equal(counters.replica_count, 0);
    }
}

static void
loading_and_moving_count_as_no_runs(void **state)
{
    struct placement_bench *bench = *state;
    const struct neuron_module_placement second = run_of(1, 1);
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "2");
    struct neuron_module *module = load(bench);
    assert_ok(neuron_module_place(module, &second, &error), &error);
    neuron_module_destroy(module);
    assert_int_equal(counters_of(bench, 0).run_count, 0);
    assert_int_equal(counters_of(bench, 1).run_count, 0);
}

static void
one_module_alone_is_no_switch(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "2");
    struct neuron_module *module = load(bench);
    run_times(module, 21);
    assert_int_equal(counters_of(bench, 0).switch_count, 0); /* none before the first either */
    assert_int_equal(counters_of(bench, 0).run_count, 21);
    assert_int_equal(counters_of(bench, 0).failed_count, 0);
    assert_int_equal(counters_of(bench, 1).run_count, 0);
    neuron_module_destroy(module);
}

static void
two_modules_in_turn_are_a_switch_each_run(void **state)
{
    struct placement_bench *bench = *state;
    const struct neuron_module_placement here = run_of(0, 1);

    placement_bench_start_cores(bench, "2");
    struct neuron_module *first = load_to(bench, &here);
    struct neuron_module *second = load_to(bench, &here);
    run_times(first, 1);
    for (int i = 0; i < 10; i += 1) {
        run_times(second, 1);
        run_times(first, 1);
    }
    assert_int_equal(counters_of(bench, 0).switch_count, 20);
    run_times(first, 5);
    assert_int_equal(counters_of(bench, 0).switch_count, 20);
    run_times(second, 5);
    assert_int_equal(counters_of(bench, 0).switch_count, 21);
    assert_int_equal(counters_of(bench, 0).run_count, 31);
    neuron_module_destroy(first);
    neuron_module_destroy(second);
}

static void
modules_on_cores_of_their_own_are_no_switch(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "2");
    struct neuron_module *first = load(bench);
    struct neuron_module *second = load(bench);
    run_times(first, 1);
    run_times(second, 1);
    for (int i = 0; i < 10; i += 1) {
        run_times(first, 1);
        run_times(second, 1);
    }
    assert_int_equal(counters_of(bench, 0).switch_count, 0);
    assert_int_equal(counters_of(bench, 1).switch_count, 0);
    neuron_module_destroy(first);
    neuron_module_destroy(second);
}

static void
a_refused_call_is_no_run(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "1");
    struct neuron_module *module = load(bench);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_module_run(module, NULL, 0, NULL, 0, NULL), NULL);
    assert_int_equal(counters_of(bench, 0).run_count, 0);
    assert_int_equal(counters_of(bench, 0).failed_count, 0);
    neuron_module_destroy(module);
}

enum { REQUESTS = 500 };

/* Work that writes down when it ran. */
struct note {
    struct neuron_request request;
    uint32_t *turn; /* of all notes */
    uint32_t ran_as;
};

static void
write_down(void *argument)
{
    struct note *note = argument;

    note->ran_as = *note->turn;
    *note->turn += 1;
}

static void
requests_of_one_thread_run_in_its_order(void **state)
{
    static struct note notes[REQUESTS];
    struct placement_bench *bench = *state;
    struct neuron_completion *completion = NULL;
    struct neuron_error error = {0};
    uint32_t turn = 0;

    placement_bench_start_cores(bench, "1");
    assert_ok(neuron_completion_create(&completion, &error), &error);
    neuron_completion_arm(completion, REQUESTS);
    for (uint32_t i = 0; i < REQUESTS; i += 1) {
        notes[i] = (struct note){.turn = &turn, .ran_as = UINT32_MAX};
        notes[i].request = (struct neuron_request){
            .work = write_down, .argument = &notes[i], .completion = completion};
        assert_ok(neuron_executor_submit(neuron_runtime_executor(bench->runtime, 0),
                                         &notes[i].request, &error),
                  &error);
    }
    neuron_completion_wait(completion);
    for (uint32_t i = 0; i < REQUESTS; i += 1) {
        assert_int_equal(notes[i].ran_as, i);
    }
    neuron_completion_destroy(completion);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_runtime_has_counted_nothing, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(loading_and_moving_count_as_no_runs, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(one_module_alone_is_no_switch, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(two_modules_in_turn_are_a_switch_each_run,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(modules_on_cores_of_their_own_are_no_switch,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_refused_call_is_no_run, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(requests_of_one_thread_run_in_its_order,
                                        placement_bench_setup, placement_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

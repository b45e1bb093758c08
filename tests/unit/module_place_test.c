/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded modules that move to other cores, also while threads run them. */
#include "neuron/module_placement.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "check.h"
#include "placement_bench.h"

enum { RUNNERS = 4, MOVES = 30, DEADLINE_S = 20 };

static void
place(struct neuron_module *module, struct neuron_module_placement placement)
{
    struct neuron_error error = {0};

    assert_ok(neuron_module_place(module, &placement, &error), &error);
}

static struct neuron_module_placement
selection_of(const uint32_t *cores, uint32_t count)
{
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores, .core_count = count};
}

static void
rounds_start_at_the_first_replica_of_the_new_place(void **state)
{
    static const uint32_t backwards[] = {7, 5, 6};
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "8");
    struct neuron_module *module = load_inside(bench, 0, 4);
    check_runs(bench, module, "012301");
    place(module, run_of(4, 3));
    check_replicas(bench->runtime, "00001110");
    check_runs(bench, module, "4564");
    place(module, selection_of(backwards, 3));
    check_runs(bench, module, "7567");
    assert_int_equal(neuron_module_replica_count(module), 3);
    assert_int_equal(neuron_module_replica_core(module, 1), 5);
    assert_int_equal(neuron_module_next_replica(module), 1);
    place(module, selection_of(backwards, 2));
    assert_int_equal(neuron_module_next_replica(module), 0);
    check_replicas(bench->runtime, "00000101");
    neuron_module_destroy(module);
    check_replicas(bench->runtime, "00000000");
}

static void
a_module_may_be_placed_where_it_is(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *module = load_inside(bench, 1, 2);
    check_runs(bench, module, "1");
    place(module, run_of(1, 2));
    check_replicas(bench->runtime, "0110");
    check_runs(bench, module, "121");
    place(module, run_of(2, 2)); /* half of it is new */
    check_replicas(bench->runtime, "0011");
    check_runs(bench, module, "232");
    neuron_module_destroy(module);
}

static void
the_default_is_the_least_used_core_without_the_module_itself(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "2");
    struct neuron_module *other = load(bench);
    struct neuron_module *module = load(bench);
    check_replicas(bench->runtime, "11"); /* equal, but for the module that moves */
    assert_ok(neuron_module_place(module, NULL, &error), &error);
    check_replicas(bench->runtime, "11");
    check_runs(bench, module, "11");
    neuron_module_destroy(other);
    assert_ok(neuron_module_place(module, NULL, &error), &error);
    check_runs(bench, module, "00");
    neuron_module_destroy(module);
}

/* Has a place refused, and finds the module where it was: on nc:1 and nc:2, with nc:2's turn. */
static void
check_place_refused(const struct placement_bench *bench, struct neuron_module *module,
                    struct neuron_module_placement placement, enum neuron_status expected)
{
    struct neuron_error error = {0};

    assert_status(expected, neuron_module_place(module, &placement, &error), &error);
    assert_contains(error.text, "nc:");
    check_replicas(bench->runtime, "0110");
    assert_int_equal(neuron_module_replica_count(module), 2);
    assert_int_equal(neuron_module_replica_core(module, 0), 1);
    assert_int_equal(neuron_module_replica_core(module, 1), 2);
    check_runs(bench, module, "21");
}

static void
a_refused_place_leaves_the_module_where_it_was(void **state)
{
    static const uint32_t twice[] = {0, 3, 0};
    static const uint32_t behind[] = {0, 4};
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "4");
    struct neuron_module *module = load_inside(bench, 1, 2);
    check_runs(bench, module, "1");
    check_place_refused(bench, module, run_of(4, 1), NEURON_NO_SUCH_CORE);
    check_place_refused(bench, module, run_of(2, 3), NEURON_NO_SUCH_CORE);
    check_place_refused(bench, module, run_of(NEURON_AUTOMATIC, 5), NEURON_NO_SUCH_CORE);
    check_place_refused(bench, module, selection_of(behind, 2), NEURON_NO_SUCH_CORE);
    check_place_refused(bench, module, selection_of(twice, 3), NEURON_INVALID_ARGUMENT);
    check_place_refused(bench, module, selection_of(twice, 0), NEURON_INVALID_ARGUMENT);
    check_place_refused(bench, module, run_of(0, 0), NEURON_INVALID_ARGUMENT);
    check_place_refused(bench, module, run_of(-2, 1), NEURON_INVALID_ARGUMENT);
    neuron_module_destroy(module);
}

/* A thread that runs a module until it is told to stop. */
struct runner {
    pthread_t thread;
    struct neuron_module *module;
    const float *expected;
    _Atomic bool *stops;
    _Atomic uint64_t runs;
    uint64_t wrong;
    uint64_t failures;
};

static bool
are_equal(const float *left, const float *right)
{
    size_t position = 0;

    while (position < DENSE_RESULTS && left[position] == right[position]) {
        position += 1;
    }
    return position == DENSE_RESULTS;
}

static void *
run_until_stopped(void *argument)
{
    struct runner *runner = argument;

    while (!atomic_load(runner->stops)) {
        float results[DENSE_RESULTS] = {0};

        if (run_dense_into(runner->module, results, NULL) != NEURON_OK) {
            runner->failures += 1;
        } else if (!are_equal(results, runner->expected)) {
            runner->wrong += 1;
        }
        atomic_fetch_add(&runner->runs, 1);
    }
    return NULL;
}

struct runners {
    _Atomic bool stops;
    float expected[DENSE_RESULTS];
    struct runner all[RUNNERS];
};

static void
start_runners(struct runners *runners, struct neuron_module *module)
{
    struct neuron_error error = {0};

    atomic_store(&runners->stops, false);
    assert_ok(run_dense_into(module, runners->expected, &error), &error);
    for (size_t i = 0; i < RUNNERS; i += 1) {
        struct runner *runner = &runners->all[i];

        *runner = (struct runner){
            .module = module, .expected = runners->expected, .stops = &runners->stops};
        assert_int_equal(pthread_create(&runner->thread, NULL, run_until_stopped, runner), 0);
    }
}

/* Waits until each runner began and ended another run. */
static void
wait_for_runs(struct runners *runners)
{
    time_t deadline = time(NULL) + DEADLINE_S;

    for (size_t i = 0; i < RUNNERS; i += 1) {
        uint64_t goal = atomic_load(&runners->all[i].runs) + 2;

        while (atomic_load(&runners->all[i].runs) < goal && time(NULL) < deadline) {
            (void)sched_yield();
        }
        assert_true(atomic_load(&runners->all[i].runs) >= goal);
    }
}

/* Fails the test unless every runner ran, and every run was right. */
static void
stop_runners(struct runners *runners)
{
    wait_for_runs(runners); /* a runner that has only just been started */
    atomic_store(&runners->stops, true);
    for (size_t i = 0; i < RUNNERS; i += 1) {
        assert_int_equal(pthread_join(runners->all[i].thread, NULL), 0);
    }
    for (size_t i = 0; i < RUNNERS; i += 1) {
        assert_int_equal(runners->all[i].failures, 0);
        assert_int_equal(runners->all[i].wrong, 0);
    }
}

static uint64_t
runs_of_cores(const struct placement_bench *bench, uint32_t first, uint32_t count)
{
    uint64_t sum = 0;

    for (uint32_t nc = first; nc < first + count; nc += 1) {
        struct neuron_core_counters counters = {0};

        neuron_runtime_read_counters(bench->runtime, nc, &counters);
        sum += counters.run_count;
    }
    return sum;
}

static void
threads_that_run_a_module_do_not_notice_that_it_moves(void **state)
{
    static struct runners runners;
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "8");
    struct neuron_module *module = load_inside(bench, 0, 4);
    start_runners(&runners, module);
    for (uint32_t i = 0; i < MOVES; i += 1) {
        uint32_t from = i % 2 == 0 ? 0 : 4;
        uint32_t to = 4 - from;

        wait_for_runs(&runners);
        place(module, run_of((int32_t)to, 4));
        uint64_t left = runs_of_cores(bench, from, 4);
        uint64_t entered = runs_of_cores(bench, to, 4);
        check_replicas(bench->runtime, to == 0 ? "11110000" : "00001111");
        wait_for_runs(&runners);
        assert_int_equal(runs_of_cores(bench, from, 4), left);
        assert_true(runs_of_cores(bench, to, 4) > entered);
    }
    stop_runners(&runners);
    neuron_module_destroy(module);
}

static void
a_refused_place_disturbs_no_run(void **state)
{
    static const uint32_t twice[] = {1, 1};
    static struct runners runners;
    const struct neuron_module_placement refused[] = {run_of(8, 1), run_of(0, 0),
                                                      selection_of(twice, 2)};
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "8");
    struct neuron_module *module = load_inside(bench, 2, 3);
    start_runners(&runners, module);
    for (size_t i = 0; i < MOVES; i += 1) {
        assert_int_not_equal(neuron_module_place(module, &refused[i % 3], NULL), NEURON_OK);
    }
    stop_runners(&runners);
    check_replicas(bench->runtime, "00111000");
    assert_int_equal(runs_of_cores(bench, 0, 2) + runs_of_cores(bench, 5, 3), 0);
    neuron_module_destroy(module);
}

/* A thread that looks at a module until it is told to stop. */
struct watcher {
    pthread_t thread;
    struct neuron_module *module;
    _Atomic bool *stops;
    uint64_t strange;
};

static void *
watch_until_stopped(void *argument)
{
    struct watcher *watcher = argument;

    while (!atomic_load(watcher->stops)) {
        uint32_t count = neuron_module_replica_count(watcher->module);
        uint32_t core = neuron_module_replica_core(watcher->module, 0);

        if ((count != 1 && count != 3) || core > 1) {
            watcher->strange += 1;
        }
    }
    return NULL;
}

static void
a_module_can_be_looked_at_while_it_moves(void **state)
{
    static struct runners runners;
    struct placement_bench *bench = *state;
    struct watcher watcher = {.stops = &runners.stops};

    placement_bench_start_cores(bench, "4");
    watcher.module = load(bench);
    start_runners(&runners, watcher.module);
    assert_int_equal(pthread_create(&watcher.thread, NULL, watch_until_stopped, &watcher), 0);
    for (int i = 0; i < MOVES; i += 1) {
        place(watcher.module, i % 2 == 0 ? run_of(1, 3) : run_of(0, 1));
    }
    stop_runners(&runners);
    assert_int_equal(pthread_join(watcher.thread, NULL), 0);
    assert_int_equal(watcher.strange, 0);
    neuron_module_destroy(watcher.module);
}

/* A thread that moves a module to and fro between two cores. */
struct mover {
    pthread_t thread;
    struct neuron_module *module;
    int32_t first;
    uint32_t failures;
};

static void *
move_to_and_fro(void *argument)
{
    struct mover *mover = argument;

    for (int32_t i = 0; i < MOVES; i += 1) {
        const struct neuron_module_placement placement = run_of(mover->first + i % 2, 1);

        if (neuron_module_place(mover->module, &placement, NULL) != NEURON_OK) {
            mover->failures += 1;
        }
    }
    return NULL;
}

static void
threads_that_place_one_module_take_turns(void **state)
{
    static struct runners runners;
    struct placement_bench *bench = *state;
    struct mover movers[2] = {{0}};

    placement_bench_start_cores(bench, "4");
    struct neuron_module *module = load(bench);
    start_runners(&runners, module);
    for (int32_t i = 0; i < 2; i += 1) {
        movers[i] = (struct mover){.module = module, .first = 2 * i};
        assert_int_equal(pthread_create(&movers[i].thread, NULL, move_to_and_fro, &movers[i]), 0);
    }
    for (size_t i = 0; i < 2; i += 1) {
        assert_int_equal(pthread_join(movers[i].thread, NULL), 0);
        assert_int_equal(movers[i].failures, 0);
    }
    stop_runners(&runners);
    uint32_t core = neuron_module_replica_core(module, 0);
    assert_true(core == 1 || core == 3); /* where either ended */
    check_replicas(bench->runtime, core == 1 ? "0100" : "0001");
    assert_int_equal(core_of_run(bench, module), core);
    neuron_module_destroy(module);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rounds_start_at_the_first_replica_of_the_new_place,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_module_may_be_placed_where_it_is, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(
            the_default_is_the_least_used_core_without_the_module_itself, placement_bench_setup,
            placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_refused_place_leaves_the_module_where_it_was,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(threads_that_run_a_module_do_not_notice_that_it_moves,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_refused_place_disturbs_no_run, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_module_can_be_looked_at_while_it_moves,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(threads_that_place_one_module_take_turns,
                                        placement_bench_setup, placement_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

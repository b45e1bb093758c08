/* SPDX-License-Identifier: Apache-2.0 */
/* What modules of one model share on two devices, and what is left when one cannot be loaded. */
#include "neuron/module.h"

#include <pthread.h>
#include <stdbool.h>

#include "check.h"
#include "faulty_engine.h"
#include "invented_machine.h"
#include "placement_bench.h"
#include "traced_model.h"

static const struct neuron_module_placement all = {.kind = NEURON_PLACEMENT_ALL};

static int
begin_test(void **state)
{
    int result = placement_bench_setup(state);

    faulty_engine_reset();
    invent_machine(
        "numa:2 core:2 pu:1"); /* nc:0 and nc:1 are one device, nc:2 and nc:3 the other */
    placement_bench_start(*state);
    return result;
}

/* Whatever was made is gone by now. */
static int
end_test(void **state)
{
    struct placement_bench *bench = *state;

    check_replicas(bench->runtime, "0000");
    assert_int_equal(atomic_load(&faulty_engine.plans_destroyed),
                     atomic_load(&faulty_engine.plans_created));
    assert_int_equal(atomic_load(&faulty_engine.programs_destroyed),
                     atomic_load(&faulty_engine.programs_created));
    return placement_bench_teardown(state);
}

static void
check_counts(uint32_t plans_created, uint32_t plans_destroyed)
{
    assert_int_equal(atomic_load(&faulty_engine.plans_created), plans_created);
    assert_int_equal(atomic_load(&faulty_engine.plans_destroyed), plans_destroyed);
}

static void
modules_of_a_model_share_one_plan_a_device(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_module *wide = load_to(bench, &all);

    check_counts(2, 0);
    assert_int_equal(atomic_load(&faulty_engine.programs_created), 4);
    struct neuron_module *second = load_to(bench, &all);
    struct neuron_module *third = load(bench);
    check_counts(2, 0);
    check_runs(bench, wide, "0123");
    neuron_module_destroy(wide);
    check_runs(bench, second, "0123");
    neuron_module_destroy(second);
    check_counts(2, 1); /* the third needs the first device's alone */
    check_runs(bench, third, "00");
    neuron_module_destroy(third);
    check_counts(2, 2);
}

static void
models_do_not_share_plans(void **state)
{
    struct placement_bench *bench = *state;
    struct placement_bench other = *bench;

    other.model = load_dense_model();
    struct neuron_module *first = load(bench);
    struct neuron_module *second = load(&other);
    check_counts(2, 0);
    check_runs(bench, first, "00");
    check_runs(bench, second, "11");
    neuron_module_destroy(first);
    check_counts(2, 1);
    neuron_module_destroy(second);
    neuron_model_destroy(other.model);
}

static void
a_module_that_moves_to_another_device_takes_its_plan_along(void **state)
{
    const struct neuron_module_placement beside = run_of(1, 1);
    const struct neuron_module_placement far = run_of(2, 2);
    struct placement_bench *bench = *state;
    struct neuron_module *module = load(bench);
    struct neuron_error error = {0};

    check_counts(1, 0);
    assert_ok(neuron_module_place(module, &beside, &error), &error);
    check_counts(1, 0);
    assert_ok(neuron_module_place(module, &far, &error), &error);
    check_counts(2, 1);
    check_runs(bench, module, "232");
    neuron_module_destroy(module);
}

enum { LOADERS = 8 };

struct loader {
    pthread_t thread;
    pthread_barrier_t *together;
    const struct placement_bench *bench;
    struct neuron_module *module;
    enum neuron_status status;
    struct neuron_error error;
};

static void *
load_together(void *argument)
{
    struct loader *loader = argument;

    (void)pthread_barrier_wait(loader->together);
    loader->status = neuron_module_create(loader->bench->runtime, loader->bench->model, &all,
                                          &loader->module, &loader->error);
    return NULL;
}

/* Lets eight threads load a module each at once. */
static void
load_with_threads(const struct placement_bench *bench, struct loader loaders[LOADERS])
{
    pthread_barrier_t together;

    assert_int_equal(pthread_barrier_init(&together, NULL, LOADERS), 0);
    for (size_t i = 0; i < LOADERS; i += 1) {
        loaders[i] = (struct loader){.together = &together, .bench = bench};
        assert_int_equal(pthread_create(&loaders[i].thread, NULL, load_together, &loaders[i]), 0);
    }
    for (size_t i = 0; i < LOADERS; i += 1) {
        assert_int_equal(pthread_join(loaders[i].thread, NULL), 0);
    }
    assert_int_equal(pthread_barrier_destroy(&together), 0);
}

static void
threads_that_load_at_once_build_once_a_device(void **state)
{
    struct placement_bench *bench = *state;
    struct loader loaders[LOADERS];

    load_with_threads(bench, loaders);
    check_counts(2, 0);
    check_replicas(bench->runtime, "8888");
    for (size_t i = 0; i < LOADERS; i += 1) {
        assert_status(NEURON_OK, loaders[i].status, &loaders[i].error);
        check_runs(bench, loaders[i].module, "0123");
        neuron_module_destroy(loaders[i].module);
    }
    check_counts(2, 2);
}

/* Fails the test unless a thread has a module that runs, or the reason why not. */
static void
check_loader(const struct placement_bench *bench, const struct loader *loader)
{
    if (loader->status == NEURON_OK) {
        check_runs(bench, loader->module, "01");
        return;
    }
    assert_status(NEURON_UNSUPPORTED_MODEL, loader->status, &loader->error);
    assert_contains(loader->error.text, "nc:");
    assert_null(loader->module);
}

static void
threads_that_load_at_once_hear_of_a_failure_or_load(void **state)
{
    struct placement_bench *bench = *state;
    struct loader loaders[LOADERS];

    for (int32_t round = 0; round < 10; round += 1) {
        atomic_store(&faulty_engine.plans_until_failure, round % 2);
        load_with_threads(bench, loaders);
        for (size_t i = 0; i < LOADERS; i += 1) {
            check_loader(bench, &loaders[i]);
            neuron_module_destroy(loaders[i].module);
        }
        check_replicas(bench->runtime, "0000");
    }
}

/* Has a load refused, with a core in the text. */
static void
check_load_fails(const struct placement_bench *bench, enum neuron_status expected, const char *core)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_status(expected,
                  neuron_module_create(bench->runtime, bench->model, &all, &module, &error),
                  &error);
    assert_contains(error.text, core);
    assert_contains(error.text, FAULTY_REASON);
    assert_null(module);
    check_replicas(bench->runtime, "0000");
}

static void
a_plan_that_cannot_be_built_is_told_with_the_core(void **state)
{
    struct placement_bench *bench = *state;

    for (int32_t fails = 0; fails < 2; fails += 1) {
        atomic_store(&faulty_engine.plans_until_failure, fails);
        check_load_fails(bench, NEURON_UNSUPPORTED_MODEL, "nc:");
    }
    struct neuron_module *module = load_to(bench, &all); /* nothing stands in the way */
    check_runs(bench, module, "0123");
    neuron_module_destroy(module);
}

static void
a_replica_that_cannot_be_made_takes_the_others_with_it(void **state)
{
    struct placement_bench *bench = *state;

    for (int32_t fails = 0; fails < 4; fails += 1) {
        atomic_store(&faulty_engine.programs_until_failure, fails);
        check_load_fails(bench, NEURON_DEVICE_MEMORY_FULL, "nc:");
    }
    struct neuron_module *module = load_to(bench, &all);
    check_runs(bench, module, "0123");
    neuron_module_destroy(module);
}

static void
a_move_that_fails_leaves_the_module_where_it_was(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_module *module = load_inside(bench, 0, 2);
    struct neuron_error error = {0};

    check_runs(bench, module, "0");
    for (int32_t fails = 0; fails < 5; fails += 1) {
        bool is_plan = fails == 4; /* that of the second device */

        atomic_store(is_plan ? &faulty_engine.plans_until_failure
                             : &faulty_engine.programs_until_failure,
                     is_plan ? 0 : fails);
        assert_status(is_plan ? NEURON_UNSUPPORTED_MODEL : NEURON_DEVICE_MEMORY_FULL,
                      neuron_module_place(module, &all, &error), &error);
        assert_contains(error.text, is_plan ? "nc:2" : "nc:");
        check_replicas(bench->runtime, "1100");
        assert_int_equal(neuron_module_replica_count(module), 2);
        check_runs(bench, module, "10");
    }
    assert_ok(neuron_module_place(module, &all, &error), &error);
    check_runs(bench, module, "0123");
    neuron_module_destroy(module);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modules_of_a_model_share_one_plan_a_device, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(models_do_not_share_plans, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_module_that_moves_to_another_device_takes_its_plan_along,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(threads_that_load_at_once_build_once_a_device, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(threads_that_load_at_once_hear_of_a_failure_or_load,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_plan_that_cannot_be_built_is_told_with_the_core,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_replica_that_cannot_be_made_takes_the_others_with_it,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_move_that_fails_leaves_the_module_where_it_was,
                                        begin_test, end_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

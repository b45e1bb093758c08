/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts of placement: what they cover, in which order they end, and whose they are. */
#include "neuron/module_placement.h"

#include <pthread.h>
#include <stdbool.h>

#include "check.h"
#include "placement_bench.h"

static void
enter(struct placement_bench *bench, int32_t start_nc, int32_t nc_count,
      struct neuron_cores_context *context)
{
    struct neuron_error error = {0};

    assert_ok(neuron_cores_context_enter(bench->runtime, start_nc, nc_count, context, &error),
              &error);
}

static void
leave(struct neuron_cores_context *context)
{
    struct neuron_error error = {0};

    assert_ok(neuron_cores_context_leave(context, &error), &error);
}

/* Loads with the default placement, looks where that is, and unloads. */
static void
check_default(const struct placement_bench *bench, uint32_t first, uint32_t replica_count)
{
    struct neuron_module *module = load(bench);

    assert_int_equal(neuron_module_replica_core(module, 0), first);
    assert_int_equal(neuron_module_replica_count(module), replica_count);
    neuron_module_destroy(module);
}

static void
an_inner_context_covers_the_outer_until_it_is_left(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context contexts[3];
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "8");
    check_default(bench, 0, 1);
    enter(bench, 6, 2, &contexts[0]);
    check_default(bench, 6, 2);
    assert_ok(neuron_multicore_context_enter(bench->runtime, &contexts[1], &error), &error);
    check_default(bench, 0, 8);
    enter(bench, 3, NEURON_AUTOMATIC, &contexts[2]);
    check_default(bench, 3, 1);
    leave(&contexts[2]);
    check_default(bench, 0, 8);
    leave(&contexts[1]);
    check_default(bench, 6, 2);
    leave(&contexts[0]);
    check_default(bench, 0, 1);
}

static void
a_context_may_be_entered_again(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;

    placement_bench_start_cores(bench, "8");
    for (int32_t start = 0; start < 8; start += 1) {
        enter(bench, start, 1, &context);
        check_default(bench, (uint32_t)start, 1);
        leave(&context);
    }
    check_default(bench, 0, 1);
}

static void
an_automatic_context_chooses_anew_for_each_load(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;

    placement_bench_start_cores(bench, "4");
    enter(bench, NEURON_AUTOMATIC, 2, &context);
    struct neuron_module *first = load(bench);
    struct neuron_module *second = load(bench);
    leave(&context);
    check_runs(bench, first, "010");
    check_runs(bench, second, "232");
    neuron_module_destroy(first);
    neuron_module_destroy(second);
}

static void
contexts_that_are_left_in_the_wrong_order_are_refused(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context outer;
    struct neuron_cores_context inner;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "8");
    enter(bench, 2, 1, &outer);
    enter(bench, 5, 1, &inner);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_cores_context_leave(&outer, &error), &error);
    check_default(bench, 5, 1); /* nothing was left */
    leave(&inner);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_cores_context_leave(&inner, &error), &error);
    check_default(bench, 2, 1);
    leave(&outer);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_cores_context_leave(&outer, &error), &error);
    assert_true(error.text[0] != '\0');
    check_default(bench, 0, 1);
}

static void
a_context_that_was_never_entered_is_not_left(void **state)
{
    struct neuron_cores_context never = {.runtime = NULL};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_cores_context_leave(&never, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_cores_context_leave(&never, NULL), NULL);
}

static void
a_refused_context_leaves_the_outer_one_in_force(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context outer;
    struct neuron_cores_context refused;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "4");
    enter(bench, 2, 1, &outer);
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_cores_context_enter(bench->runtime, 4, 1, &refused, &error), &error);
    check_default(bench, 2, 1);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_cores_context_enter(bench->runtime, 0, 0, &refused, &error), &error);
    check_default(bench, 2, 1);
    leave(&outer);
}

static void
what_a_load_names_itself_comes_before_the_context(void **state)
{
    static const struct neuron_module_placement all = {.kind = NEURON_PLACEMENT_ALL};
    const struct neuron_module_placement named = run_of(1, 2);
    const struct neuron_module_placement automatic = run_of(NEURON_AUTOMATIC, NEURON_AUTOMATIC);
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;

    placement_bench_start_cores(bench, "4");
    enter(bench, 3, 1, &context);
    struct neuron_module *module = load_to(bench, &named);
    check_runs(bench, module, "121");
    neuron_module_destroy(module);
    module = load_to(bench, &automatic);
    check_runs(bench, module, "00");
    neuron_module_destroy(module);
    module = load_to(bench, &all);
    check_runs(bench, module, "0123");
    neuron_module_destroy(module);
    leave(&context);
}

static void
a_module_moves_to_the_context_by_default(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;
    struct neuron_error error = {0};

    placement_bench_start_cores(bench, "4");
    struct neuron_module *module = load(bench);
    enter(bench, 2, 2, &context);
    check_runs(bench, module, "00");
    assert_ok(neuron_module_place(module, NULL, &error), &error);
    check_runs(bench, module, "232");
    leave(&context);
    check_runs(bench, module, "32");
    assert_ok(neuron_module_place(module, NULL, &error), &error);
    check_runs(bench, module, "00");
    neuron_module_destroy(module);
}

/* The contexts of two runtimes, one inside the other. */
static void
a_context_counts_for_its_own_runtime_alone(void **state)
{
    struct placement_bench *bench = *state;
    struct placement_bench second = *bench;
    struct neuron_cores_context outer;
    struct neuron_cores_context inner;

    placement_bench_start_cores(bench, "4");
    placement_bench_start_cores(&second, "4");
    enter(bench, 3, 1, &outer);
    check_default(&second, 0, 1);
    enter(&second, 1, 2, &inner);
    check_default(&second, 1, 2);
    check_default(bench, 3, 1);
    leave(&inner);
    check_default(&second, 0, 1);
    check_default(bench, 3, 1);
    leave(&outer);
    check_default(bench, 0, 1);
    neuron_runtime_destroy(second.runtime);
}

enum { LOADERS = 4, LOADS = 20 };

/* A thread that loads inside a context of its own. */
struct loader {
    pthread_t thread;
    const struct placement_bench *bench;
    pthread_barrier_t *inside; /* all threads are in their contexts */
    int32_t start_nc;
    bool stays_inside; /* ends without leaving */
    uint32_t misplaced;
    uint32_t failures;
};

static void
load_once(struct loader *loader, uint32_t expected)
{
    struct neuron_module *module = NULL;

    if (neuron_module_create(loader->bench->runtime, loader->bench->model, NULL, &module, NULL) !=
        NEURON_OK) {
        loader->failures += 1;
        return;
    }
    if (neuron_module_replica_core(module, 0) != expected) {
        loader->misplaced += 1;
    }
    neuron_module_destroy(module);
}

static void *
load_inside_a_context(void *argument)
{
    struct loader *loader = argument;
    struct neuron_cores_context context;

    if (neuron_cores_context_enter(loader->bench->runtime, loader->start_nc, 1, &context, NULL) !=
        NEURON_OK) {
        loader->failures += 1;
    }
    (void)pthread_barrier_wait(loader->inside);
    for (int i = 0; i < LOADS; i += 1) {
        load_once(loader, (uint32_t)loader->start_nc);
    }
    if (!loader->stays_inside && neuron_cores_context_leave(&context, NULL) != NEURON_OK) {
        loader->failures += 1;
    }
    return NULL;
}

/* Lets threads load at once, each inside a context of another core. */
static void
load_with_threads(const struct placement_bench *bench, bool stays_inside)
{
    struct loader loaders[LOADERS] = {{0}};
    pthread_barrier_t inside;

    assert_int_equal(pthread_barrier_init(&inside, NULL, LOADERS), 0);
    for (int32_t i = 0; i < LOADERS; i += 1) {
        loaders[i].bench = bench;
        loaders[i].inside = &inside;
        loaders[i].start_nc = 2 * i + 1;
        loaders[i].stays_inside = stays_inside;
        assert_int_equal(
            pthread_create(&loaders[i].thread, NULL, load_inside_a_context, &loaders[i]), 0);
    }
    for (size_t i = 0; i < LOADERS; i += 1) {
        assert_int_equal(pthread_join(loaders[i].thread, NULL), 0);
        assert_int_equal(loaders[i].failures, 0);
        assert_int_equal(loaders[i].misplaced, 0);
    }
    assert_int_equal(pthread_barrier_destroy(&inside), 0);
}

static void
threads_load_inside_contexts_of_their_own(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;

    placement_bench_start_cores(bench, "8");
    load_with_threads(bench, false);
    check_default(bench, 0, 1);
    enter(bench, 6, 1, &context); /* other threads do not see it */
    load_with_threads(bench, false);
    check_default(bench, 6, 1);
    leave(&context);
}

static void
a_thread_that_ends_inside_a_context_leaves_nothing_behind(void **state)
{
    struct placement_bench *bench = *state;

    placement_bench_start_cores(bench, "8");
    load_with_threads(bench, true);
    check_default(bench, 0, 1);
    load_with_threads(bench, false); /* may well get the threads' memory again */
    check_replicas(bench->runtime, "00000000");
}

/* Leaves the context of another thread. */
static void *
leave_for_another(void *argument)
{
    struct neuron_cores_context *context = argument;

    return neuron_cores_context_leave(context, NULL) == NEURON_INVALID_ARGUMENT ? context : NULL;
}

static void
a_context_is_left_by_the_thread_that_entered_it(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_cores_context context;
    pthread_t thread;
    void *refused = NULL;

    placement_bench_start_cores(bench, "4");
    enter(bench, 2, 1, &context);
    assert_int_equal(pthread_create(&thread, NULL, leave_for_another, &context), 0);
    assert_int_equal(pthread_join(thread, &refused), 0);
    assert_ptr_equal(refused, &context);
    check_default(bench, 2, 1);
    leave(&context);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_inner_context_covers_the_outer_until_it_is_left,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_context_may_be_entered_again, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(an_automatic_context_chooses_anew_for_each_load,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(contexts_that_are_left_in_the_wrong_order_are_refused,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test(a_context_that_was_never_entered_is_not_left),
        cmocka_unit_test_setup_teardown(a_refused_context_leaves_the_outer_one_in_force,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(what_a_load_names_itself_comes_before_the_context,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_module_moves_to_the_context_by_default,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_context_counts_for_its_own_runtime_alone,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(threads_load_inside_contexts_of_their_own,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_thread_that_ends_inside_a_context_leaves_nothing_behind,
                                        placement_bench_setup, placement_bench_teardown),
        cmocka_unit_test_setup_teardown(a_context_is_left_by_the_thread_that_entered_it,
                                        placement_bench_setup, placement_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

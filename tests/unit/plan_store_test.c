/* SPDX-License-Identifier: Apache-2.0 */
/* One plan per graph and device: who builds it, who waits for it, and when it goes. */
#include "module/plan_store.h"

#include <pthread.h>

#include "check.h"
#include "faulty_engine.h"
#include "module/model_body.h"
#include "neuron/runtime.h"
#include "test_runtime.h"
#include "traced_model.h"

struct store_bench {
    struct test_runtime owner; /* two cores, whose executors build */
    struct neuron_plan_store *store;
    struct neuron_model *model;
};

static int
begin_test(void **state)
{
    static struct store_bench bench;
    struct neuron_error error = {0};

    faulty_engine_reset();
    test_runtime_create(&bench.owner, "core:2 pu:1", 2);
    assert_ok(neuron_plan_store_create(NULL, &bench.store, &error), &error);
    bench.model = load_dense_model();
    *state = &bench;
    return 0;
}

/* All plans that were made are gone by now. */
static int
end_test(void **state)
{
    struct store_bench *bench = *state;

    neuron_plan_store_destroy(bench->store);
    neuron_model_destroy(bench->model);
    test_runtime_destroy(&bench->owner);
    return atomic_load(&faulty_engine.plans_created) == atomic_load(&faulty_engine.plans_destroyed)
               ? 0
               : -1;
}

static struct neuron_shared_plan *
acquire(const struct store_bench *bench, const struct neuron_model *model, uint32_t device)
{
    struct neuron_shared_plan *plan = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_plan_store_acquire(bench->store, model->file.graph, device, &plan, &error),
              &error);
    assert_non_null(plan);
    return plan;
}

static enum neuron_status
start(const struct store_bench *bench, struct neuron_shared_plan *plan, struct neuron_error *error)
{
    const struct neuron_charge charge = {.owner = "a test"};

    return neuron_shared_plan_start(plan, neuron_runtime_executor(bench->owner.runtime, 0), &charge,
                                    error);
}

/* Starts a building, and waits for it. */
static const struct neuron_plan *
build(const struct store_bench *bench, struct neuron_shared_plan *plan)
{
    struct neuron_error error = {0};

    assert_ok(start(bench, plan, &error), &error);
    assert_ok(neuron_shared_plan_wait(plan, &error), &error);
    assert_non_null(neuron_shared_plan_get(plan));
    return neuron_shared_plan_get(plan);
}

static void
a_graph_has_one_place_a_device(void **state)
{
    struct store_bench *bench = *state;
    struct neuron_model *other = load_dense_model();
    struct neuron_shared_plan *first = acquire(bench, bench->model, 0);
    struct neuron_shared_plan *again = acquire(bench, bench->model, 0);
    struct neuron_shared_plan *far = acquire(bench, bench->model, 1);
    struct neuron_shared_plan *stranger = acquire(bench, other, 0);

    assert_ptr_equal(first, again);
    assert_ptr_not_equal(first, far);
    assert_ptr_not_equal(first, stranger);
    assert_ptr_not_equal(far, stranger);
    neuron_plan_store_release(bench->store, far);
    neuron_plan_store_release(bench->store, stranger);
    neuron_plan_store_release(bench->store, again);
    neuron_plan_store_release(bench->store, first);
    assert_int_equal(atomic_load(&faulty_engine.plans_created), 0);
    neuron_model_destroy(other);
}

static void
a_plan_is_built_once_and_destroyed_by_its_last_user(void **state)
{
    struct store_bench *bench = *state;
    struct neuron_shared_plan *first = acquire(bench, bench->model, 0);
    const struct neuron_plan *plan = build(bench, first);
    struct neuron_shared_plan *second = acquire(bench, bench->model, 0);

    assert_ptr_equal(build(bench, second), plan);
    assert_ptr_equal(build(bench, first), plan);
    assert_int_equal(atomic_load(&faulty_engine.plans_created), 1);
    neuron_plan_store_release(bench->store, first);
    assert_int_equal(atomic_load(&faulty_engine.plans_destroyed), 0);
    assert_ptr_equal(neuron_shared_plan_get(second), plan);
    neuron_plan_store_release(bench->store, second);
    assert_int_equal(atomic_load(&faulty_engine.plans_destroyed), 1);
    first = acquire(bench, bench->model, 0); /* begins anew */
    (void)build(bench, first);
    assert_int_equal(atomic_load(&faulty_engine.plans_created), 2);
    neuron_plan_store_release(bench->store, first);
}

static void
devices_have_plans_of_their_own(void **state)
{
    struct store_bench *bench = *state;
    struct neuron_shared_plan *near = acquire(bench, bench->model, 0);
    struct neuron_shared_plan *far = acquire(bench, bench->model, 7);

    assert_ptr_not_equal(build(bench, near), build(bench, far));
    assert_int_equal(atomic_load(&faulty_engine.plans_created), 2);
    neuron_plan_store_release(bench->store, near);
    assert_int_equal(atomic_load(&faulty_engine.plans_destroyed), 1);
    neuron_plan_store_release(bench->store, far);
}

static void
a_building_that_fails_is_told_and_may_be_tried_again(void **state)
{
    struct store_bench *bench = *state;
    struct neuron_shared_plan *plan = acquire(bench, bench->model, 0);
    struct neuron_error error = {0};

    for (int i = 0; i < 2; i += 1) {
        atomic_store(&faulty_engine.plans_until_failure, 0);
        assert_ok(start(bench, plan, &error), &error);
        assert_status(NEURON_UNSUPPORTED_MODEL, neuron_shared_plan_wait(plan, &error), &error);
        assert_contains(error.text, FAULTY_REASON);
        assert_status(NEURON_UNSUPPORTED_MODEL, neuron_shared_plan_wait(plan, NULL), NULL);
    }
    (void)build(bench, plan);
    assert_int_equal(atomic_load(&faulty_engine.plans_created), 1);
    neuron_plan_store_release(bench->store, plan);
}

static void
a_place_is_released_while_its_plan_is_built(void **state)
{
    struct store_bench *bench = *state;
    struct neuron_error error = {0};

    for (int i = 0; i < 50; i += 1) {
        struct neuron_shared_plan *plan = acquire(bench, bench->model, 0);

        atomic_store(&faulty_engine.plans_until_failure, i % 2 == 0 ? 0 : -1);
        assert_ok(start(bench, plan, &error), &error);
        neuron_plan_store_release(bench->store, plan);
    }
    assert_int_equal(atomic_load(&faulty_engine.plans_created), 25);
    assert_int_equal(atomic_load(&faulty_engine.plans_destroyed), 25);
}

enum { USERS = 4, ROUNDS = 100 };

/* A thread that uses the plan again and again. */
struct user {
    pthread_t thread;
    const struct store_bench *bench;
    uint32_t core;
    uint32_t failures;
};

static void
use_once(struct user *user)
{
    const struct neuron_charge charge = {.owner = "a test"};
    struct neuron_plan_store *store = user->bench->store;
    struct neuron_executor *executor =
        neuron_runtime_executor(user->bench->owner.runtime, user->core);
    struct neuron_shared_plan *plan = NULL;

    if (neuron_plan_store_acquire(store, user->bench->model->file.graph, 0, &plan, NULL) !=
        NEURON_OK) {
        user->failures += 1;
        return;
    }
    if (neuron_shared_plan_start(plan, executor, &charge, NULL) != NEURON_OK ||
        neuron_shared_plan_wait(plan, NULL) != NEURON_OK || neuron_shared_plan_get(plan) == NULL) {
        user->failures += 1;
    }
    neuron_plan_store_release(store, plan);
}

static void *
use_again_and_again(void *argument)
{
    struct user *user = argument;

    for (int i = 0; i < ROUNDS; i += 1) {
        use_once(user);
    }
    return NULL;
}

static void
threads_come_and_go_while_plans_are_built(void **state)
{
    struct store_bench *bench = *state;
    struct user users[USERS] = {{0}};

    for (uint32_t i = 0; i < USERS; i += 1) {
        users[i] = (struct user){.bench = bench, .core = i % 2};
        assert_int_equal(pthread_create(&users[i].thread, NULL, use_again_and_again, &users[i]), 0);
    }
    for (size_t i = 0; i < USERS; i += 1) {
        assert_int_equal(pthread_join(users[i].thread, NULL), 0);
        assert_int_equal(users[i].failures, 0);
    }
    assert_in_range(atomic_load(&faulty_engine.plans_created), 1, USERS * ROUNDS);
}

static void
nothing_is_released_and_destroyed_as_well(void **state)
{
    struct store_bench *bench = *state;

    neuron_plan_store_release(bench->store, NULL);
    neuron_plan_store_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_graph_has_one_place_a_device, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_plan_is_built_once_and_destroyed_by_its_last_user,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(devices_have_plans_of_their_own, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_building_that_fails_is_told_and_may_be_tried_again,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_place_is_released_while_its_plan_is_built, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(threads_come_and_go_while_plans_are_built, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(nothing_is_released_and_destroyed_as_well, begin_test,
                                        end_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

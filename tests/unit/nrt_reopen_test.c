/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that initialize and close the runtime at the same time. */
#include "nrt_bench.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "descriptors.h"
#include "thread_state.h"

enum { INIT_COUNT = 40, CLOSER_COUNT = 2 };

struct race {
    atomic_bool has_ended;
    atomic_int refused_count; /* of nrt_init(): the runtime is open */
    atomic_int failed_count;  /* for any other reason */
    atomic_int opened_count;
};

static void
init_once(struct race *race)
{
    NRT_STATUS status = nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "");

    if (status == NRT_SUCCESS) {
        atomic_fetch_add(&race->opened_count, 1);
    } else if (status == NRT_INVALID) {
        atomic_fetch_add(&race->refused_count, 1);
    } else {
        atomic_fetch_add(&race->failed_count, 1);
    }
}

/* Initializes until it was the one to open the runtime often enough. */
static void *
init_often(void *argument)
{
    struct race *race = argument;

    while (atomic_load(&race->opened_count) < INIT_COUNT) {
        init_once(race);
    }
    return NULL;
}

static void *
close_often(void *argument)
{
    struct race *race = argument;

    while (!atomic_load(&race->has_ended)) {
        nrt_close();
    }
    return NULL;
}

static void *
call_often(void *argument)
{
    struct race *race = argument;
    nrt_tensor_t *tensor = NULL;

    while (!atomic_load(&race->has_ended)) {
        uint32_t count = 0;

        (void)nrt_get_visible_nc_count(&count);
        if (nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 64, "t", &tensor) == NRT_SUCCESS) {
            nrt_tensor_free(&tensor);
        }
    }
    return NULL;
}

static void
let_them_race(struct race *race, int closer_count, int init_thread_count)
{
    pthread_t closers[CLOSER_COUNT];
    pthread_t inits[CLOSER_COUNT];
    pthread_t caller;

    assert_int_equal(pthread_create(&caller, NULL, call_often, race), 0);
    for (int i = 0; i < closer_count; i += 1) {
        assert_int_equal(pthread_create(&closers[i], NULL, close_often, race), 0);
    }
    for (int i = 0; i < init_thread_count; i += 1) {
        assert_int_equal(pthread_create(&inits[i], NULL, init_often, race), 0);
    }
    for (int i = 0; i < init_thread_count; i += 1) {
        assert_int_equal(pthread_join(inits[i], NULL), 0);
    }
    atomic_store(&race->has_ended, true);
    for (int i = 0; i < closer_count; i += 1) {
        assert_int_equal(pthread_join(closers[i], NULL), 0);
    }
    assert_int_equal(pthread_join(caller, NULL), 0);
}

/* No runtime is lost, and no process takes its own cores from itself. */
static void
check_race(int closer_count, int init_thread_count)
{
    struct race race = {.opened_count = 0};
    unsigned thread_count_before = thread_count_at_rest();

    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    nrt_close();
    uint32_t descriptor_count_before = open_descriptor_count();
    let_them_race(&race, closer_count, init_thread_count);
    nrt_close();
    assert_int_equal(atomic_load(&race.failed_count), 0);
    assert_true(thread_count_falls_to(thread_count_before));
    assert_int_equal(open_descriptor_count(), descriptor_count_before);
}

static void
an_init_that_meets_a_close_loses_no_runtime(void **state)
{
    (void)state;
    set_variable("NEURON_RT_LOG_LEVEL", "QUIET");
    check_race(1, 1);
}

static void
many_that_close_and_init_lose_no_runtime(void **state)
{
    (void)state;
    set_variable("NEURON_RT_LOG_LEVEL", "QUIET");
    check_race(CLOSER_COUNT, 2);
}

static void
the_runtime_works_after_all_of_it(void **state)
{
    nrt_tensor_t *tensor = NULL;

    (void)state;
    check_race(CLOSER_COUNT, 1);
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    assert_nrt_ok(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 3, 64, "t", &tensor));
    nrt_tensor_free(&tensor);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_init_that_meets_a_close_loses_no_runtime,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(many_that_close_and_init_lose_no_runtime,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(the_runtime_works_after_all_of_it, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

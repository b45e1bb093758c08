/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are asked by each other, and by the caller where others are stuck. */
#include "check.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "neuron/data_parallel_call.h"
#include "test_runtime.h"

enum { CORES = 48, ROUNDS = 20, PATIENCE_S = 20 };

/* Who runs, for programs that wait for each other. One call at a time uses it. */
static struct meeting {
    _Atomic uint32_t wanted;
    _Atomic uint32_t arrived;
    _Atomic uint32_t missed; /* who gave up */
    _Atomic uint32_t visits[CORES];
} meeting;

struct visitor {
    uint32_t nc;
};

static struct visitor visitors[CORES];

static enum neuron_status
enter(const char *config, const struct neuron_custom_place *place, void **instance,
      struct neuron_error *error)
{
    (void)config;
    (void)error;
    visitors[place->nc].nc = place->nc;
    *instance = &visitors[place->nc];
    return NEURON_OK;
}

/* Ends when as many runs are under way as shall meet: on a core each, as this one has its core. */
static enum neuron_status
meet(void *instance, const struct neuron_tensor_view *inputs,
     const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const struct visitor *visitor = instance;
    time_t deadline = time(NULL) + PATIENCE_S;

    (void)inputs;
    (void)outputs;
    (void)error;
    atomic_fetch_add(&meeting.visits[visitor->nc], 1);
    atomic_fetch_add(&meeting.arrived, 1);
    while (atomic_load(&meeting.arrived) < atomic_load(&meeting.wanted)) {
        if (time(NULL) >= deadline) {
            atomic_fetch_add(&meeting.missed, 1);
            break;
        }
        (void)sched_yield();
    }
    return NEURON_OK;
}

static const struct neuron_custom_tensor input = {.spec = {"in", {NEURON_FLOAT32, 1, {0}}}};
static const struct neuron_custom_tensor output = {.spec = {"out", {NEURON_FLOAT32, 1, {0}}}};
static const struct neuron_custom_program program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                     .name = "meeting",
                                                     .inputs = &input,
                                                     .outputs = &output,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .create = enter,
                                                     .run = meet};

struct fixture {
    struct test_runtime owner;
    struct neuron_data_parallel *parallel;
};

static struct fixture fixture;

static void
begin_meeting(uint32_t wanted)
{
    atomic_store(&meeting.wanted, wanted);
    atomic_store(&meeting.arrived, 0);
    atomic_store(&meeting.missed, 0);
    for (int i = 0; i < CORES; i += 1) {
        atomic_store(&meeting.visits[i], 0);
    }
}

/* Runs a batch of so many rows, a chunk each. */
static void
run_rows(int64_t rows)
{
    float numbers[2][2 * CORES] = {{0}};
    const struct neuron_tensor_view in = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {rows}, .data = numbers[0]};
    const struct neuron_tensor_view out = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {rows}, .data = numbers[1]};
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_run(fixture.parallel, &in, 1, &out, 1, &error), &error);
}

static uint32_t
count_visited(void)
{
    uint32_t count = 0;

    for (int i = 0; i < CORES; i += 1) {
        count += atomic_load(&meeting.visits[i]) > 0 ? 1 : 0;
    }
    return count;
}

static void
all_cores_are_asked_while_the_first_are_stuck(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i += 1) {
        begin_meeting(CORES);
        run_rows(CORES);
        assert_int_equal(atomic_load(&meeting.missed), 0);
        assert_int_equal(count_visited(), CORES);
    }
}

static void
as_many_cores_are_asked_as_there_are_chunks(void **state)
{
    (void)state;
    for (uint32_t rows = 1; rows < CORES; rows += 5) {
        begin_meeting(rows);
        run_rows(rows);
        assert_int_equal(atomic_load(&meeting.missed), 0);
        assert_int_equal(count_visited(), rows);
    }
}

static void
no_more_cores_are_asked_than_workers_are_allowed(void **state)
{
    enum { WORKERS = 7 };

    (void)state;
    neuron_data_parallel_set_num_workers(fixture.parallel, WORKERS);
    for (int i = 0; i < ROUNDS; i += 1) {
        begin_meeting(WORKERS);
        run_rows(2L * CORES);
        assert_int_equal(atomic_load(&meeting.missed), 0);
        assert_in_range(count_visited(), WORKERS, WORKERS);
    }
    neuron_data_parallel_set_num_workers(fixture.parallel, 2 * CORES);
}

static void
every_chunk_runs_once_where_nobody_waits(void **state)
{
    (void)state;
    for (int i = 0; i < 10 * ROUNDS; i += 1) {
        uint32_t visits = 0;

        begin_meeting(0);
        run_rows(2L * CORES - i % CORES);
        for (int j = 0; j < CORES; j += 1) {
            visits += atomic_load(&meeting.visits[j]);
        }
        assert_int_equal(visits, 2 * CORES - i % CORES);
    }
}

static int
prepare(void **state)
{
    const struct neuron_data_parallel_options options = {.split_size = 1};
    struct neuron_error error = {0};

    (void)state;
    test_runtime_create(&fixture.owner, "pack:1 core:48 pu:1", CORES);
    assert_ok(neuron_data_parallel_create_custom(fixture.owner.runtime, &program, &options,
                                                 &fixture.parallel, &error),
              &error);
    return 0;
}

static int
clean_up(void **state)
{
    (void)state;
    neuron_data_parallel_destroy(fixture.parallel);
    test_runtime_destroy(&fixture.owner);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cores_are_asked_while_the_first_are_stuck),
        cmocka_unit_test(as_many_cores_are_asked_as_there_are_chunks),
        cmocka_unit_test(no_more_cores_are_asked_than_workers_are_allowed),
        cmocka_unit_test(every_chunk_runs_once_where_nobody_waits),
    };
    return cmocka_run_group_tests_name("lane_asking", tests, prepare, clean_up);
}

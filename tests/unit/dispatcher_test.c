/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks whose process is lost, or never was there, on lanes of programs that do as they are told.
 */
#include "check.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "dispatcher.h"
#include "test_runtime.h"

enum { LANES = 3, CHUNKS = 12, PATIENCE_S = 20, NOBODY = CHUNKS };

/* What the programs are told, and what they did. */
static struct {
    _Atomic int losses_left[CHUNKS];  /* how often a run of the chunk ends its process */
    _Atomic bool is_stopped[LANES];   /* the lane has no process, and gets none */
    _Atomic uint32_t refusals[LANES]; /* runs that could not begin */
    _Atomic int waiting_chunk;        /* waits until the one below is done */
    _Atomic int awaited_chunk;
    _Atomic uint32_t done[CHUNKS];
    _Atomic uint32_t under_way;
    _Atomic uint32_t most_under_way;
    struct neuron_data_parallel_call *_Atomic cancelled; /* at the next loss */
    _Atomic bool is_full_once; /* the inbox of lane 1, as soon as all others have left */
    struct neuron_runtime *runtime;
} told;

struct program {
    uint32_t lane;
};

static struct program programs[LANES];
static float rows[CHUNKS];
static float results[CHUNKS];

static void
forget(void)
{
    for (int i = 0; i < CHUNKS; i += 1) {
        atomic_store(&told.losses_left[i], 0);
        atomic_store(&told.done[i], 0);
        rows[i] = (float)i;
        results[i] = -1.0F;
    }
    for (int i = 0; i < LANES; i += 1) {
        atomic_store(&told.is_stopped[i], false);
        atomic_store(&told.refusals[i], 0);
    }
    atomic_store(&told.waiting_chunk, NOBODY);
    atomic_store(&told.awaited_chunk, NOBODY);
    atomic_store(&told.most_under_way, 0);
    atomic_store(&told.cancelled, NULL);
    atomic_store(&told.is_full_once, false);
}

/* Waits, some seconds at most, until a chunk is done. */
static void
await_chunk(int chunk)
{
    time_t deadline = time(NULL) + PATIENCE_S;

    while (chunk < CHUNKS && atomic_load(&told.done[chunk]) == 0 && time(NULL) < deadline) {
        (void)sched_yield();
    }
}

static void
count_under_way(void)
{
    uint32_t now = atomic_fetch_add(&told.under_way, 1) + 1;
    uint32_t most = atomic_load(&told.most_under_way);

    while (now > most && !atomic_compare_exchange_weak(&told.most_under_way, &most, now)) {
    }
}

static enum neuron_status
run_chunk(int chunk, struct neuron_error *error)
{
    if (chunk == atomic_load(&told.waiting_chunk)) {
        await_chunk(atomic_load(&told.awaited_chunk));
    }
    if (atomic_load(&told.losses_left[chunk]) > 0) {
        struct neuron_data_parallel_call *cancelled = atomic_load(&told.cancelled);

        atomic_fetch_sub(&told.losses_left[chunk], 1);
        if (cancelled != NULL) {
            neuron_call_close(cancelled, NEURON_CANCELLED);
        }
        return NEURON_FAIL(error, NEURON_PEER_LOST, "the process of chunk %d is gone", chunk);
    }
    atomic_fetch_add(&told.done[chunk], 1);
    return NEURON_OK;
}

static enum neuron_status
run(void *state, const struct neuron_chunk_run *order, struct neuron_error *error)
{
    const struct program *program = state;
    const float *in = order->inputs[0];
    float *out = order->outputs[0];

    if (atomic_load(&told.is_stopped[program->lane])) {
        atomic_fetch_add(&told.refusals[program->lane], 1);
        return NEURON_FAIL(error, NEURON_STOPPED, "lane %u has no process", program->lane);
    }
    count_under_way();
    enum neuron_status status = run_chunk((int)in[0], error);
    atomic_fetch_sub(&told.under_way, 1);
    if (status == NEURON_OK) {
        out[0] = in[0] + 100.0F;
    }
    return status;
}

/* Says whether lanes 0 and 2, one of which refused a run, have nothing more to do. */
static bool
have_others_left(void)
{
    return atomic_load(&told.refusals[0]) + atomic_load(&told.refusals[2]) > 0 &&
           neuron_executor_is_idle(neuron_runtime_executor(told.runtime, 0)) &&
           neuron_executor_is_idle(neuron_runtime_executor(told.runtime, 2));
}

/* The linker makes these names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__real_neuron_executor_submit(struct neuron_executor *executor,
                              const struct neuron_request *request, struct neuron_error *error);
enum neuron_status
__wrap_neuron_executor_submit(struct neuron_executor *executor,
                              const struct neuron_request *request, struct neuron_error *error);

enum neuron_status
__wrap_neuron_executor_submit(struct neuron_executor *executor,
                              const struct neuron_request *request, struct neuron_error *error)
{
    time_t deadline = time(NULL) + 2;

    if (neuron_executor_core(executor) != 1 || !atomic_exchange(&told.is_full_once, false)) {
        return __real_neuron_executor_submit(executor, request, error);
    }
    while (!have_others_left() && time(NULL) < deadline) {
        (void)sched_yield();
    }
    return NEURON_FAIL(error, NEURON_QUEUE_FULL, "the inbox of nc:1 is full");
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static const struct neuron_chunk_program_ops ops = {.run = run};

static enum neuron_status
open_program(void *maker, uint32_t lane, struct neuron_chunk_program *program,
             struct neuron_error *error)
{
    (void)maker;
    (void)error;
    programs[lane].lane = lane;
    *program = (struct neuron_chunk_program){
        .ops = &ops, .state = &programs[lane], .run_rows = 1, .is_isolated = true};
    return NEURON_OK;
}

struct bench {
    struct test_runtime owner;
    struct neuron_dispatcher *dispatcher;
};

static int
prepare(void **state)
{
    static struct bench bench;
    static const size_t buffer_bytes[2] = {0, 0};
    struct neuron_lane_place places[LANES];
    struct neuron_error error = {0};

    test_runtime_create(&bench.owner, "pack:1 core:3 pu:1", LANES);
    told.runtime = bench.owner.runtime;
    for (uint32_t i = 0; i < LANES; i += 1) {
        places[i] =
            (struct neuron_lane_place){.executor = neuron_runtime_executor(bench.owner.runtime, i),
                                       .replica = i,
                                       .nc = i,
                                       .core = i};
    }
    const struct neuron_dispatcher_options options = {.places = places,
                                                      .lane_count = LANES,
                                                      .input_count = 1,
                                                      .tensor_count = 2,
                                                      .buffer_bytes = buffer_bytes,
                                                      .open = open_program};
    assert_ok(neuron_dispatcher_create(&options, &bench.dispatcher, &error), &error);
    *state = &bench;
    return 0;
}

static int
clean_up(void **state)
{
    struct bench *bench = *state;

    neuron_dispatcher_destroy(bench->dispatcher);
    test_runtime_destroy(&bench->owner);
    return 0;
}

static int
reset(void **state)
{
    const struct bench *bench = *state;

    for (uint32_t i = 0; i < LANES; i += 1) {
        while (!neuron_executor_is_idle(neuron_runtime_executor(bench->owner.runtime, i))) {
            (void)sched_yield();
        }
    }
    forget();
    return 0;
}

static struct neuron_data_parallel_call *
submit(const struct bench *bench, int64_t chunk_count, uint32_t lane_limit)
{
    static const struct neuron_row_layout layouts[2] = {
        {.outer_count = 1, .row_bytes = sizeof(float)},
        {.outer_count = 1, .row_bytes = sizeof(float)}};
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {chunk_count}, .data = rows};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {chunk_count}, .data = results};
    const struct neuron_batch_plan plan = {
        .tensors = {.inputs = &input, .outputs = &output, .input_count = 1, .output_count = 1},
        .layouts = layouts,
        .split = {.rows = chunk_count, .chunk_rows = 1, .chunk_count = chunk_count},
        .run_rows = 1,
        .row_extent = 1};
    const struct neuron_call_terms terms = {.lane_limit = lane_limit};
    struct neuron_data_parallel_call *call = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_dispatcher_submit(bench->dispatcher, &plan, &terms, &call, &error), &error);
    return call;
}

/* Fails unless the chunks from `first` on were run once each. */
static void
assert_done_once(int first, int end)
{
    for (int i = first; i < end && i < CHUNKS; i += 1) {
        assert_int_equal(atomic_load(&told.done[i]), 1);
        assert_true(results[i] == (float)i + 100.0F);
    }
}

static void
a_chunk_whose_process_is_lost_is_run_once_more(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    for (int repeat = 0; repeat < 50; repeat += 1) {
        forget();
        for (int i = 0; i < CHUNKS; i += 2) {
            atomic_store(&told.losses_left[i], 1);
        }
        assert_ok(neuron_dispatcher_wait(bench->dispatcher, submit(bench, CHUNKS, LANES), &error),
                  &error);
        assert_done_once(0, CHUNKS);
    }
}

static void
rows_at_which_two_processes_are_lost_are_told_and_all_others_are_done(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    atomic_store(&told.losses_left[5], 2);
    assert_status(NEURON_PEER_LOST,
                  neuron_dispatcher_wait(bench->dispatcher, submit(bench, CHUNKS, LANES), &error),
                  &error);
    assert_contains(error.text, "chunk 5 (rows 5-5) on nc:");
    assert_contains(error.text, "poison");
    assert_contains(error.text, "the process of chunk 5 is gone");
    assert_done_once(0, 5);
    assert_int_equal(atomic_load(&told.done[5]), 0);
    assert_true(results[5] == -1.0F);
    assert_done_once(6, CHUNKS);
}

/* Two chunks on three lanes: one runs until the other, whose process is lost, is done. */
static void
a_lost_chunk_goes_to_a_lane_that_is_idle(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    for (int repeat = 0; repeat < 20; repeat += 1) {
        forget();
        atomic_store(&told.losses_left[0], 1);
        atomic_store(&told.waiting_chunk, 1);
        atomic_store(&told.awaited_chunk, 0);
        assert_ok(neuron_dispatcher_wait(bench->dispatcher, submit(bench, 2, LANES), &error),
                  &error);
        assert_done_once(0, 2);
    }
}

static void
losses_do_not_bring_more_lanes_to_work_than_the_limit(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    for (int i = 0; i < CHUNKS; i += 1) {
        atomic_store(&told.losses_left[i], 1);
    }
    assert_ok(neuron_dispatcher_wait(bench->dispatcher, submit(bench, CHUNKS, 1), &error), &error);
    assert_done_once(0, CHUNKS);
    assert_in_range(atomic_load(&told.most_under_way), 1, 2); /* while one leaves for another */
}

static void
a_lane_without_a_process_leaves_its_chunks_to_others(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    atomic_store(&told.is_stopped[1], true);
    for (uint32_t repeat = 1; repeat <= 20; repeat += 1) {
        for (int i = 0; i < CHUNKS; i += 1) {
            atomic_store(&told.done[i], 0);
        }
        assert_ok(neuron_dispatcher_wait(bench->dispatcher, submit(bench, CHUNKS, LANES), &error),
                  &error);
        assert_done_once(0, CHUNKS);
        assert_in_range(atomic_load(&told.refusals[1]), 0, repeat);
    }
}

/* Others see that lane 1 is asked, and leave their chunks to it; then its inbox is full. */
static void
chunks_left_to_a_lane_whose_inbox_is_full_are_not_forgotten(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    for (int repeat = 0; repeat < LANES; repeat += 1) {
        assert_int_equal(reset(state), 0);
        atomic_store(&told.is_stopped[0], true);
        atomic_store(&told.is_stopped[2], true);
        atomic_store(&told.is_full_once, true);
        assert_ok(neuron_dispatcher_wait(bench->dispatcher, submit(bench, LANES, LANES), &error),
                  &error);
        assert_done_once(0, LANES);
    }
}

static void
a_call_that_no_lane_can_run_says_why(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    for (int i = 0; i < LANES; i += 1) {
        atomic_store(&told.is_stopped[i], true);
    }
    assert_status(NEURON_SYSTEM,
                  neuron_dispatcher_wait(bench->dispatcher, submit(bench, CHUNKS, LANES), &error),
                  &error);
    assert_contains(error.text, "has no process");
    forget();
    assert_ok(neuron_dispatcher_wait(bench->dispatcher, submit(bench, CHUNKS, LANES), &error),
              &error);
    assert_done_once(0, CHUNKS);
}

static void
a_process_that_is_lost_behind_a_cancel_is_no_failure(void **state)
{
    const struct bench *bench = *state;
    struct neuron_error error = {0};

    atomic_store(&told.waiting_chunk, 0);
    atomic_store(&told.awaited_chunk, CHUNKS - 1); /* which is none of the call's */
    atomic_store(&told.losses_left[0], 1);
    struct neuron_data_parallel_call *call = submit(bench, 4, LANES);
    await_chunk(3);
    atomic_store(&told.cancelled, call);
    atomic_fetch_add(&told.done[CHUNKS - 1], 1); /* lets chunk 0 go on */
    assert_status(NEURON_CANCELLED, neuron_dispatcher_wait(bench->dispatcher, call, &error),
                  &error);
    assert_contains(error.text, "was cancelled");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_chunk_whose_process_is_lost_is_run_once_more, reset),
        cmocka_unit_test_setup(
            rows_at_which_two_processes_are_lost_are_told_and_all_others_are_done, reset),
        cmocka_unit_test_setup(a_lost_chunk_goes_to_a_lane_that_is_idle, reset),
        cmocka_unit_test_setup(losses_do_not_bring_more_lanes_to_work_than_the_limit, reset),
        cmocka_unit_test_setup(a_lane_without_a_process_leaves_its_chunks_to_others, reset),
        cmocka_unit_test_setup(chunks_left_to_a_lane_whose_inbox_is_full_are_not_forgotten, reset),
        cmocka_unit_test_setup(a_call_that_no_lane_can_run_says_why, reset),
        cmocka_unit_test_setup(a_process_that_is_lost_behind_a_cancel_is_no_failure, reset),
    };

    return cmocka_run_group_tests_name("dispatcher", tests, prepare, clean_up);
}

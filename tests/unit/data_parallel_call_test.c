/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that do not wait, are cancelled, run out of time, and take turns. */
#include "check.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "neuron/clock.h"
#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"

#include "gate.h"
#include "test_runtime.h"

enum { CORES = 3, ROWS = 24, QUEUE_LIMIT = 4, STANDSTILL_MS = 20 };

/* What the program does with each row: negates it, once the gate lets it. */
static struct {
    _Atomic bool is_shut; /* runs wait until it is not */
    _Atomic uint32_t waiting_count;
    _Atomic uint32_t run_count;
} door;

static enum neuron_status
negate_rows(void *instance, const struct neuron_tensor_view *inputs,
            const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const float *in = inputs[0].data;
    float *out = outputs[0].data;

    (void)instance;
    (void)error;
    atomic_fetch_add(&door.waiting_count, 1);
    while (atomic_load(&door.is_shut)) {
        (void)sched_yield();
    }
    atomic_fetch_sub(&door.waiting_count, 1);
    atomic_fetch_add(&door.run_count, 1);
    for (int64_t i = 0; i < inputs[0].shape[0]; i += 1) {
        out[i] = -in[i];
    }
    return NEURON_OK;
}

static const struct neuron_custom_tensor row_in = {
    .spec = {.name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 1}}};
static const struct neuron_custom_tensor row_out = {
    .spec = {.name = "y", .shape = {.type = NEURON_FLOAT32, .rank = 1}}};
static const struct neuron_custom_program negate = {
    .version = NEURON_CUSTOM_PROGRAM_VERSION,
    .name = "negate",
    .inputs = &row_in,
    .outputs = &row_out,
    .input_count = 1,
    .output_count = 1,
    .row_limit = 1,
    .run = negate_rows,
};

struct bench {
    struct test_runtime owner;
    struct neuron_data_parallel *parallel;
};

/* The tensors of a call. */
struct rows {
    float in[ROWS];
    float out[ROWS];
    struct neuron_tensor_view input;
    struct neuron_tensor_view output;
    struct neuron_batch_tensors tensors;
};

static int
prepare(void **state)
{
    static struct bench bench;
    const struct neuron_data_parallel_options options = {.queue_limit = QUEUE_LIMIT,
                                                         .split_size = 1};
    struct neuron_error error = {0};

    test_runtime_create(&bench.owner, "pack:1 core:3 pu:1", CORES);
    assert_ok(neuron_data_parallel_create_custom(bench.owner.runtime, &negate, &options,
                                                 &bench.parallel, &error),
              &error);
    *state = &bench;
    return 0;
}

static int
clean_up(void **state)
{
    struct bench *bench = *state;

    neuron_data_parallel_destroy(bench->parallel);
    test_runtime_destroy(&bench->owner);
    return 0;
}

static void
fill_rows(struct rows *rows, int64_t count)
{
    memset(rows, 0, sizeof(*rows));
    for (int i = 0; i < ROWS; i += 1) {
        rows->in[i] = (float)(i + 1);
    }
    rows->input = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 1, .shape = {count}, .data = rows->in};
    rows->output = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 1, .shape = {count}, .data = rows->out};
    rows->tensors = (struct neuron_batch_tensors){
        .inputs = &rows->input, .outputs = &rows->output, .input_count = 1, .output_count = 1};
}

static void
assert_negated(const struct rows *rows)
{
    for (int64_t i = 0; i < rows->input.shape[0]; i += 1) {
        assert_true(rows->out[i] == -rows->in[i]);
    }
}

/* Shuts the door when no core looks at a call of before any more, so that all come to the next. */
static void
shut_door(const struct bench *bench)
{
    for (uint32_t i = 0; i < CORES; i += 1) {
        while (!neuron_executor_is_idle(neuron_runtime_executor(bench->owner.runtime, i))) {
            (void)sched_yield();
        }
    }
    atomic_store(&door.run_count, 0);
    atomic_store(&door.is_shut, true);
}

/* Waits until so many runs stand at the door. */
static void
await_waiting(uint32_t count)
{
    while (atomic_load(&door.waiting_count) < count) {
        (void)sched_yield();
    }
}

static struct neuron_data_parallel_call *
submit(const struct bench *bench, const struct rows *rows,
       const struct neuron_data_parallel_call_options *options)
{
    struct neuron_data_parallel_call *call = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_submit(bench->parallel, &rows->tensors, options, &call, &error),
              &error);
    assert_non_null(call);
    return call;
}

static void
a_submitted_call_is_done_when_it_is_waited_for(void **state)
{
    struct rows rows[QUEUE_LIMIT];
    struct neuron_data_parallel_call *calls[QUEUE_LIMIT];
    struct neuron_error error = {0};

    for (int repeat = 0; repeat < 50; repeat += 1) {
        for (int i = 0; i < QUEUE_LIMIT; i += 1) {
            fill_rows(&rows[i], ROWS - i);
            calls[i] = submit(*state, &rows[i], NULL);
        }
        for (int i = QUEUE_LIMIT - 1; i >= 0; i -= 1) {
            assert_ok(neuron_data_parallel_wait(calls[i], &error), &error);
            assert_negated(&rows[i]);
        }
    }
}

static void
try_wait_does_not_block(void **state)
{
    struct rows rows;
    struct neuron_error error = {0};
    bool is_done = true;

    fill_rows(&rows, ROWS);
    shut_door(*state);
    struct neuron_data_parallel_call *call = submit(*state, &rows, NULL);
    assert_ok(neuron_data_parallel_try_wait(call, &is_done, &error), &error);
    assert_false(is_done);
    atomic_store(&door.is_shut, false);
    while (!is_done) {
        assert_ok(neuron_data_parallel_try_wait(call, &is_done, &error), &error);
    }
    assert_negated(&rows);
}

static void
a_call_without_rows_is_done_at_once(void **state)
{
    struct rows rows;
    struct neuron_error error = {0};
    bool is_done = false;

    fill_rows(&rows, 0);
    struct neuron_data_parallel_call *call = submit(*state, &rows, NULL);
    assert_ok(neuron_data_parallel_try_wait(call, &is_done, &error), &error);
    assert_true(is_done);
}

static void
more_calls_than_the_queue_holds_are_refused(void **state)
{
    const struct bench *bench = *state;
    struct rows rows[QUEUE_LIMIT + 1];
    struct neuron_data_parallel_call *calls[QUEUE_LIMIT + 1] = {NULL};
    struct neuron_error error = {0};

    shut_door(*state);
    for (int i = 0; i <= QUEUE_LIMIT; i += 1) {
        fill_rows(&rows[i], 2);
    }
    for (int i = 0; i < QUEUE_LIMIT; i += 1) {
        calls[i] = submit(bench, &rows[i], NULL);
    }
    assert_status(NEURON_QUEUE_FULL,
                  neuron_data_parallel_submit(bench->parallel, &rows[QUEUE_LIMIT].tensors, NULL,
                                              &calls[QUEUE_LIMIT], &error),
                  &error);
    assert_null(calls[QUEUE_LIMIT]);
    assert_contains(error.text, "4 calls are submitted and not waited for");
    atomic_store(&door.is_shut, false);
    for (int i = 0; i < QUEUE_LIMIT; i += 1) {
        assert_ok(neuron_data_parallel_wait(calls[i], &error), &error);
    }
    calls[0] = submit(bench, &rows[QUEUE_LIMIT], NULL);
    assert_ok(neuron_data_parallel_wait(calls[0], &error), &error);
}

static void
a_refused_call_leaves_its_place_in_the_queue(void **state)
{
    const struct bench *bench = *state;
    struct rows rows;
    struct neuron_data_parallel_call *call = NULL;
    struct neuron_error error = {0};

    fill_rows(&rows, 3);
    rows.output.shape[0] = 4;
    for (int i = 0; i < 3 * QUEUE_LIMIT; i += 1) {
        assert_status(
            NEURON_INVALID_ARGUMENT,
            neuron_data_parallel_submit(bench->parallel, &rows.tensors, NULL, &call, &error),
            &error);
    }
    assert_null(call);
}

static void
a_cancelled_call_begins_no_more_chunks(void **state)
{
    struct rows rows;
    struct neuron_error error = {0};

    fill_rows(&rows, ROWS);
    shut_door(*state);
    struct neuron_data_parallel_call *call = submit(*state, &rows, NULL);
    await_waiting(CORES);
    neuron_data_parallel_cancel(call);
    neuron_data_parallel_cancel(call);
    atomic_store(&door.is_shut, false);
    assert_status(NEURON_CANCELLED, neuron_data_parallel_wait(call, &error), &error);
    assert_string_equal(error.text, "the call was cancelled before 21 of its 24 chunks began");
    assert_int_equal(atomic_load(&door.run_count), CORES);
}

static void
a_call_whose_chunks_have_begun_is_not_cancelled(void **state)
{
    struct rows rows;
    struct neuron_error error = {0};

    fill_rows(&rows, CORES);
    shut_door(*state);
    struct neuron_data_parallel_call *call = submit(*state, &rows, NULL);
    await_waiting(CORES);
    neuron_data_parallel_cancel(call);
    atomic_store(&door.is_shut, false);
    assert_ok(neuron_data_parallel_wait(call, &error), &error);
    assert_negated(&rows);
}

static void
a_call_ends_at_its_deadline(void **state)
{
    const struct neuron_data_parallel_call_options options = {.deadline_ms = 5};
    struct rows rows;
    struct neuron_error error = {0};
    const struct timespec pause = {.tv_nsec = (long)STANDSTILL_MS * NEURON_NS_PER_MS};

    fill_rows(&rows, ROWS);
    shut_door(*state);
    struct neuron_data_parallel_call *call = submit(*state, &rows, &options);
    await_waiting(CORES);
    (void)nanosleep(&pause, NULL);
    atomic_store(&door.is_shut, false);
    assert_status(NEURON_TIMED_OUT, neuron_data_parallel_wait(call, &error), &error);
    assert_int_equal(atomic_load(&door.run_count), CORES);
    fill_rows(&rows, ROWS);
    call = submit(*state, &rows, NULL);
    assert_ok(neuron_data_parallel_wait(call, &error), &error);
    assert_negated(&rows);
}

static void
a_deadline_beyond_the_clock_is_none(void **state)
{
    const struct neuron_data_parallel_call_options options = {.deadline_ms = UINT64_MAX};
    const struct bench *bench = *state;
    struct rows rows;
    struct neuron_error error = {0};

    fill_rows(&rows, ROWS);
    assert_ok(neuron_data_parallel_run_with(bench->parallel, &rows.tensors, &options, &error),
              &error);
    assert_negated(&rows);
}

/* A core that somebody else keeps for himself does not keep a call that others can finish. */
static void
a_busy_core_is_not_waited_for(void **state)
{
    const struct bench *bench = *state;
    struct gate gate;
    struct rows rows;
    struct neuron_error error = {0};

    fill_rows(&rows, ROWS);
    gate_close(&gate, neuron_runtime_executor(bench->owner.runtime, 1));
    gate_await_arrival(&gate);
    for (int i = 0; i < 10; i += 1) {
        assert_ok(neuron_data_parallel_run_with(bench->parallel, &rows.tensors, NULL, &error),
                  &error);
        assert_negated(&rows);
    }
    gate_open(&gate);
}

/* A long call has begun; a short one behind it does not wait until it is done. */
static void
a_short_call_takes_turns_with_a_long_one(void **state)
{
    const struct bench *bench = *state;
    struct rows of_long;
    struct rows of_short;
    struct neuron_error error = {0};
    uint32_t runs_before = 0;

    fill_rows(&of_long, ROWS);
    fill_rows(&of_short, 1);
    shut_door(*state);
    struct neuron_data_parallel_call *long_call = submit(bench, &of_long, NULL);
    await_waiting(CORES);
    struct neuron_data_parallel_call *short_call = submit(bench, &of_short, NULL);
    atomic_store(&door.is_shut, false);
    assert_ok(neuron_data_parallel_wait(short_call, &error), &error);
    runs_before = atomic_load(&door.run_count);
    assert_negated(&of_short);
    assert_ok(neuron_data_parallel_wait(long_call, &error), &error);
    assert_negated(&of_long);
    assert_in_range(runs_before, 1, ROWS + 1);
}

static void
the_report_of_a_call_counts_every_chunk_once(void **state)
{
    const struct bench *bench = *state;
    struct neuron_data_parallel_report *report = NULL;
    struct neuron_error error = {0};
    struct rows rows;
    uint64_t chunks = 0;
    uint64_t copied = 0;

    fill_rows(&rows, ROWS);
    assert_ok(neuron_data_parallel_report_create(bench->parallel, &report, &error), &error);
    const struct neuron_data_parallel_call_options options = {.report = report};
    assert_ok(neuron_data_parallel_run_with(bench->parallel, &rows.tensors, &options, &error),
              &error);
    assert_int_equal(neuron_data_parallel_report_event_count(report), ROWS);
    assert_int_equal(neuron_data_parallel_report_share_count(report), CORES);
    for (uint32_t i = 0; i < CORES; i += 1) {
        const struct neuron_data_parallel_share *share =
            neuron_data_parallel_report_share(report, i);

        assert_int_equal(share->nc, i);
        assert_int_equal(share->row_count, share->chunk_count);
        chunks += share->chunk_count;
        copied += share->copied_bytes;
    }
    assert_int_equal(chunks, ROWS);
    assert_int_equal(copied, 0);
    assert_true(neuron_data_parallel_report_duration_ns(report) > 0);
    neuron_data_parallel_report_destroy(report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_submitted_call_is_done_when_it_is_waited_for),
        cmocka_unit_test(try_wait_does_not_block),
        cmocka_unit_test(a_call_without_rows_is_done_at_once),
        cmocka_unit_test(more_calls_than_the_queue_holds_are_refused),
        cmocka_unit_test(a_refused_call_leaves_its_place_in_the_queue),
        cmocka_unit_test(a_cancelled_call_begins_no_more_chunks),
        cmocka_unit_test(a_call_whose_chunks_have_begun_is_not_cancelled),
        cmocka_unit_test(a_call_ends_at_its_deadline),
        cmocka_unit_test(a_deadline_beyond_the_clock_is_none),
        cmocka_unit_test(a_busy_core_is_not_waited_for),
        cmocka_unit_test(a_short_call_takes_turns_with_a_long_one),
        cmocka_unit_test(the_report_of_a_call_counts_every_chunk_once),
    };

    return cmocka_run_group_tests_name("data_parallel_call", tests, prepare, clean_up);
}

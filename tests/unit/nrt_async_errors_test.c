/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous calls: what is refused at once, and what an error tracker tells later. */
#include "check.h"

#include <stdbool.h>

#include "nrt/async_tracker.h"

#include "async_bench.h"
#include "gate.h"

static nrta_error_tracker_t *
create_tracker(void)
{
    nrta_error_tracker_t *tracker = NULL;

    assert_nrt_ok(nrta_error_tracker_create(0, &tracker));
    assert_non_null(tracker);
    return tracker;
}

/* Fails the test unless a tracker tells of one error. */
static void
check_single_error(nrta_error_tracker_t *tracker, nrta_seq_t sequence)
{
    const nrta_error_t *errors = NULL;
    size_t count = 0;

    assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
    assert_int_equal(count, 1);
    assert_int_equal(errors[0].seq_id, sequence);
    assert_int_equal(errors[0].error_code, NRT_EXEC_COMPLETED_WITH_ERR);
}

static size_t
error_count(nrta_error_tracker_t *tracker)
{
    const nrta_error_t *errors = NULL;
    size_t count = 7;

    assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
    return count;
}

static void
a_request_that_failed_is_completed_and_in_the_list_once(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    nrta_error_tracker_t *tracker = create_tracker();
    struct twice_tensors pair = create_pair(0);

    write_number(pair.x, 1);
    await(schedule(model, &pair, tracker));
    assert_int_equal(error_count(tracker), 0);
    write_number(pair.x, RUN_FAILS);
    nrta_seq_t failed = schedule(model, &pair, tracker);
    await(failed);
    check_single_error(tracker, failed);
    assert_int_equal(error_count(tracker), 0);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
an_error_has_the_status_of_its_run(void **state)
{
    static const float inputs[] = {RUN_FAILS, RUN_TIMES_OUT, RUN_GIVES_NAN};
    static const NRT_STATUS statuses[] = {NRT_EXEC_COMPLETED_WITH_ERR, NRT_TIMEOUT,
                                          NRT_EXEC_COMPLETED_WITH_NUM_ERR};
    nrt_model_t *model = load_twice(*state, 0, -1);
    nrta_error_tracker_t *tracker = create_tracker();
    struct twice_tensors pair = create_pair(0);

    for (size_t i = 0; i < 3; i += 1) {
        const nrta_error_t *errors = NULL;
        size_t count = 0;

        write_number(pair.x, inputs[i]);
        await(schedule(model, &pair, tracker));
        assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
        assert_int_equal(count, 1);
        assert_int_equal(errors[0].error_code, statuses[i]);
    }
    assert_vector(pair.y, 2 * RUN_GIVES_NAN);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
errors_come_in_the_order_of_their_requests(void **state)
{
    enum { COUNT = 30 };
    nrt_model_t *model = load_twice(*state, 1, -1);
    nrta_error_tracker_t *tracker = create_tracker();
    struct twice_tensors good = create_pair(1);
    struct twice_tensors bad = create_pair(1);
    const nrta_error_t *errors = NULL;
    nrta_seq_t failing[COUNT] = {0};
    size_t count = 0;

    write_number(bad.x, RUN_FAILS);
    for (int i = 0; i < COUNT; i += 1) {
        failing[i] = schedule(model, &bad, tracker);
        (void)schedule(model, &good, tracker);
    }
    await(failing[COUNT - 1]);
    assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
    assert_int_equal(count, COUNT);
    for (int i = 0; i < COUNT; i += 1) {
        assert_int_equal(errors[i].seq_id, failing[i]);
    }
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&good);
    twice_tensors_destroy(&bad);
}

static void
each_request_tells_its_own_tracker(void **state)
{
    nrt_model_t *model = load_twice(*state, 2, -1);
    nrta_error_tracker_t *first = create_tracker();
    nrta_error_tracker_t *second = create_tracker();
    struct twice_tensors pair = create_pair(2);

    write_number(pair.x, RUN_FAILS);
    nrta_seq_t of_first = schedule(model, &pair, first);
    nrta_seq_t of_second = schedule(model, &pair, second);
    nrta_seq_t of_none = schedule(model, &pair, NULL);
    await(of_none);
    check_single_error(first, of_first);
    check_single_error(second, of_second);
    twice_tensors_destroy(&pair);
    nrta_error_tracker_destroy(first);
    nrta_error_tracker_destroy(second);
}

static void
a_tracker_may_be_destroyed_while_its_requests_are_under_way(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    nrta_error_tracker_t *tracker = create_tracker();
    struct twice_tensors pair = create_pair(0);
    const nrta_error_t *errors = NULL;
    struct gate gate;
    size_t count = 0;

    write_number(pair.x, RUN_FAILS);
    gate_close(&gate, executor_of(0));
    (void)schedule(model, &pair, tracker);
    nrta_seq_t last = schedule(model, &pair, tracker);
    nrta_error_tracker_destroy(tracker);
    assert_nrt(NRT_INVALID_HANDLE, nrta_error_tracker_get_list(tracker, &errors, &count));
    gate_open(&gate);
    await(last);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
a_tracker_that_is_full_keeps_the_newest_errors(void **state)
{
    enum { COUNT = LIBNRT_ASYNC_TRACKER_LIMIT + 10 };
    nrt_model_t *model = load_twice(*state, 0, -1);
    nrta_error_tracker_t *tracker = create_tracker();
    struct twice_tensors pair = create_pair(0);
    const nrta_error_t *errors = NULL;
    nrta_seq_t sequence = 0;
    size_t count = 0;

    write_number(pair.x, RUN_FAILS);
    for (int i = 1; i <= COUNT; i += 1) {
        sequence = schedule(model, &pair, tracker);
        if (i % NRTA_QUEUE_LIMIT == 0 || i == COUNT) {
            await(sequence);
        }
    }
    assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
    assert_int_equal(count, LIBNRT_ASYNC_TRACKER_LIMIT);
    assert_int_equal(NRTA_SEQ_GET_SEQ_NUM(errors[0].seq_id), 11);
    assert_int_equal(errors[count - 1].seq_id, sequence);
    assert_logged(*state, "10 older errors are lost");
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
what_fails_without_a_tracker_is_logged(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);

    write_number(pair.x, RUN_FAILS);
    await(schedule(model, &pair, NULL));
    assert_logged(*state, "nrta_execute_schedule  the kernel refused");
    twice_tensors_destroy(&pair);
}

static void
a_full_queue_is_not_logged(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrta_seq_t sequence = 0;
    struct gate gate;

    gate_close(&gate, executor_of(0));
    for (int i = 0; i < NRTA_QUEUE_LIMIT; i += 1) {
        sequence = schedule(model, &pair, NULL);
    }
    assert_nrt(NRT_QUEUE_FULL,
               nrta_execute_schedule(model, pair.inputs, pair.outputs, 0, NULL, &sequence));
    gate_open(&gate);
    await(sequence);
    assert_not_logged(*state, "nrta_execute_schedule");
    twice_tensors_destroy(&pair);
}

static void
a_tracker_is_made_for_a_core_that_is_there(void **state)
{
    nrta_error_tracker_t *tracker = NULL;

    assert_nrt(NRT_INVALID, nrta_error_tracker_create(BENCH_CORES, &tracker));
    assert_logged(*state, "there is no vnc 4; the process owns vnc 0 to 3");
    assert_nrt(NRT_INVALID, nrta_error_tracker_create(UINT32_MAX, &tracker));
    assert_nrt(NRT_INVALID, nrta_error_tracker_create(0, NULL));
    assert_null(tracker);
}

static void
what_is_no_tracker_is_refused(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    nrta_error_tracker_t *tracker = create_tracker();
    nrta_error_tracker_t *garbage = (nrta_error_tracker_t *)(void *)model;
    struct twice_tensors pair = create_pair(0);
    const nrta_error_t *errors = NULL;
    nrta_seq_t sequence = 7;
    size_t count = 0;

    assert_nrt(NRT_INVALID_HANDLE, nrta_error_tracker_get_list(NULL, &errors, &count));
    assert_nrt(NRT_INVALID_HANDLE, nrta_error_tracker_get_list(garbage, &errors, &count));
    assert_nrt(NRT_INVALID, nrta_error_tracker_get_list(tracker, NULL, &count));
    assert_nrt(NRT_INVALID, nrta_error_tracker_get_list(tracker, &errors, NULL));
    assert_nrt(NRT_INVALID_HANDLE,
               nrta_execute_schedule(model, pair.inputs, pair.outputs, 0, garbage, &sequence));
    assert_nrt(NRT_INVALID_HANDLE, nrta_tensor_write(pair.x, "x", 0, 1, 0, garbage, &sequence));
    assert_int_equal(sequence, 7);
    nrta_error_tracker_destroy(NULL);
    nrta_error_tracker_destroy(garbage);
    nrta_error_tracker_destroy(tracker);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
what_is_no_model_or_set_is_refused(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrt_model_t *garbage = (nrt_model_t *)(void *)pair.x;
    nrta_seq_t sequence = 7;

    assert_nrt(NRT_INVALID_HANDLE,
               nrta_execute_schedule(NULL, pair.inputs, pair.outputs, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID_HANDLE,
               nrta_execute_schedule(garbage, pair.inputs, pair.outputs, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID_HANDLE,
               nrta_execute_schedule(model, NULL, pair.outputs, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID_HANDLE,
               nrta_execute_schedule(model, pair.inputs, pair.x, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID,
               nrta_execute_schedule(model, pair.outputs, pair.inputs, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_execute_schedule(model, pair.inputs, pair.outputs, 0, NULL, NULL));
    assert_nrt_ok(nrt_unload(model));
    assert_nrt(NRT_INVALID_HANDLE,
               nrta_execute_schedule(model, pair.inputs, pair.outputs, 0, NULL, &sequence));
    assert_int_equal(sequence, 7);
    twice_tensors_destroy(&pair);
}

static void
tensors_that_do_not_fit_are_refused(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors here = create_pair(0);
    struct twice_tensors there = create_pair(1);
    nrta_seq_t sequence = 7;

    assert_nrt(NRT_INVALID,
               nrta_execute_schedule(model, there.inputs, here.outputs, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_tensor_copy(here.x, 0, there.x, 0, 4, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID,
               nrta_tensor_copy(here.x, 0, here.y, VECTOR_BYTES, 1, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID,
               nrta_tensor_write(here.x, "xx", VECTOR_BYTES - 1, 2, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_tensor_write(here.x, "xx", UINT64_MAX, 2, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_tensor_write(here.x, NULL, 0, 1, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_tensor_read(NULL, here.x, 0, 1, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_tensor_write(here.x, "x", 0, 1, 0, NULL, NULL));
    assert_nrt(NRT_INVALID_HANDLE, nrta_tensor_write(NULL, "x", 0, 1, 0, NULL, &sequence));
    nrt_tensor_t *freed = here.x;
    nrt_tensor_free(&here.x);
    assert_nrt(NRT_INVALID_HANDLE, nrta_tensor_write(freed, "x", 0, 1, 0, NULL, &sequence));
    assert_nrt(NRT_INVALID,
               nrta_execute_schedule(model, here.inputs, here.outputs, 0, NULL, &sequence));
    assert_int_equal(sequence, 7);
    twice_tensors_destroy(&here);
    twice_tensors_destroy(&there);
}

static void
a_refusal_says_what_is_not_there_and_what_is(void **state)
{
    static const struct {
        uint32_t nc;
        int unit;
        int queue;
        const char *text;
    } wrong[] = {
        {9, NRTA_XU_COMPUTE, 0, "  there is no vnc 9; the process owns vnc 0 to 3 status="},
        {0, 7, 0, "  there is no unit 7; they are 0 to 4 status="},
        {0, -1, 0, "  there is no unit -1; they are 0 to 4 status="},
        {3, NRTA_XU_COMPUTE, 1, "  unit 3 (COMPUTE) has no queue 1; it has queue 0 alone status="},
        {3, NRTA_XU_TENSOR_READ, -1,
         "  unit 0 (TENSOR_READ) has no queue -1; it has queues 0 to 1 status="},
        {3, NRTA_XU_COLLECTIVES, 3,
         "  unit 4 (COLLECTIVES) has no queue 3; it has queues 0 to 2 status="},
    };
    nrta_seq_t sequence = 7;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        assert_nrt(NRT_INVALID, nrta_get_sequence(wrong[i].nc, (nrta_xu_t)wrong[i].unit,
                                                  wrong[i].queue, &sequence));
        assert_logged(*state, wrong[i].text);
    }
    assert_int_equal(sequence, 7);
}

static void
queues_that_are_not_there_are_refused(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrta_seq_t sequence = 7;

    assert_nrt(NRT_INVALID,
               nrta_execute_schedule(model, pair.inputs, pair.outputs, 1, NULL, &sequence));
    assert_logged(*state, "unit 3 (COMPUTE) has no queue 1; it has queue 0 alone");
    assert_nrt(NRT_INVALID, nrta_tensor_write(pair.x, "x", 0, 1, 2, NULL, &sequence));
    assert_logged(*state, "unit 1 (TENSOR_WRITE) has no queue 2; it has queues 0 to 1");
    assert_nrt(NRT_INVALID, nrta_tensor_write(pair.x, "x", 0, 1, -1, NULL, &sequence));
    assert_nrt(NRT_INVALID, nrta_get_sequence(BENCH_CORES, NRTA_XU_COMPUTE, 0, &sequence));
    assert_nrt(NRT_INVALID, nrta_get_sequence(0, NRTA_XU_COMPUTE, 1, &sequence));
    assert_nrt(NRT_INVALID, nrta_get_sequence(0, NRTA_XU_COLLECTIVES, 3, &sequence));
    assert_nrt(NRT_INVALID, nrta_get_sequence(0, NRTA_XU_TYPE_NUM, 0, &sequence));
    assert_nrt(NRT_INVALID, nrta_get_sequence(0, NRTA_XU_COMPUTE, 0, NULL));
    assert_int_equal(sequence, 7);
    twice_tensors_destroy(&pair);
}

static void
sequence_ids_that_no_request_has_are_refused(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrta_seq_t given = schedule(model, &pair, NULL);
    const nrta_seq_t wrong[] = {0, given - 1, given + 1, UINT64_MAX, given | 1ULL << 63};
    bool is_completed = false;
    int descriptor = -7;

    await(given);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        assert_nrt(NRT_INVALID, nrta_is_completed(wrong[i], &is_completed));
        assert_nrt(NRT_INVALID, nrta_get_completion_handle(wrong[i], &descriptor));
    }
    assert_nrt(NRT_INVALID, nrta_is_completed(given, NULL));
    assert_nrt(NRT_INVALID, nrta_get_completion_handle(given, NULL));
    assert_false(is_completed);
    assert_int_equal(descriptor, -7);
    twice_tensors_destroy(&pair);
}

static void
collectives_are_refused(void **state)
{
    nrt_cc_context_t *context = NULL;
    nrta_seq_t sequence = 7;

    (void)state;
    assert_nrt(NRT_RESOURCE, nrta_cc_prepare(NULL, NULL, NULL, NRT_DTYPE_FLOAT32, NRT_OP_ADD,
                                             NRT_CC_ALLREDUCE, &context));
    assert_nrt(NRT_RESOURCE, nrta_cc_schedule(&context, 0, NULL, &sequence));
    assert_null(context);
    assert_int_equal(sequence, 7);
}

/* Calls everything, and fails the test unless all of it returns this status. */
static void
check_all_calls(NRT_STATUS expected, struct twice_tensors *pair)
{
    nrta_error_tracker_t *tracker = NULL;
    const nrta_error_t *errors = NULL;
    size_t count = 0;
    nrta_seq_t sequence = 7;
    bool is_completed = false;
    int descriptor = -7;

    assert_nrt(expected, nrta_tensor_write(pair->x, "x", 0, 1, 0, NULL, &sequence));
    assert_nrt(expected, nrta_tensor_read(&count, pair->x, 0, 1, 0, NULL, &sequence));
    assert_nrt(expected, nrta_tensor_copy(pair->x, 0, pair->x, 0, 1, 0, NULL, &sequence));
    assert_nrt(expected,
               nrta_execute_schedule(NULL, pair->inputs, pair->outputs, 0, NULL, &sequence));
    assert_nrt(expected, nrta_cc_schedule(NULL, 0, NULL, &sequence));
    assert_nrt(expected, nrta_is_completed(1, &is_completed));
    assert_nrt(expected, nrta_get_sequence(0, NRTA_XU_COMPUTE, 0, &sequence));
    assert_nrt(expected, nrta_get_completion_handle(1, &descriptor));
    assert_nrt(expected, nrta_error_tracker_create(0, &tracker));
    assert_nrt(expected, nrta_error_tracker_get_list(tracker, &errors, &count));
    nrta_error_tracker_destroy(tracker);
    assert_null(tracker);
    assert_int_equal(sequence, 7);
    assert_int_equal(descriptor, -7);
}

static void
before_the_library_is_opened_all_is_refused(void **state)
{
    struct twice_tensors none = {0};

    (void)state;
    check_all_calls(NRT_UNINITIALIZED, &none);
}

static void
after_the_library_was_closed_all_is_refused(void **state)
{
    nrta_error_tracker_t *tracker = create_tracker();
    struct twice_tensors pair = create_pair(0);

    (void)state;
    nrt_close();
    check_all_calls(NRT_CLOSED, &pair);
    nrta_error_tracker_destroy(tracker);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(before_the_library_is_opened_all_is_refused,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_request_that_failed_is_completed_and_in_the_list_once,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(an_error_has_the_status_of_its_run, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(errors_come_in_the_order_of_their_requests, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(each_request_tells_its_own_tracker, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_tracker_may_be_destroyed_while_its_requests_are_under_way,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_tracker_that_is_full_keeps_the_newest_errors,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(what_fails_without_a_tracker_is_logged, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_is_not_logged, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_tracker_is_made_for_a_core_that_is_there, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_tracker_is_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_model_or_set_is_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(tensors_that_do_not_fit_are_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_refusal_says_what_is_not_there_and_what_is,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(queues_that_are_not_there_are_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(sequence_ids_that_no_request_has_are_refused,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(collectives_are_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(after_the_library_was_closed_all_is_refused,
                                        nrt_bench_setup, nrt_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

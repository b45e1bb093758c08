/* SPDX-License-Identifier: Apache-2.0 */
/* The queues below the asynchronous calls: order, numbers, bounds, threads, ends. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nrt/async_queue.h"

#include "descriptors.h"
#include "gate.h"
#include "queue_fixture.h"

enum { MANY = 2000 };

static void
sequence_ids_name_the_queue_and_rise_by_one(void **state)
{
    assert_int_equal(submit(*state), sequence_of(1));
    assert_int_equal(submit(*state), sequence_of(2));
    assert_int_equal(submit(*state), sequence_of(3));
}

static void
nothing_is_completed_before_the_first_request(void **state)
{
    const struct queue_fixture *fixture = *state;

    assert_int_equal(libnrt_async_queue_completed(fixture->queue), sequence_of(0));
}

static void
requests_are_done_in_the_order_of_their_sequence(void **state)
{
    enum { COUNT = 200 };
    struct queue_fixture *fixture = *state;
    uint64_t last = 0;

    for (uint64_t i = 1; i <= COUNT; i += 1) {
        last = submit(fixture);
        if (i % LIBNRT_ASYNC_QUEUE_LIMIT == 0) {
            await_completion(fixture, last);
        }
    }
    await_completion(fixture, last);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue), sequence_of(COUNT));
    assert_int_equal(fixture->record.count, COUNT);
    for (uint64_t i = 0; i < COUNT; i += 1) {
        assert_int_equal(fixture->record.sequences[i], sequence_of(i + 1));
    }
}

/* Submits some requests that stay open, and waits until the executor has begun them. */
static void
begin_open_requests(struct queue_fixture *fixture, uint32_t count)
{
    struct gate gate;

    fixture->record.leaves_open = true;
    for (uint32_t i = 0; i < count; i += 1) {
        (void)submit(fixture);
    }
    gate_close(&gate, fixture->executor);
    gate_await_arrival(&gate);
    gate_open(&gate);
    assert_int_equal(fixture->record.count, count);
}

static void
end_open_request(struct queue_fixture *fixture, uint32_t index)
{
    const struct libnrt_async_after nothing = {.act = NULL};

    libnrt_async_queue_end(fixture->queue, fixture->record.bodies[index], &nothing);
}

static void
requests_that_end_out_of_order_are_reported_in_order(void **state)
{
    struct queue_fixture *fixture = *state;

    begin_open_requests(fixture, 4);
    int descriptor = open_descriptor(fixture, sequence_of(3));
    end_open_request(fixture, 2);
    end_open_request(fixture, 1);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue), sequence_of(0));
    assert_false(is_readable(descriptor));
    end_open_request(fixture, 0);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue), sequence_of(3));
    assert_true(is_readable(descriptor));
    end_open_request(fixture, 3);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue), sequence_of(4));
    assert_int_equal(close(descriptor), 0);
}

static void
count_act(void *count)
{
    *(uint32_t *)count += 1;
}

static void
what_is_left_of_a_request_is_done_when_it_is_reported(void **state)
{
    struct queue_fixture *fixture = *state;
    uint32_t acts = 0;
    const struct libnrt_async_after after = {.act = count_act, .argument = &acts};

    begin_open_requests(fixture, 3);
    libnrt_async_queue_end(fixture->queue, fixture->record.bodies[1], &after);
    libnrt_async_queue_end(fixture->queue, fixture->record.bodies[2], &after);
    assert_int_equal(acts, 0);
    end_open_request(fixture, 0);
    assert_int_equal(acts, 2);
}

static void
a_request_that_ended_early_keeps_its_place_until_it_is_reported(void **state)
{
    struct queue_fixture *fixture = *state;
    void *body = NULL;

    begin_open_requests(fixture, LIBNRT_ASYNC_QUEUE_LIMIT);
    for (uint32_t i = 1; i < LIBNRT_ASYNC_QUEUE_LIMIT; i += 1) {
        end_open_request(fixture, i);
    }
    assert_int_equal(libnrt_async_queue_take(fixture->queue, &body, NULL), NEURON_QUEUE_FULL);
    end_open_request(fixture, 0);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue),
                     sequence_of(LIBNRT_ASYNC_QUEUE_LIMIT));
    fixture->record.leaves_open = false;
    await_completion(fixture, submit(fixture));
}

static void
a_full_queue_refuses_and_takes_again_after_progress(void **state)
{
    struct queue_fixture *fixture = *state;
    struct neuron_error error = {0};
    struct gate gate;
    uint64_t last = 0;

    gate_close(&gate, fixture->executor);
    for (uint32_t i = 0; i < LIBNRT_ASYNC_QUEUE_LIMIT; i += 1) {
        last = submit(fixture);
    }
    uint64_t refused = 77;
    assert_status(NEURON_QUEUE_FULL, submit_to(fixture->queue, &fixture->record, &refused, &error),
                  &error);
    assert_contains(error.text, "64 requests wait in this queue");
    assert_int_equal(refused, 77);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue), sequence_of(0));
    gate_open(&gate);
    await_completion(fixture, last);
    assert_int_equal(submit(fixture), last + 1);
    await_completion(fixture, last + 1);
    assert_int_equal(fixture->record.count, LIBNRT_ASYNC_QUEUE_LIMIT + 1);
}

static void
a_place_that_was_given_back_is_free_and_took_no_number(void **state)
{
    struct queue_fixture *fixture = *state;
    struct neuron_error error = {0};
    void *bodies[LIBNRT_ASYNC_QUEUE_LIMIT] = {NULL};
    void *one_more = NULL;

    for (uint32_t i = 0; i < LIBNRT_ASYNC_QUEUE_LIMIT; i += 1) {
        assert_ok(libnrt_async_queue_take(fixture->queue, &bodies[i], &error), &error);
    }
    assert_status(NEURON_QUEUE_FULL, libnrt_async_queue_take(fixture->queue, &one_more, &error),
                  &error);
    assert_null(one_more);
    for (uint32_t i = 0; i < LIBNRT_ASYNC_QUEUE_LIMIT; i += 1) {
        libnrt_async_queue_give_back(fixture->queue, bodies[i]);
    }
    assert_int_equal(submit(fixture), sequence_of(1));
}

static void
a_full_inbox_is_a_full_queue(void **state)
{
    enum { QUEUES = NEURON_INBOX_LIMIT / LIBNRT_ASYNC_QUEUE_LIMIT + 1 };
    struct queue_fixture *fixture = *state;
    struct libnrt_async_queue *queues[QUEUES] = {NULL};
    enum neuron_status status = NEURON_OK;
    struct neuron_error error = {0};
    uint64_t sequence = 0;
    struct gate gate;

    gate_close(&gate, fixture->executor);
    gate_await_arrival(&gate);
    for (uint32_t i = 0; i < QUEUES; i += 1) {
        queues[i] = create_queue(fixture->executor, (uint16_t)i);
    }
    for (uint32_t i = 0; i < NEURON_INBOX_LIMIT; i += 1) {
        status = submit_to(queues[i % QUEUES], &fixture->record, &sequence, &error);
        assert_status(NEURON_OK, status, &error);
    }
    status = submit_to(queues[QUEUES - 1], &fixture->record, &sequence, &error);
    assert_status(NEURON_QUEUE_FULL, status, &error);
    assert_contains(error.text, "nc:0 has 1000 requests waiting");
    gate_open(&gate);
    for (uint32_t i = 0; i < QUEUES; i += 1) {
        libnrt_async_queue_drain(queues[i]);
        libnrt_async_queue_destroy(queues[i]);
    }
    assert_int_equal(fixture->record.count, NEURON_INBOX_LIMIT);
}

static enum neuron_status
ask(struct queue_fixture *fixture, uint64_t sequence, bool *is_completed,
    struct neuron_error *error)
{
    return libnrt_async_queue_is_completed(fixture->queue, sequence, is_completed, error);
}

static void
a_request_is_completed_once_it_was_done(void **state)
{
    struct queue_fixture *fixture = *state;
    struct neuron_error error = {0};
    struct gate gate;
    bool is_completed = true;

    gate_close(&gate, fixture->executor);
    uint64_t first = submit(fixture);
    uint64_t second = submit(fixture);
    assert_ok(ask(fixture, first, &is_completed, &error), &error);
    assert_false(is_completed);
    gate_open(&gate);
    await_completion(fixture, second);
    assert_ok(ask(fixture, first, &is_completed, &error), &error);
    assert_true(is_completed);
}

static void
a_sequence_id_that_was_never_given_is_refused(void **state)
{
    struct queue_fixture *fixture = *state;
    const uint64_t wrong[] = {0, sequence_of(0), sequence_of(2), UINT64_C(0x13) << 48 | 1,
                              1, UINT64_MAX};
    struct neuron_error error = {0};
    bool is_completed = false;
    int descriptor = -7;

    await_completion(fixture, submit(fixture));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        assert_status(NEURON_INVALID_ARGUMENT, ask(fixture, wrong[i], &is_completed, &error),
                      &error);
        assert_false(is_completed);
        assert_status(
            NEURON_INVALID_ARGUMENT,
            libnrt_async_queue_open_descriptor(fixture->queue, wrong[i], &descriptor, &error),
            &error);
        assert_int_equal(descriptor, -7);
    }
    assert_contains(error.text, "0xffffffffffffffff");
}

struct drainer {
    pthread_t thread;
    struct libnrt_async_queue *queue;
    _Atomic bool is_done;
};

static void *
drain(void *argument)
{
    struct drainer *drainer = argument;

    libnrt_async_queue_drain(drainer->queue);
    atomic_store(&drainer->is_done, true);
    return NULL;
}

static void
a_drained_queue_has_done_all_and_takes_no_more(void **state)
{
    struct queue_fixture *fixture = *state;
    struct drainer drainer = {.queue = fixture->queue};
    struct neuron_error error = {0};
    struct gate gate;
    void *body = NULL;

    gate_close(&gate, fixture->executor);
    for (uint32_t i = 0; i < 10; i += 1) {
        (void)submit(fixture);
    }
    assert_ok(libnrt_async_queue_take(fixture->queue, &body, &error), &error);
    assert_int_equal(pthread_create(&drainer.thread, NULL, drain, &drainer), 0);
    uint64_t sequence = 0;
    enum neuron_status status = NEURON_OK;
    while (status == NEURON_OK || status == NEURON_QUEUE_FULL) {
        status = submit_to(fixture->queue, &fixture->record, &sequence, &error);
    }
    assert_status(NEURON_STOPPED, status, &error);
    assert_status(NEURON_STOPPED,
                  libnrt_async_queue_submit(fixture->queue, body, &sequence, &error), &error);
    gate_open(&gate);
    libnrt_async_queue_give_back(fixture->queue, body);
    assert_int_equal(pthread_join(drainer.thread, NULL), 0);
    assert_true(atomic_load(&drainer.is_done));
    assert_true(fixture->record.count >= 10);
    assert_int_equal(libnrt_async_queue_completed(fixture->queue),
                     sequence_of(fixture->record.count));
}

/* What is done after the completion of requests. */
struct aftermath {
    struct libnrt_async_queue *queue;
    uint32_t count;
    uint32_t late_count; /* how often the request was not reported yet */
};

static void
look_at_completion(void *argument)
{
    struct aftermath *aftermath = argument;

    aftermath->count += 1;
    (void)sched_yield();
    if (libnrt_async_queue_completed(aftermath->queue) != sequence_of(aftermath->count)) {
        aftermath->late_count += 1;
    }
}

static void
what_is_left_to_do_comes_after_the_completion_and_before_the_end(void **state)
{
    enum { REQUESTS = 32 };
    struct queue_fixture *fixture = *state;
    struct aftermath aftermath = {.queue = fixture->queue};
    struct gate gate;

    fixture->record.after =
        (struct libnrt_async_after){.act = look_at_completion, .argument = &aftermath};
    gate_close(&gate, fixture->executor);
    for (uint32_t i = 0; i < REQUESTS; i += 1) {
        (void)submit(fixture);
    }
    gate_open(&gate);
    libnrt_async_queue_drain(fixture->queue);
    assert_int_equal(aftermath.count, REQUESTS);
    assert_int_equal(aftermath.late_count, 0);
}

static void
what_bodies_keep_is_disposed_with_the_queue(void **state)
{
    struct queue_fixture *fixture = *state;
    struct libnrt_async_queue *queue = create_queue(fixture->executor, 3);
    struct neuron_error error = {0};
    uint64_t sequence = 0;

    assert_ok(submit_to(queue, &fixture->record, &sequence, &error), &error);
    libnrt_async_queue_drain(queue);
    assert_int_equal(atomic_load(&fixture->record.disposed_count), 0);
    libnrt_async_queue_destroy(queue);
    assert_int_equal(atomic_load(&fixture->record.disposed_count), 1);
    libnrt_async_queue_destroy(NULL);
}

/* A thread that submits beside others, and gives way while the queue is full. */
struct submitter {
    pthread_t thread;
    struct queue_fixture *fixture;
    uint64_t last;
    uint32_t full_count;
    bool has_failed;
};

static void *
submit_many(void *argument)
{
    struct submitter *submitter = argument;
    struct queue_fixture *fixture = submitter->fixture;
    uint32_t count = 0;

    while (count < MANY && !submitter->has_failed) {
        uint64_t sequence = 0;
        enum neuron_status status = submit_to(fixture->queue, &fixture->record, &sequence, NULL);

        if (status == NEURON_OK) {
            submitter->has_failed = sequence <= submitter->last;
            submitter->last = sequence;
            count += 1;
        } else {
            submitter->has_failed = status != NEURON_QUEUE_FULL;
            submitter->full_count += 1;
            (void)sched_yield();
        }
    }
    return NULL;
}

static void
eight_threads_submit_and_each_sees_its_numbers_rise(void **state)
{
    enum { THREADS = 8, ALL = THREADS * MANY };
    struct queue_fixture *fixture = *state;
    struct submitter submitters[THREADS];

    for (uint32_t i = 0; i < THREADS; i += 1) {
        submitters[i] = (struct submitter){.fixture = fixture};
        assert_int_equal(pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]),
                         0);
    }
    for (uint32_t i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(submitters[i].thread, NULL), 0);
        assert_false(submitters[i].has_failed);
    }
    await_completion(fixture, sequence_of(ALL));
    assert_int_equal(fixture->record.count, ALL);
    for (uint64_t i = 0; i < ALL; i += 1) {
        assert_int_equal(fixture->record.sequences[i], sequence_of(i + 1));
    }
}

static void
a_forked_child_submits_nothing(void **state)
{
    struct queue_fixture *fixture = *state;
    struct gate gate;
    int end = 0;

    gate_close(&gate, fixture->executor);
    int descriptor = open_descriptor(fixture, submit(fixture));
    pid_t child = fork();
    if (child == 0) {
        uint64_t sequence = 0;
        bool is_refused =
            submit_to(fixture->queue, &fixture->record, &sequence, NULL) == NEURON_STOPPED;

        _exit(is_refused ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), EXIT_SUCCESS);
    gate_open(&gate);
    assert_true(becomes_readable(descriptor));
    assert_int_equal(close(descriptor), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sequence_ids_name_the_queue_and_rise_by_one,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(nothing_is_completed_before_the_first_request,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(requests_that_end_out_of_order_are_reported_in_order,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(what_is_left_of_a_request_is_done_when_it_is_reported,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(
            a_request_that_ended_early_keeps_its_place_until_it_is_reported, queue_fixture_create,
            queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(requests_are_done_in_the_order_of_their_sequence,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses_and_takes_again_after_progress,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_place_that_was_given_back_is_free_and_took_no_number,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_full_inbox_is_a_full_queue, queue_fixture_create,
                                        queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_request_is_completed_once_it_was_done,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_sequence_id_that_was_never_given_is_refused,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_drained_queue_has_done_all_and_takes_no_more,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(
            what_is_left_to_do_comes_after_the_completion_and_before_the_end, queue_fixture_create,
            queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(what_bodies_keep_is_disposed_with_the_queue,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(eight_threads_submit_and_each_sees_its_numbers_rise,
                                        queue_fixture_create, queue_fixture_destroy),
        cmocka_unit_test_setup_teardown(a_forked_child_submits_nothing, queue_fixture_create,
                                        queue_fixture_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

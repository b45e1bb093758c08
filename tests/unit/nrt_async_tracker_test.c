/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests leave their errors. */
#include "check.h"

#include <pthread.h>
#include <stdbool.h>

#include "nrt/async_tracker.h"

enum { LIMIT = LIBNRT_ASYNC_TRACKER_LIMIT };

static struct nrta_error_tracker *
create_tracker(void)
{
    struct nrta_error_tracker *tracker = NULL;
    struct neuron_error error = {0};

    assert_ok(libnrt_async_tracker_create(&tracker, &error), &error);
    return tracker;
}

/* Records errors with the sequence ids from `first` to `last`. */
static void
record_range(struct nrta_error_tracker *tracker, nrta_seq_t first, nrta_seq_t last)
{
    for (nrta_seq_t i = first; i <= last; i += 1) {
        libnrt_async_tracker_record(tracker, i, NRT_TIMEOUT);
    }
}

/* Takes all errors, and fails the test unless they are those from `first` to `last`. */
static void
check_range(struct nrta_error_tracker *tracker, nrta_seq_t first, nrta_seq_t last, uint64_t lost)
{
    size_t count = 0;
    uint64_t lost_count = 0;
    const nrta_error_t *errors = libnrt_async_tracker_take(tracker, &count, &lost_count);

    assert_int_equal(count, last - first + 1);
    assert_int_equal(lost_count, lost);
    for (size_t i = 0; i < count; i += 1) {
        assert_int_equal(errors[i].seq_id, first + i);
        assert_int_equal(errors[i].error_code, NRT_TIMEOUT);
    }
}

static void
check_empty(struct nrta_error_tracker *tracker)
{
    size_t count = 1;
    uint64_t lost_count = 1;

    assert_non_null(libnrt_async_tracker_take(tracker, &count, &lost_count));
    assert_int_equal(count, 0);
    assert_int_equal(lost_count, 0);
}

static void
a_new_tracker_has_no_errors(void **state)
{
    struct nrta_error_tracker *tracker = create_tracker();

    (void)state;
    check_empty(tracker);
    libnrt_async_tracker_drop(tracker);
}

static void
errors_are_taken_once_and_in_their_order(void **state)
{
    struct nrta_error_tracker *tracker = create_tracker();

    (void)state;
    record_range(tracker, 10, 12);
    check_range(tracker, 10, 12, 0);
    check_empty(tracker);
    record_range(tracker, 13, 13);
    check_range(tracker, 13, 13, 0);
    libnrt_async_tracker_drop(tracker);
}

static void
what_was_taken_stays_while_further_errors_come(void **state)
{
    struct nrta_error_tracker *tracker = create_tracker();
    size_t count = 0;
    uint64_t lost_count = 0;

    (void)state;
    record_range(tracker, 1, 3);
    const nrta_error_t *errors = libnrt_async_tracker_take(tracker, &count, &lost_count);
    record_range(tracker, 7, 9);
    assert_int_equal(count, 3);
    assert_int_equal(errors[0].seq_id, 1);
    assert_int_equal(errors[2].seq_id, 3);
    check_range(tracker, 7, 9, 0);
    libnrt_async_tracker_drop(tracker);
}

static void
a_full_tracker_keeps_the_newest_and_counts_the_rest(void **state)
{
    struct nrta_error_tracker *tracker = create_tracker();

    (void)state;
    record_range(tracker, 1, LIMIT);
    check_range(tracker, 1, LIMIT, 0);
    record_range(tracker, 1, LIMIT + 5);
    check_range(tracker, 6, LIMIT + 5, 5);
    record_range(tracker, 1, 2);
    check_range(tracker, 1, 2, 0);
    libnrt_async_tracker_drop(tracker);
}

static void
a_tracker_lives_until_the_last_one_drops_it(void **state)
{
    struct nrta_error_tracker *tracker = create_tracker();

    (void)state;
    libnrt_async_tracker_share(tracker);
    libnrt_async_tracker_drop(tracker);
    record_range(tracker, 1, 1);
    libnrt_async_tracker_drop(tracker);
    libnrt_async_tracker_drop(NULL);
}

struct recorder {
    pthread_t thread;
    struct nrta_error_tracker *tracker;
};

static void *
record_and_drop(void *argument)
{
    const struct recorder *recorder = argument;

    record_range(recorder->tracker, 1, 100);
    libnrt_async_tracker_drop(recorder->tracker);
    return NULL;
}

static void
threads_record_while_another_takes(void **state)
{
    enum { THREADS = 8 };
    struct nrta_error_tracker *tracker = create_tracker();
    struct recorder recorders[THREADS];
    size_t total = 0;
    uint64_t lost_count = 0;

    (void)state;
    for (uint32_t i = 0; i < THREADS; i += 1) {
        libnrt_async_tracker_share(tracker);
        recorders[i].tracker = tracker;
        assert_int_equal(pthread_create(&recorders[i].thread, NULL, record_and_drop, &recorders[i]),
                         0);
    }
    while (total < (size_t)THREADS * 100) {
        size_t count = 0;

        (void)libnrt_async_tracker_take(tracker, &count, &lost_count);
        total += count;
    }
    libnrt_async_tracker_drop(tracker);
    for (uint32_t i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(recorders[i].thread, NULL), 0);
    }
    assert_int_equal(total, THREADS * 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_tracker_has_no_errors),
        cmocka_unit_test(errors_are_taken_once_and_in_their_order),
        cmocka_unit_test(what_was_taken_stays_while_further_errors_come),
        cmocka_unit_test(a_full_tracker_keeps_the_newest_and_counts_the_rest),
        cmocka_unit_test(a_tracker_lives_until_the_last_one_drops_it),
        cmocka_unit_test(threads_record_while_another_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "call_report.h"

enum { THREAD_COUNT = 8, CHUNKS_A_THREAD = 5000, BEGIN_NS = 1000 };

static const struct neuron_call_share cores[] = {{0, 8}, {1, 9}, {2, 10}};

static struct neuron_data_parallel_report *
create(uint32_t share_count)
{
    struct neuron_data_parallel_report *report = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_call_report_create(share_count, &report, &error), &error);
    return report;
}

static void
begin(struct neuron_data_parallel_report *report, uint32_t share_count, uint64_t chunk_count)
{
    struct neuron_error error = {0};

    assert_ok(neuron_call_report_begin(report, cores, share_count, chunk_count, BEGIN_NS, &error),
              &error);
}

/* Notes chunk number `chunk` of two rows, which copied 16 bytes. */
static void
note(struct neuron_data_parallel_report *report, uint32_t share, int64_t chunk,
     const uint64_t times[4])
{
    const struct neuron_data_parallel_event event = {.share = share,
                                                     .chunk = chunk,
                                                     .first_row = 2 * chunk,
                                                     .row_count = 2,
                                                     .begin_ns = times[0],
                                                     .run_ns = times[1],
                                                     .ran_ns = times[2],
                                                     .end_ns = times[3]};

    neuron_call_report_note(report, &event, 16);
}

static void
assert_share(const struct neuron_data_parallel_report *report, uint32_t index,
             const struct neuron_data_parallel_share *expected)
{
    const struct neuron_data_parallel_share *share =
        neuron_data_parallel_report_share(report, index);

    assert_int_equal(share->nc, expected->nc);
    assert_int_equal(share->core, expected->core);
    assert_int_equal(share->chunk_count, expected->chunk_count);
    assert_int_equal(share->row_count, expected->row_count);
    assert_int_equal(share->run_ns, expected->run_ns);
    assert_int_equal(share->copy_ns, expected->copy_ns);
    assert_int_equal(share->wait_ns, expected->wait_ns);
    assert_int_equal(share->copied_bytes, expected->copied_bytes);
}

/* What a report prints; freed by the caller. */
static char *
print(const struct neuron_data_parallel_report *report)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    assert_non_null(stream);
    neuron_data_parallel_report_print(report, 10, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void
a_new_report_tells_of_no_call(void **state)
{
    struct neuron_data_parallel_report *report = create(3);
    const struct neuron_data_parallel_share nothing = {0};
    char *text = print(report);

    (void)state;
    assert_int_equal(neuron_data_parallel_report_share_count(report), 3);
    assert_int_equal(neuron_data_parallel_report_event_count(report), 0);
    assert_int_equal(neuron_data_parallel_report_duration_ns(report), 0);
    assert_share(report, 2, &nothing);
    assert_string_equal(text, "no call has ended with this report\n");
    free(text);
    neuron_data_parallel_report_destroy(report);
    neuron_data_parallel_report_destroy(NULL);
}

static void
the_time_of_one_lane_is_run_copy_and_wait(void **state)
{
    struct neuron_data_parallel_report *report = create(2);

    (void)state;
    begin(report, 2, 3);
    note(report, 1, 1, (const uint64_t[4]){0, 5, 50, 50});
    note(report, 0, 0, (const uint64_t[4]){10, 10, 40, 43});
    note(report, 1, 2, (const uint64_t[4]){60, 60, 90, 90});
    neuron_call_report_end(report, BEGIN_NS + 100);
    assert_share(report, 0,
                 &(struct neuron_data_parallel_share){.nc = 0,
                                                      .core = 8,
                                                      .chunk_count = 1,
                                                      .row_count = 2,
                                                      .run_ns = 30,
                                                      .copy_ns = 3,
                                                      .wait_ns = 67,
                                                      .copied_bytes = 16});
    assert_share(report, 1,
                 &(struct neuron_data_parallel_share){.nc = 1,
                                                      .core = 9,
                                                      .chunk_count = 2,
                                                      .row_count = 4,
                                                      .run_ns = 75,
                                                      .copy_ns = 5,
                                                      .wait_ns = 20,
                                                      .copied_bytes = 32});
    neuron_data_parallel_report_destroy(report);
}

static void
events_are_in_the_order_of_shares_and_begins(void **state)
{
    static const int64_t order[] = {3, 0, 2, 1, 4};
    struct neuron_data_parallel_report *report = create(2);

    (void)state;
    begin(report, 2, 5);
    note(report, 1, 4, (const uint64_t[4]){50, 50, 60, 60});
    note(report, 1, 1, (const uint64_t[4]){20, 20, 30, 30});
    note(report, 0, 0, (const uint64_t[4]){20, 20, 30, 30});
    note(report, 0, 3, (const uint64_t[4]){10, 10, 20, 20});
    note(report, 0, 2, (const uint64_t[4]){20, 20, 40, 40});
    neuron_call_report_end(report, BEGIN_NS + 100);
    assert_int_equal(neuron_data_parallel_report_event_count(report), 5);
    for (uint64_t i = 0; i < 5; i += 1) {
        const struct neuron_data_parallel_event *event =
            neuron_data_parallel_report_event(report, i);

        assert_int_equal(event->chunk, order[i]);
        assert_int_equal(event->share, i < 3 ? 0 : 1);
        assert_int_equal(event->first_row, 2 * order[i]);
        assert_int_equal(event->row_count, 2);
    }
    neuron_data_parallel_report_destroy(report);
}

static void
a_pipeline_waits_when_no_chunk_is_in_flight(void **state)
{
    struct neuron_data_parallel_report *report = create(1);

    (void)state;
    begin(report, 1, 3);
    note(report, 0, 0, (const uint64_t[4]){10, 10, 40, 40});
    note(report, 0, 1, (const uint64_t[4]){20, 25, 60, 60});
    note(report, 0, 2, (const uint64_t[4]){70, 70, 80, 80});
    neuron_call_report_end(report, BEGIN_NS + 100);
    assert_share(report, 0,
                 &(struct neuron_data_parallel_share){.nc = 0,
                                                      .core = 8,
                                                      .chunk_count = 3,
                                                      .row_count = 6,
                                                      .run_ns = 75,
                                                      .copy_ns = 5,
                                                      .wait_ns = 40,
                                                      .copied_bytes = 48});
    neuron_data_parallel_report_destroy(report);
}

static void
chunks_run_again_count_although_they_have_no_room(void **state)
{
    struct neuron_data_parallel_report *report = create(1);

    (void)state;
    /* Room for a chunk, and for one run again; both are run once more. */
    begin(report, 1, 1);
    for (uint64_t i = 0; i < 4; i += 1) {
        note(report, 0, 0, (const uint64_t[4]){20 * i, 20 * i + 2, 20 * i + 9, 20 * i + 10});
    }
    neuron_call_report_end(report, BEGIN_NS + 100);
    assert_int_equal(neuron_data_parallel_report_event_count(report), 2);
    assert_share(report, 0,
                 &(struct neuron_data_parallel_share){.nc = 0,
                                                      .core = 8,
                                                      .chunk_count = 4,
                                                      .row_count = 8,
                                                      .run_ns = 28,
                                                      .copy_ns = 12,
                                                      .wait_ns = 60,
                                                      .copied_bytes = 64});
    neuron_data_parallel_report_destroy(report);
}

static void
times_that_are_missing_are_those_before(void **state)
{
    struct neuron_data_parallel_report *report = create(1);
    const struct neuron_data_parallel_event *event = NULL;

    (void)state;
    begin(report, 1, 2);
    note(report, 0, 0, (const uint64_t[4]){10, 0, 0, 30});
    note(report, 0, 1, (const uint64_t[4]){40, 0, 0, 0});
    neuron_call_report_end(report, BEGIN_NS + 100);
    event = neuron_data_parallel_report_event(report, 0);
    assert_int_equal(event->run_ns, 10);
    assert_int_equal(event->ran_ns, 10);
    event = neuron_data_parallel_report_event(report, 1);
    assert_int_equal(event->end_ns, 40);
    assert_int_equal(neuron_data_parallel_report_share(report, 0)->copy_ns, 20);
    assert_int_equal(neuron_data_parallel_report_share(report, 0)->wait_ns, 80);
    neuron_data_parallel_report_destroy(report);
}

static void
a_chunk_past_the_end_leaves_no_wait(void **state)
{
    struct neuron_data_parallel_report *report = create(1);

    (void)state;
    begin(report, 1, 1);
    note(report, 0, 0, (const uint64_t[4]){0, 0, 500, 500});
    neuron_call_report_end(report, BEGIN_NS + 100);
    assert_int_equal(neuron_data_parallel_report_share(report, 0)->wait_ns, 0);
    begin(report, 1, 1);
    neuron_call_report_end(report, BEGIN_NS - 1);
    assert_int_equal(neuron_data_parallel_report_duration_ns(report), 0);
    assert_int_equal(neuron_data_parallel_report_share(report, 0)->wait_ns, 0);
    neuron_data_parallel_report_destroy(report);
}

static void
a_report_is_begun_afresh(void **state)
{
    struct neuron_data_parallel_report *report = create(1);
    char *text = NULL;

    (void)state;
    begin(report, 3, 2);
    note(report, 2, 0, (const uint64_t[4]){0, 0, 10, 10});
    note(report, 0, 1, (const uint64_t[4]){0, 0, 10, 10});
    neuron_call_report_end(report, BEGIN_NS + 10);
    assert_int_equal(neuron_data_parallel_report_share_count(report), 3);

    begin(report, 1, 1);
    text = print(report);
    assert_string_equal(text, "no call has ended with this report\n");
    free(text);
    neuron_call_report_end(report, BEGIN_NS + 20);
    assert_int_equal(neuron_data_parallel_report_event_count(report), 0);
    assert_int_equal(neuron_data_parallel_report_share_count(report), 1);
    assert_share(report, 0,
                 &(struct neuron_data_parallel_share){.nc = 0, .core = 8, .wait_ns = 20});
    neuron_data_parallel_report_destroy(report);
}

static void
a_report_prints_its_chart(void **state)
{
    struct neuron_data_parallel_report *report = create(2);
    char *text = NULL;

    (void)state;
    begin(report, 2, 2);
    note(report, 1, 1, (const uint64_t[4]){0, 20, 100, 100});
    note(report, 0, 0, (const uint64_t[4]){0, 0, 50, 50});
    neuron_call_report_end(report, BEGIN_NS + 100);
    text = print(report);
    assert_string_equal(text,
                        "2 replicas, 2 chunks, 4 rows in 100 ns: 75% busy, 32 bytes copied\n"
                        "         ns |0         |  busy  chunks  rows     run    copy    wait\n"
                        "nc:0 core 8 |#####.....|   50%       1     2      50       0      50\n"
                        "nc:1 core 9 |==########|  100%       1     2      80      20       0\n"
                        "# run, = copy, . idle: what took most of a column\n");
    free(text);
    neuron_data_parallel_report_destroy(report);
}

static void
too_many_chunks_leave_the_report_as_it_was(void **state)
{
    static const uint64_t counts[] = {UINT64_MAX, UINT64_MAX - 3, UINT64_MAX / 64 + 1};
    struct neuron_data_parallel_report *report = create(1);
    struct neuron_error error = {0};

    (void)state;
    begin(report, 1, 1);
    note(report, 0, 0, (const uint64_t[4]){0, 0, 50, 50});
    neuron_call_report_end(report, BEGIN_NS + 100);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1) {
        assert_status(NEURON_OUT_OF_MEMORY,
                      neuron_call_report_begin(report, cores, 3, counts[i], 0, &error), &error);
        assert_contains(error.text, "no memory for a report of ");
        assert_int_equal(neuron_data_parallel_report_share_count(report), 1);
        assert_int_equal(neuron_data_parallel_report_event_count(report), 1);
        assert_int_equal(neuron_data_parallel_report_share(report, 0)->wait_ns, 50);
    }
    neuron_data_parallel_report_destroy(report);
}

/* One thread's part: its own share, but for the last threads, which share one. */
struct noter {
    pthread_t thread;
    struct neuron_data_parallel_report *report;
    uint32_t share;
};

static void *
note_many(void *argument)
{
    struct noter *noter = argument;

    for (uint64_t i = 0; i < CHUNKS_A_THREAD; i += 1) {
        note(noter->report, noter->share, (int64_t)i,
             (const uint64_t[4]){10 * i, 10 * i + 1, 10 * i + 7, 10 * i + 9});
    }
    return NULL;
}

static void
note_from_threads(struct neuron_data_parallel_report *report)
{
    struct noter noters[THREAD_COUNT] = {0};

    for (uint32_t i = 0; i < THREAD_COUNT; i += 1) {
        noters[i].report = report;
        noters[i].share = i < 2 ? i : 2;
        assert_int_equal(pthread_create(&noters[i].thread, NULL, note_many, &noters[i]), 0);
    }
    for (uint32_t i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_join(noters[i].thread, NULL), 0);
    }
}

static void
threads_note_without_losing_a_chunk(void **state)
{
    struct neuron_data_parallel_report *report = create(3);

    (void)state;
    for (unsigned call = 0; call < 2; call += 1) {
        begin(report, 3, (uint64_t)THREAD_COUNT * CHUNKS_A_THREAD);
        note_from_threads(report);
        neuron_call_report_end(report, BEGIN_NS + 10 * (uint64_t)CHUNKS_A_THREAD);
        assert_int_equal(neuron_data_parallel_report_event_count(report),
                         THREAD_COUNT * CHUNKS_A_THREAD);
        for (uint32_t i = 0; i < 3; i += 1) {
            const struct neuron_data_parallel_share *share =
                neuron_data_parallel_report_share(report, i);
            uint64_t chunks = i < 2 ? CHUNKS_A_THREAD : 6 * CHUNKS_A_THREAD;

            assert_int_equal(share->chunk_count, chunks);
            assert_int_equal(share->row_count, 2 * chunks);
            assert_int_equal(share->run_ns, 6 * chunks);
            assert_int_equal(share->copy_ns, 3 * chunks);
            assert_int_equal(share->copied_bytes, 16 * chunks);
            assert_int_equal(share->wait_ns, CHUNKS_A_THREAD);
        }
    }
    neuron_data_parallel_report_destroy(report);
}

static void
threads_note_more_than_there_is_room_for(void **state)
{
    struct neuron_data_parallel_report *report = create(3);
    uint64_t chunks = 0;

    (void)state;
    begin(report, 3, 100);
    note_from_threads(report);
    neuron_call_report_end(report, BEGIN_NS + 10 * (uint64_t)CHUNKS_A_THREAD);
    assert_int_equal(neuron_data_parallel_report_event_count(report), 103);
    for (uint32_t i = 0; i < 3; i += 1) {
        chunks += neuron_data_parallel_report_share(report, i)->chunk_count;
    }
    assert_int_equal(chunks, THREAD_COUNT * CHUNKS_A_THREAD);
    assert_int_equal(neuron_data_parallel_report_share(report, 0)->wait_ns, CHUNKS_A_THREAD);
    neuron_data_parallel_report_destroy(report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_report_tells_of_no_call),
        cmocka_unit_test(the_time_of_one_lane_is_run_copy_and_wait),
        cmocka_unit_test(events_are_in_the_order_of_shares_and_begins),
        cmocka_unit_test(a_pipeline_waits_when_no_chunk_is_in_flight),
        cmocka_unit_test(chunks_run_again_count_although_they_have_no_room),
        cmocka_unit_test(times_that_are_missing_are_those_before),
        cmocka_unit_test(a_chunk_past_the_end_leaves_no_wait),
        cmocka_unit_test(a_report_is_begun_afresh),
        cmocka_unit_test(a_report_prints_its_chart),
        cmocka_unit_test(too_many_chunks_leave_the_report_as_it_was),
        cmocka_unit_test(threads_note_without_losing_a_chunk),
        cmocka_unit_test(threads_note_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

enum { SHARE_LIMIT = 1024, EVENT_LIMIT = 2048, MS = 1000000 };

/* A call that is written down chunk by chunk; times in units of the test's choice. */
struct sample {
    struct neuron_data_parallel_share shares[SHARE_LIMIT];
    struct neuron_data_parallel_event events[EVENT_LIMIT];
    struct neuron_time_span scratch[EVENT_LIMIT];
    struct neuron_timeline timeline;
    uint64_t unit_ns;
};

/* Makes a call of `share_count` replicas that have done nothing yet. Freed by the caller. */
static struct sample *
begin_sample(uint32_t share_count, uint64_t duration, uint64_t unit_ns)
{
    struct sample *sample = calloc(1, sizeof(*sample));

    assert_non_null(sample);
    sample->unit_ns = unit_ns;
    sample->timeline = (struct neuron_timeline){.duration_ns = duration * unit_ns,
                                                .shares = sample->shares,
                                                .events = sample->events,
                                                .scratch = sample->scratch,
                                                .share_count = share_count};
    for (uint32_t i = 0; i < share_count; i += 1) {
        sample->shares[i] = (struct neuron_data_parallel_share){
            .nc = i, .core = i + 8, .wait_ns = duration * unit_ns};
    }
    return sample;
}

/* Adds a chunk of 8 rows to a share, not before those already there in number. */
static void
add_chunk(struct sample *sample, uint32_t index, const uint64_t times[4])
{
    struct neuron_data_parallel_share *share = &sample->shares[index];
    struct neuron_data_parallel_event *event = &sample->events[sample->timeline.event_count];

    *event = (struct neuron_data_parallel_event){.share = index,
                                                 .begin_ns = times[0] * sample->unit_ns,
                                                 .run_ns = times[1] * sample->unit_ns,
                                                 .ran_ns = times[2] * sample->unit_ns,
                                                 .end_ns = times[3] * sample->unit_ns};
    share->chunk_count += 1;
    share->row_count += 8;
    share->run_ns += event->ran_ns - event->run_ns;
    share->copy_ns += event->run_ns - event->begin_ns + event->end_ns - event->ran_ns;
    share->wait_ns -= event->end_ns - event->begin_ns;
    sample->timeline.event_count += 1;
}

/* What is printed of a call, which is freed, as is the text by the caller. */
static char *
print(struct sample *sample, uint32_t width)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    assert_non_null(stream);
    neuron_timeline_print(&sample->timeline, width, stream);
    assert_int_equal(fclose(stream), 0);
    free(sample);
    return text;
}

static void
assert_chart(struct sample *sample, uint32_t width, const char *expected)
{
    char *text = print(sample, width);

    assert_string_equal(text, expected);
    free(text);
}

static void
one_chunk_packs_runs_and_unpacks(void **state)
{
    struct sample *sample = begin_sample(1, 10, MS);

    (void)state;
    sample->shares[0].nc = 3;
    sample->shares[0].core = 11;
    sample->shares[0].copied_bytes = 4096;
    add_chunk(sample, 0, (const uint64_t[4]){1, 3, 8, 9});
    assert_chart(sample, 20,
                 "1 replica, 1 chunk, 8 rows in 10.00 ms: 80% busy, 4096 bytes copied\n"
                 "          ms |0         5         |  busy  chunks  rows     run    copy    wait\n"
                 "nc:3 core 11 |..====##########==..|   80%       1     8    5.00    3.00    2.00\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
a_call_without_chunks_is_idle(void **state)
{
    (void)state;
    assert_chart(begin_sample(2, 1, MS), 10,
                 "2 replicas, 0 chunks, 0 rows in 1.000 ms: 0% busy, 0 bytes copied\n"
                 "         ms |0         |  busy  chunks  rows     run    copy    wait\n"
                 "nc:0 core 8 |..........|    0%       0     0   0.000   0.000   1.000\n"
                 "nc:1 core 9 |..........|    0%       0     0   0.000   0.000   1.000\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
a_call_that_took_no_time_has_a_chart(void **state)
{
    struct sample *sample = begin_sample(1, 0, MS);

    (void)state;
    add_chunk(sample, 0, (const uint64_t[4]){0, 0, 0, 0});
    assert_chart(sample, 10,
                 "1 replica, 1 chunk, 8 rows in 0 ns: 0% busy, 0 bytes copied\n"
                 "         ns |0         |  busy  chunks  rows     run    copy    wait\n"
                 "nc:0 core 8 |..........|    0%       1     8       0       0       0\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
no_replicas_are_no_lines(void **state)
{
    (void)state;
    assert_chart(begin_sample(0, 1, 1000), 10,
                 "0 replicas, 0 chunks, 0 rows in 1.000 us: 0% busy, 0 bytes copied\n"
                 "         us |0         |  busy  chunks  rows     run    copy    wait\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
a_gap_shows_where_it_is_most_of_a_column(void **state)
{
    struct sample *sample = begin_sample(3, 100, 1000);

    (void)state;
    /* Columns of 10 us: a gap of 4, of 5 and of 6 us in one of them. */
    add_chunk(sample, 0, (const uint64_t[4]){0, 0, 31, 31});
    add_chunk(sample, 0, (const uint64_t[4]){35, 35, 100, 100});
    add_chunk(sample, 1, (const uint64_t[4]){0, 0, 31, 31});
    add_chunk(sample, 1, (const uint64_t[4]){36, 36, 100, 100});
    add_chunk(sample, 2, (const uint64_t[4]){0, 0, 31, 31});
    add_chunk(sample, 2, (const uint64_t[4]){37, 37, 100, 100});
    assert_chart(sample, 10,
                 "3 replicas, 6 chunks, 48 rows in 100.0 us: 95% busy, 0 bytes copied\n"
                 "          us |0         |  busy  chunks  rows     run    copy    wait\n"
                 "nc:0 core 8  |##########|   96%       2    16    96.0     0.0     4.0\n"
                 "nc:1 core 9  |##########|   95%       2    16    95.0     0.0     5.0\n"
                 "nc:2 core 10 |###.######|   94%       2    16    94.0     0.0     6.0\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
many_short_gaps_show_as_well(void **state)
{
    struct sample *sample = begin_sample(1, 1000, 1000);
    char *text = NULL;

    (void)state;
    /* Chunks of 4 us every 10 us in the first half, of 6 us in the second. */
    for (uint64_t i = 0; i < 100; i += 1) {
        uint64_t end = i * 10 + (i < 50 ? 4 : 6);

        add_chunk(sample, 0, (const uint64_t[4]){i * 10, i * 10, end, end});
    }
    text = print(sample, 20);
    assert_contains(text, "|..........##########|   50%     100   800   0.500   0.000   0.500\n");
    free(text);
}

static void
overlapping_chunks_of_a_pipeline_count_once(void **state)
{
    struct sample *sample = begin_sample(1, 100, MS);

    (void)state;
    add_chunk(sample, 0, (const uint64_t[4]){0, 10, 50, 60});
    add_chunk(sample, 0, (const uint64_t[4]){10, 40, 70, 80});
    add_chunk(sample, 0, (const uint64_t[4]){20, 30, 45, 50});
    sample->shares[0].wait_ns = 20 * (uint64_t)MS;
    assert_chart(sample, 10,
                 "1 replica, 3 chunks, 24 rows in 100.0 ms: 80% busy, 0 bytes copied\n"
                 "         ms |0         |  busy  chunks  rows     run    copy    wait\n"
                 "nc:0 core 8 |=######=..|   80%       3    24    85.0    75.0    20.0\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
chunks_past_the_end_are_cut_off(void **state)
{
    struct sample *sample = begin_sample(2, 10, MS);
    char *text = NULL;

    (void)state;
    add_chunk(sample, 1, (const uint64_t[4]){8, 8, 10, 10});
    sample->events[0].ran_ns = UINT64_MAX;
    sample->events[0].end_ns = UINT64_MAX;
    text = print(sample, 10);
    assert_contains(text, "nc:0 core 8 |..........|    0%");
    assert_contains(text, "nc:1 core 9 |........##|   20%");
    free(text);
}

static void
fewer_nanoseconds_than_columns_fill_them(void **state)
{
    struct sample *sample = begin_sample(1, 5, 1);

    (void)state;
    add_chunk(sample, 0, (const uint64_t[4]){1, 2, 4, 4});
    assert_chart(sample, 20,
                 "1 replica, 1 chunk, 8 rows in 5 ns: 60% busy, 0 bytes copied\n"
                 "         ns |0       2       4   |  busy  chunks  rows     run    copy    wait\n"
                 "nc:0 core 8 |....====########....|   60%       1     8       2       1       2\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
the_longest_call_overflows_nothing(void **state)
{
    struct sample *sample = begin_sample(1, UINT64_MAX, 1);
    char *text = NULL;

    (void)state;
    add_chunk(sample, 0, (const uint64_t[4]){0, 0, UINT64_MAX / 2, UINT64_MAX / 2});
    text = print(sample, 10);
    assert_contains(text, "in 18446744073.7 s: 50% busy");
    assert_contains(text, "|#####.....|   50%");
    free(text);
}

static void
widths_out_of_range_become_the_nearest(void **state)
{
    static const struct {
        uint32_t width;
        size_t columns;
    } cases[] = {{0, 10}, {9, 10}, {10, 10}, {11, 11}, {400, 400}, {401, 400}, {UINT32_MAX, 400}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        char *text = print(begin_sample(1, 7, MS), cases[i].width);
        char chart[NEURON_TIMELINE_MOST_WIDTH + 3] = "|";

        memset(chart + 1, '.', cases[i].columns);
        chart[cases[i].columns + 1] = '|';
        assert_contains(text, chart);
        free(text);
    }
}

/* Says how many lines a text has. */
static unsigned
count_lines(const char *text)
{
    unsigned lines = 0;

    for (; *text != '\0'; text += 1) {
        lines += *text == '\n' ? 1 : 0;
    }
    return lines;
}

static void
numbers_of_any_size_stand_below_each_other(void **state)
{
    struct sample *sample = begin_sample(2, 10, MS);

    (void)state;
    sample->shares[1] = (struct neuron_data_parallel_share){.nc = 1023,
                                                            .core = UINT32_MAX,
                                                            .chunk_count = UINT64_C(12345678901),
                                                            .row_count = UINT64_C(98765432109876)};
    assert_chart(
        sample, 10,
        "2 replicas, 12345678901 chunks, 98765432109876 rows in 10.00 ms: 50% busy, 0 bytes "
        "copied\n"
        "                     ms |0         |  busy       chunks            rows     run    copy"
        "    wait\n"
        "nc:0    core 8          |..........|    0%            0               0    0.00    0.00"
        "   10.00\n"
        "nc:1023 core 4294967295 |..........|  100%  12345678901  98765432109876    0.00    0.00"
        "    0.00\n"
        "# run, = copy, . idle: what took most of a column\n");
}

static void
thirty_two_replicas_all_have_a_line(void **state)
{
    char *text = print(begin_sample(32, 10, MS), 10);

    (void)state;
    assert_int_equal(count_lines(text), 2 + 32 + 1);
    assert_contains(text, "nc:31 core 39 |..........|");
    assert_null(strstr(text, "others"));
    free(text);
}

/* All replicas run for the first half of 10 ms, but for those that do so for none or all of it. */
static struct sample *
uneven_sample(uint32_t share_count, const uint32_t idle[4], const uint32_t busy[4])
{
    struct sample *sample = begin_sample(share_count, 10, MS);

    for (uint32_t i = 0; i < share_count; i += 1) {
        uint64_t end = 5;

        for (unsigned j = 0; j < 4; j += 1) {
            end = i == idle[j] ? 0 : i == busy[j] ? 10 : end;
        }
        add_chunk(sample, i, (const uint64_t[4]){0, 0, end, end});
    }
    return sample;
}

static void
of_a_thousand_replicas_the_telling_ones_have_a_line(void **state)
{
    static const uint32_t idle[4] = {3, 700, 701, 1023};
    static const uint32_t busy[4] = {8, 64, 512, 999};

    (void)state;
    assert_chart(uneven_sample(SHARE_LIMIT, idle, busy), 10,
                 "1024 replicas, 1024 chunks, 8192 rows in 10.00 ms: 50% busy, 0 bytes copied\n"
                 "                 ms |0         |  busy  chunks  rows     run    copy    wait\n"
                 "nc:0    core 8      |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "nc:1    core 9      |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "nc:2    core 10     |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "nc:3    core 11     |..........|    0%       1     8    0.00    0.00   10.00\n"
                 "nc:4    core 12     |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "nc:5    core 13     |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "nc:6    core 14     |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "nc:7    core 15     |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "the idlest of the others:\n"
                 "nc:700  core 708    |..........|    0%       1     8    0.00    0.00   10.00\n"
                 "nc:701  core 709    |..........|    0%       1     8    0.00    0.00   10.00\n"
                 "nc:1023 core 1031   |..........|    0%       1     8    0.00    0.00   10.00\n"
                 "nc:9    core 17     |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "the busiest of the others:\n"
                 "nc:8    core 16     |##########|  100%       1     8   10.00    0.00    0.00\n"
                 "nc:64   core 72     |##########|  100%       1     8   10.00    0.00    0.00\n"
                 "nc:512  core 520    |##########|  100%       1     8   10.00    0.00    0.00\n"
                 "nc:999  core 1007   |##########|  100%       1     8   10.00    0.00    0.00\n"
                 "mean of 1008 others |#####.....|   50%       1     8    5.00    0.00    5.00\n"
                 "# run, = copy, . idle: what took most of a column\n");
}

static void
the_mean_is_idle_where_most_of_the_others_are(void **state)
{
    struct sample *sample = begin_sample(33, 10, MS);
    char *text = NULL;

    (void)state;
    /* The last one is the busiest, 16 of 33 have a line, and 9 of the 17 others run for 6 ms. */
    for (uint32_t i = 20; i < 29; i += 1) {
        add_chunk(sample, i, (const uint64_t[4]){2, 2, 8, 8});
    }
    for (uint32_t i = 29; i < 33; i += 1) {
        add_chunk(sample, i, (const uint64_t[4]){0, 0, 10, 10});
    }
    text = print(sample, 10);
    assert_int_equal(count_lines(text), 2 + 8 + 1 + 4 + 1 + 4 + 1 + 1);
    assert_contains(text, "the busiest of the others:\nnc:29 core 37     |##########|  100%");
    assert_contains(text, "mean of 17 others |..######..|   31%       1     4    3.18    0.00    "
                          "6.82\n");
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_chunk_packs_runs_and_unpacks),
        cmocka_unit_test(a_call_without_chunks_is_idle),
        cmocka_unit_test(a_call_that_took_no_time_has_a_chart),
        cmocka_unit_test(no_replicas_are_no_lines),
        cmocka_unit_test(a_gap_shows_where_it_is_most_of_a_column),
        cmocka_unit_test(many_short_gaps_show_as_well),
        cmocka_unit_test(overlapping_chunks_of_a_pipeline_count_once),
        cmocka_unit_test(chunks_past_the_end_are_cut_off),
        cmocka_unit_test(fewer_nanoseconds_than_columns_fill_them),
        cmocka_unit_test(the_longest_call_overflows_nothing),
        cmocka_unit_test(widths_out_of_range_become_the_nearest),
        cmocka_unit_test(numbers_of_any_size_stand_below_each_other),
        cmocka_unit_test(thirty_two_replicas_all_have_a_line),
        cmocka_unit_test(of_a_thousand_replicas_the_telling_ones_have_a_line),
        cmocka_unit_test(the_mean_is_idle_where_most_of_the_others_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

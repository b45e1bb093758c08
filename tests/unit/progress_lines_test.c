/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "score/progress_lines.h"

static const int64_t now_ns = 1000000000000;

static void
check_line(uint64_t done, uint64_t rows, double rate, unsigned columns, const char *expected)
{
    const struct neuron_progress_state state = {done, rows, rate};
    char text[NEURON_PROGRESS_LINE_BYTES] = "";
    size_t length = neuron_progress_line(&state, columns, text);

    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void
progress_uses_the_columns_that_there_are(void **state)
{
    (void)state;
    check_line(2500, 10000, 2500.0, 80, "25% 2500/10000 rows, 2500 rows/s, 0:03 left");
    check_line(2500, 10000, 2500.0, 30, "25% 2500 rows/s, 0:03 left");
    check_line(2500, 10000, 2500.0, 20, "25% 0:03 left");
    check_line(2500, 10000, 2500.0, 5, "25%");
    check_line(2500, 10000, 2500.0, 3, "");
    check_line(2500, 10000, 2500.0, 0, "");
}

static void
progress_knows_no_rate_and_large_numbers(void **state)
{
    (void)state;
    check_line(0, 100, 0.0, 80, "0% 0/100 rows, 0 rows/s, long left");
    check_line(0, 0, 0.0, 80, "100% 0/0 rows, 0 rows/s, 0:00 left");
    check_line(1000, 36001000, 1000.0, 80, "0% 1000/36001000 rows, 1000 rows/s, 10:00:00 left");
    check_line(99999, 100000, 1.0, 80, "99% 99999/100000 rows, 1 rows/s, 0:01 left");
    check_line(5, 3, 1.0, 30, "100% 1 rows/s, 0:00 left");
    check_line(UINT64_MAX, UINT64_MAX, 1e300, 10, "100%");
}

static struct neuron_report_rank
rank_of(uint32_t number, uint64_t rows)
{
    return (struct neuron_report_rank){.rank = number,
                                       .host = "node01",
                                       .joined_ns = now_ns - 10000000000,
                                       .heard_ns = now_ns - 1000000000,
                                       .running_rows = 64,
                                       .is_alive = true,
                                       .counters = {.rows = rows}};
}

static void
a_rank_is_running_waiting_silent_or_lost(void **state)
{
    struct neuron_report_rank rank = rank_of(0, 10);

    (void)state;
    assert_int_equal(neuron_lane_state_of(&rank, now_ns), NEURON_LANE_RUNNING);
    assert_int_equal(neuron_lane_state_of(&rank, now_ns + 4000000001), NEURON_LANE_SILENT);
    rank.running_rows = 0;
    assert_int_equal(neuron_lane_state_of(&rank, now_ns), NEURON_LANE_WAITING);
    rank.heard_ns = 0;
    assert_int_equal(neuron_lane_state_of(&rank, now_ns), NEURON_LANE_WAITING);
    rank.is_alive = false;
    assert_int_equal(neuron_lane_state_of(&rank, now_ns), NEURON_LANE_LOST);
}

static void
check_lane(const struct neuron_report_rank *rank, unsigned columns, const char *expected)
{
    const struct neuron_lane_choice choice = {.most_rows = 1000, .all_rows = 2000};
    char text[NEURON_PROGRESS_LINE_BYTES] = "";
    size_t length = neuron_lane_line(rank, &choice, now_ns, columns, text);

    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void
a_lane_compares_the_rank_with_the_best(void **state)
{
    struct neuron_report_rank rank = rank_of(3, 500);

    (void)state;
    check_lane(&rank, 80,
               "rank 3    [##############              ]  25.0%        50 rows/s running node01");
    check_lane(&rank, 50, "rank 3     25.0%        50 rows/s running");
    check_lane(&rank, 30, "rank 3     25.0% running");
    check_lane(&rank, 20, "3 running");
    check_lane(&rank, 3, "3");
    check_lane(&rank, 1, "");
    memcpy(rank.host, "\x1b[2J\xC3\xA4", 7);
    rank.counters.rows = 0;
    check_lane(&rank, 80,
               "rank 3    [                            ]   0.0%         0 rows/s running ?[2J??");
}

static void
every_lane_fits_its_terminal(void **state)
{
    struct neuron_report_rank rank = rank_of(UINT32_MAX, UINT64_MAX / 2);
    const struct neuron_lane_choice choice = {.most_rows = UINT64_MAX / 2,
                                              .all_rows = UINT64_MAX / 2};
    char text[NEURON_PROGRESS_LINE_BYTES] = "";

    (void)state;
    for (unsigned columns = 0; columns < 400; columns += 1) {
        size_t length = neuron_lane_line(&rank, &choice, now_ns, columns, text);

        assert_true(length == 0 || length < columns);
        assert_int_equal(length, strlen(text));
    }
}

static void
all_ranks_are_shown_where_there_is_room(void **state)
{
    const struct neuron_report_rank ranks[] = {rank_of(0, 10), rank_of(1, 5), rank_of(2, 20)};
    const struct neuron_score_report report = {.ranks = ranks, .rank_count = 3};
    uint32_t indices[3] = {0};
    struct neuron_lane_choice choice = {.indices = indices};

    (void)state;
    neuron_lane_choose(&report, now_ns, 3, &choice);
    assert_int_equal(choice.count, 3);
    assert_int_equal(choice.rest, 0);
    assert_int_equal(indices[0], 0);
    assert_int_equal(indices[2], 2);
    assert_int_equal(choice.most_rows, 20);
    assert_int_equal(choice.all_rows, 35);
}

static void
where_room_lacks_the_worst_are_shown(void **state)
{
    struct neuron_report_rank ranks[] = {rank_of(0, 10), rank_of(1, 50), rank_of(2, 40),
                                         rank_of(3, 30), rank_of(4, 60)};
    const struct neuron_score_report report = {.ranks = ranks, .rank_count = 5};
    uint32_t indices[3] = {0};
    struct neuron_lane_choice choice = {.indices = indices};
    char text[NEURON_PROGRESS_LINE_BYTES] = "";

    (void)state;
    ranks[4].is_alive = false;
    neuron_lane_choose(&report, now_ns, 3, &choice);
    assert_int_equal(choice.count, 2);
    assert_int_equal(indices[0], 0); /* the slowest */
    assert_int_equal(indices[1], 4); /* lost */
    assert_int_equal(choice.rest, 3);
    (void)neuron_lane_rest_line(&choice, 80, text);
    assert_string_equal(text, "3 more ranks: 12 rows/s");
    ranks[0].is_alive = ranks[1].is_alive = ranks[2].is_alive = false;
    neuron_lane_choose(&report, now_ns, 2, &choice);
    assert_int_equal(choice.count, 1);
    (void)neuron_lane_rest_line(&choice, 80, text);
    assert_string_equal(text, "4 more ranks: 18 rows/s, 3 silent or lost");
    (void)neuron_lane_rest_line(&choice, 20, text);
    assert_string_equal(text, "4 more ranks");
    neuron_lane_choose(&report, now_ns, 1, &choice);
    assert_int_equal(choice.count, 0);
    assert_int_equal(choice.rest, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_uses_the_columns_that_there_are),
        cmocka_unit_test(progress_knows_no_rate_and_large_numbers),
        cmocka_unit_test(a_rank_is_running_waiting_silent_or_lost),
        cmocka_unit_test(a_lane_compares_the_rank_with_the_best),
        cmocka_unit_test(every_lane_fits_its_terminal),
        cmocka_unit_test(all_ranks_are_shown_where_there_is_room),
        cmocka_unit_test(where_room_lacks_the_worst_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

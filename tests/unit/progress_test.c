/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "score/progress.h"

/* Both ends of a pipe that never blocks. */
struct ends {
    int reader;
    int writer;
};

static struct ends
open_pipe(void)
{
    int ends[2] = {-1, -1};

    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    return (struct ends){ends[0], ends[1]};
}

static void
close_both(struct ends ends)
{
    (void)close(ends.reader);
    (void)close(ends.writer);
}

/* Expects what is in a pipe; nothing for "". */
static void
assert_piped(struct ends ends, const char *expected)
{
    char text[512] = "";

    if (read(ends.reader, text, sizeof(text) - 1) < 0) {
        text[0] = '\0';
    }
    assert_string_equal(text, expected);
}

static void
nothing_is_said_of_a_short_job_off_a_terminal(void **state)
{
    struct ends ends = open_pipe();
    struct neuron_progress progress = neuron_progress_start(ends.writer, 100, 5.0);

    (void)state;
    neuron_progress_show(&progress, 50, 6.0);
    neuron_progress_show(&progress, 99, 9.9);
    neuron_progress_show(&progress, 100, 30.0);
    neuron_progress_stop(&progress);
    assert_piped(ends, "");
    close_both(ends);
}

static void
off_a_terminal_a_line_comes_every_ten_seconds(void **state)
{
    struct ends ends = open_pipe();
    struct neuron_progress progress = neuron_progress_start(ends.writer, 1000000, 0.0);

    (void)state;
    neuron_progress_show(&progress, 90000, 9.0);
    assert_piped(ends, "");
    neuron_progress_show(&progress, 100000, 10.0);
    assert_piped(ends, "neuron-score: 10% 100000/1000000 rows, 10000 rows/s, 1:30 left\n");
    neuron_progress_show(&progress, 190000, 19.0);
    assert_piped(ends, "");
    neuron_progress_show(&progress, 200000, 20.0);
    assert_piped(ends, "neuron-score: 20% 200000/1000000 rows, 10000 rows/s, 1:20 left\n");
    close_both(ends);
}

static void
a_quarter_is_said_a_little_earlier(void **state)
{
    struct ends ends = open_pipe();
    struct neuron_progress progress = neuron_progress_start(ends.writer, 100, 0.0);

    (void)state;
    neuron_progress_show(&progress, 30, 4.0);
    assert_piped(ends, "");
    neuron_progress_show(&progress, 40, 6.0);
    assert_piped(ends, "neuron-score: 40% 40/100 rows, 7 rows/s, 0:09 left\n");
    neuron_progress_show(&progress, 80, 10.0);
    assert_piped(ends, "");
    neuron_progress_show(&progress, 90, 11.5);
    assert_piped(ends, "neuron-score: 90% 90/100 rows, 8 rows/s, 0:01 left\n");
    close_both(ends);
}

static void
the_rate_is_that_of_the_last_seconds(void **state)
{
    struct ends ends = open_pipe();
    struct neuron_progress progress = neuron_progress_start(ends.writer, 1000000, 0.0);
    uint64_t done = 0;

    (void)state;
    for (int second = 1; second <= 40; second += 1) {
        char text[512] = "";

        done += second <= 20 ? 1000 : 10;
        neuron_progress_show(&progress, done, second);
        ssize_t length = read(ends.reader, text, sizeof(text) - 1);
        if (second == 20) {
            assert_true(length > 0);
            assert_contains(text, " 1000 rows/s");
        } else if (second == 40) {
            assert_contains(text, " 10 rows/s");
        }
    }
    close_both(ends);
}

static void
rows_of_earlier_runs_make_no_rate(void **state)
{
    struct ends ends = open_pipe();
    struct neuron_progress progress = neuron_progress_start(ends.writer, 1000, 0.0);
    const struct neuron_score_report report = {.rows = 1000, .rows_before = 500, .done_rows = 600};

    (void)state;
    neuron_progress_update(&progress, &report, 10.0, 0);
    assert_piped(ends, "neuron-score: 60% 600/1000 rows, 10 rows/s, 0:40 left\n");
    close_both(ends);
    progress = neuron_progress_start(-1, 1000, 0.0);
    neuron_progress_update(&progress, &report, 10.0, 0);
    neuron_progress_stop(&progress);
}

/* Opens a terminal; `reader` is its user's side. */
static struct ends
open_terminal(unsigned short columns, unsigned short lines)
{
    const struct winsize size = {.ws_row = lines, .ws_col = columns};
    struct ends ends = {posix_openpt(O_RDWR | O_NOCTTY), -1};
    char name[64] = "";

    if (ends.reader < 0 || grantpt(ends.reader) != 0 || unlockpt(ends.reader) != 0 ||
        ptsname_r(ends.reader, name, sizeof(name)) != 0) {
        skip();
    }
    (void)setenv("TERM", "xterm", 1); /* NOLINT(concurrency-mt-unsafe) */
    ends.writer = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(ends.writer >= 0);
    assert_int_equal(ioctl(ends.writer, TIOCSWINSZ, &size), 0);
    return ends;
}

/* Reads as much as is expected: a terminal hands on what was written in pieces, and adds a carriage
   return to each line end. */
static void
assert_shown(struct ends ends, const char *expected)
{
    char shown[2048] = "";
    size_t length = 0;

    while (length < strlen(expected)) {
        ssize_t piece = read(ends.reader, shown + length, sizeof(shown) - 1 - length);

        assert_true(piece > 0);
        length += (size_t)piece;
    }
    assert_string_equal(shown, expected);
}

static void
the_line_of_a_terminal_is_drawn_five_times_a_second(void **state)
{
    struct ends ends = open_terminal(20, 24);

    (void)state;
    struct neuron_progress progress = neuron_progress_start(ends.writer, 1000, 5.0);
    neuron_progress_show(&progress, 10, 5.01);
    neuron_progress_show(&progress, 20, 5.02);
    neuron_progress_show(&progress, 30, 5.19);
    neuron_progress_show(&progress, 500, 6.0);
    neuron_progress_stop(&progress);
    neuron_progress_stop(&progress);
    assert_shown(ends, "\r1% 0:01 left\x1b[K\r50% 0:01 left\x1b[K\r\x1b[J");
    close_both(ends);
}

static void
ranks_have_lines_that_are_drawn_over(void **state)
{
    struct neuron_report_rank ranks[3] = {{.rank = 0, .is_alive = true, .running_rows = 1},
                                          {.rank = 1, .is_alive = true},
                                          {.rank = 2}};
    struct neuron_score_report report = {
        .rows = 10, .done_rows = 5, .ranks = ranks, .rank_count = 3};
    struct ends ends = open_terminal(20, 24);

    (void)state;
    struct neuron_progress progress = neuron_progress_start(ends.writer, 10, 0.0);
    neuron_progress_update(&progress, &report, 5.0, 0);
    assert_shown(
        ends, "\r50% 0:05 left\x1b[K\r\r\n0 running\x1b[K\r\r\n1 waiting\x1b[K\r\r\n2 lost\x1b[K");
    report.rank_count = 2;
    neuron_progress_update(&progress, &report, 6.0, 0);
    assert_shown(ends,
                 "\r\x1b[3A50% 0:06 left\x1b[K\r\r\n0 running\x1b[K\r\r\n1 waiting\x1b[K\x1b[J");
    neuron_progress_stop(&progress);
    assert_shown(ends, "\r\x1b[2A\x1b[J");
    close_both(ends);
}

static void
a_low_terminal_shows_the_worst_ranks(void **state)
{
    struct neuron_report_rank ranks[6] = {{.rank = 0}};
    const struct neuron_score_report report = {
        .rows = 10, .done_rows = 5, .ranks = ranks, .rank_count = 6};
    struct ends ends = open_terminal(20, 4);

    (void)state;
    for (uint32_t i = 0; i < 6; i += 1) {
        ranks[i] = (struct neuron_report_rank){.rank = i, .is_alive = i != 4};
    }
    struct neuron_progress progress = neuron_progress_start(ends.writer, 10, 0.0);
    neuron_progress_update(&progress, &report, 5.0, 0);
    assert_shown(ends, "\r50% 0:05 left\x1b[K\r\r\n4 lost\x1b[K\r\r\n5 more ranks\x1b[K");
    close_both(ends);
}

static void
a_terminal_that_cannot_go_up_gets_plain_lines(void **state)
{
    struct ends ends = open_terminal(80, 24);

    (void)state;
    (void)setenv("TERM", "dumb", 1); /* NOLINT(concurrency-mt-unsafe) */
    struct neuron_progress progress = neuron_progress_start(ends.writer, 100, 0.0);
    neuron_progress_show(&progress, 10, 1.0);
    neuron_progress_show(&progress, 20, 10.0);
    assert_shown(ends, "neuron-score: 20% 20/100 rows, 2 rows/s, 0:40 left\r\n");
    close_both(ends);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_said_of_a_short_job_off_a_terminal),
        cmocka_unit_test(off_a_terminal_a_line_comes_every_ten_seconds),
        cmocka_unit_test(a_quarter_is_said_a_little_earlier),
        cmocka_unit_test(the_rate_is_that_of_the_last_seconds),
        cmocka_unit_test(rows_of_earlier_runs_make_no_rate),
        cmocka_unit_test(the_line_of_a_terminal_is_drawn_five_times_a_second),
        cmocka_unit_test(ranks_have_lines_that_are_drawn_over),
        cmocka_unit_test(a_low_terminal_shows_the_worst_ranks),
        cmocka_unit_test(a_terminal_that_cannot_go_up_gets_plain_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

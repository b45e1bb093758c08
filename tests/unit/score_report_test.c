/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "score/progress.h"
#include "score/report.h"

static void
the_job_line_counts_rows_cores_and_ranks(void **state)
{
    struct neuron_job_report report = {
        .rows = 20000, .seconds = 1.234, .core_count = 2, .world_size = 2, .output_path = "y.npy"};
    char text[200] = "";

    (void)state;
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)),
                        "20000 rows in 1.234 s, 16207 rows/s on 2 cores (2 ranks): y.npy");
    report = (struct neuron_job_report){
        .rows = 1, .seconds = 0.0, .core_count = 1, .world_size = 1, .output_path = "y.npy"};
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)),
                        "1 row in 0.000 s, 0 rows/s on 1 core (1 rank): y.npy");
}

static void
the_rank_line_names_rows_and_cores(void **state)
{
    struct neuron_core_set *cores = NULL;
    struct neuron_rank_report report = {.rows = {.first = 0, .count = 10000}, .seconds = 1.1};
    struct neuron_error error = {0};
    char text[200] = "";

    (void)state;
    assert_ok(neuron_core_set_parse("4-7", &cores, &error), &error);
    report.cores = cores;
    assert_string_equal(neuron_rank_report_format(&report, 0, text, sizeof(text)),
                        "rank 0: rows 0-9999 in 1.100 s, 9091 rows/s on cores 4-7 (machine)");
    report.rows.count = 0;
    assert_string_equal(neuron_rank_report_format(&report, 3, text, sizeof(text)),
                        "rank 3: no rows in 1.100 s, 0 rows/s on cores 4-7 (machine)");
    neuron_core_set_destroy(cores);
}

static void
a_long_line_is_cut(void **state)
{
    struct neuron_job_report report = {.rows = 20000, .seconds = 1.0, .output_path = "y.npy"};
    char text[10] = "";

    (void)state;
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)), "20000 row");
}

static void
progress_uses_the_columns_that_there_are(void **state)
{
    char text[NEURON_PROGRESS_LINE_BYTES] = "";

    (void)state;
    (void)neuron_progress_format(2500, 10000, 1.0, 80, text);
    assert_string_equal(text, "25% 2500/10000 rows, 2500 rows/s, 0:03 left");
    (void)neuron_progress_format(2500, 10000, 1.0, 30, text);
    assert_string_equal(text, "25% 2500 rows/s, 0:03 left");
    (void)neuron_progress_format(2500, 10000, 1.0, 20, text);
    assert_string_equal(text, "25% 0:03 left");
    (void)neuron_progress_format(2500, 10000, 1.0, 5, text);
    assert_string_equal(text, "25%");
    assert_int_equal(neuron_progress_format(2500, 10000, 1.0, 3, text), 0);
    assert_int_equal(neuron_progress_format(2500, 10000, 1.0, 0, text), 0);
}

static void
progress_knows_no_rate_and_large_numbers(void **state)
{
    char text[NEURON_PROGRESS_LINE_BYTES] = "";

    (void)state;
    (void)neuron_progress_format(0, 100, 0.0, 80, text);
    assert_string_equal(text, "0% 0/100 rows, 0 rows/s, long left");
    (void)neuron_progress_format(0, 0, 0.0, 80, text);
    assert_contains(text, "100%");
    (void)neuron_progress_format(1000, 36001000, 1.0, 80, text);
    assert_contains(text, "10:00:00 left");
    assert_true(neuron_progress_format(UINT64_MAX, UINT64_MAX, 1e-9, 200, text) <
                NEURON_PROGRESS_LINE_BYTES);
}

static void
nothing_is_shown_on_what_is_no_terminal(void **state)
{
    int ends[2] = {-1, -1};
    char byte = '\0';

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    struct neuron_progress progress = neuron_progress_start(ends[1], 100, 5.0);
    neuron_progress_show(&progress, 50, 6.0);
    neuron_progress_stop(&progress);
    assert_int_equal(read(ends[0], &byte, 1), -1);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Opens a pair of a terminal and its other side. */
static void
open_terminal(int *user_side, int *program_side, unsigned short columns)
{
    const struct winsize size = {.ws_row = 24, .ws_col = columns};
    char name[64] = "";

    *user_side = posix_openpt(O_RDWR | O_NOCTTY);
    if (*user_side < 0 || grantpt(*user_side) != 0 || unlockpt(*user_side) != 0 ||
        ptsname_r(*user_side, name, sizeof(name)) != 0) {
        skip();
    }
    *program_side = open(name, O_RDWR | O_NOCTTY);
    assert_true(*program_side >= 0);
    assert_int_equal(ioctl(*program_side, TIOCSWINSZ, &size), 0);
}

/* Reads as much as is expected: a terminal hands on what was written in pieces. */
static void
assert_shown(int user_side, const char *expected)
{
    char shown[512] = "";
    size_t length = 0;

    while (length < strlen(expected)) {
        ssize_t piece = read(user_side, shown + length, sizeof(shown) - 1 - length);

        assert_true(piece > 0);
        length += (size_t)piece;
    }
    assert_string_equal(shown, expected);
}

static void
the_line_of_a_terminal_is_rewritten_five_times_a_second(void **state)
{
    int user_side = -1;
    int program_side = -1;

    (void)state;
    open_terminal(&user_side, &program_side, 20);
    struct neuron_progress progress = neuron_progress_start(program_side, 1000, 5.0);
    neuron_progress_show(&progress, 10, 5.01);
    neuron_progress_show(&progress, 20, 5.02);
    neuron_progress_show(&progress, 30, 5.19);
    neuron_progress_show(&progress, 500, 6.0);
    neuron_progress_stop(&progress);
    assert_shown(user_side, "\r1% 0:01 left\r50% 0:01 left\r             \r");
    (void)close(program_side);
    (void)close(user_side);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_job_line_counts_rows_cores_and_ranks),
        cmocka_unit_test(the_rank_line_names_rows_and_cores),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(progress_uses_the_columns_that_there_are),
        cmocka_unit_test(progress_knows_no_rate_and_large_numbers),
        cmocka_unit_test(nothing_is_shown_on_what_is_no_terminal),
        cmocka_unit_test(the_line_of_a_terminal_is_rewritten_five_times_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

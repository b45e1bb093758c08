/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "job_log.h"

#define HEADER "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"
#define START  "\there\t1764194863.123\t0.010\t0\t0\t"

static char work[] = "work 1";
static char rest[] = "rest";
static char *const commands[] = {work, rest};
static const struct neuron_job_log_question question = {
    .path = "the.log", .commands = commands, .rank_count = 2};

static enum neuron_status
read_log(const char *text, bool *done, struct neuron_error *error)
{
    return neuron_job_log_read(text, strlen(text), &question, done, error);
}

static void
an_entry_has_the_columns_of_gnu_parallel(void **state)
{
    const struct neuron_job_log_entry entry = {.rank = 4,
                                               .host = "node",
                                               .started_ms = 1764194863007,
                                               .elapsed_ms = 61020,
                                               .exit_code = 3,
                                               .command = "sh -c x"};
    char *line = neuron_job_log_format(&entry);

    (void)state;
    assert_non_null(line);
    assert_string_equal(line, "5\tnode\t1764194863.007\t61.020\t0\t0\t3\t0\tsh -c x\n");
    free(line);
}

static void
words_are_joined_without_tabs_and_line_ends(void **state)
{
    char program[] = "sh";
    char script[] = "a\tb\nc\rd\\e f";
    char *const words[] = {program, script, NULL};
    char *const nothing[] = {NULL};
    char *joined = neuron_job_log_join(words);

    (void)state;
    assert_string_equal(joined, "sh a\\tb\\nc\\rd\\\\e f");
    free(joined);
    joined = neuron_job_log_join(nothing);
    assert_string_equal(joined, "");
    free(joined);
}

static void
the_last_line_of_a_rank_counts(void **state)
{
    struct neuron_error error = {0};
    bool done[2] = {true, true};

    (void)state;
    assert_ok(read_log(HEADER "1" START "3\t0\twork 1\n1" START "0\t0\twork 1\n2" START
                              "0\t0\trest\n2" START "0\t15\trest\n",
                       done, &error),
              &error);
    assert_true(done[0]);
    assert_false(done[1]);
}

static void
what_is_no_whole_line_counts_for_nothing(void **state)
{
    static const char *const texts[] = {
        "",
        HEADER,
        "1" START "0\t0\twork 1",          /* no line end */
        "1" START "0\t0\twor\t\n",         /* ended by a prelude */
        "1" START "0\t0\t\n",              /* so, too */
        "1" START "0\t\n",                 /* so, too */
        "0" START "0\t0\twork 1\n",        /* no rank */
        "1x" START "0\t0\twork 1\n",       /* no number */
        "99999999999" START "0\t0\tx\n",   /* too long a number */
        "1" START "-1\t0\twork 1\n",       /* no exit code */
        "1" START "0\tTERM\twork 1\n\n\n", /* no signal */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        struct neuron_error error = {0};
        bool done[2] = {true, true};

        assert_ok(read_log(texts[i], done, &error), &error);
        assert_false(done[0] || done[1]);
    }
}

static void
the_log_of_another_job_is_refused(void **state)
{
    struct neuron_error error = {0};
    bool done[2] = {false, false};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  read_log(HEADER "1" START "0\t0\twork 10\n", done, &error), &error);
    assert_contains(error.text, "rank 0 was \"work 10\" there, and is \"work 1\" now");
    assert_status(NEURON_INVALID_ARGUMENT, read_log(HEADER "1" START "1\t0\twork\n", done, &error),
                  &error);
    assert_status(NEURON_INVALID_ARGUMENT, read_log(HEADER "3" START "0\t0\trest\n", done, &error),
                  &error);
    assert_contains(error.text, "tells of rank 2, and this job has 2");
}

static void
a_file_of_something_else_is_refused(void **state)
{
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_job_log_check("", 0, "x", &error), &error);
    assert_ok(neuron_job_log_check(HEADER, 7, "x", &error), &error);
    assert_ok(neuron_job_log_check(HEADER "1", strlen(HEADER) + 1, "x", &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_job_log_check("int main", 8, "x.c", &error),
                  &error);
    assert_contains(error.text, "x.c is no job log");
}

static void
lines_begin_behind_a_header_and_a_line_end(void **state)
{
    (void)state;
    assert_string_equal(neuron_job_log_prelude("", 0), HEADER);
    assert_string_equal(neuron_job_log_prelude(HEADER, 5), &HEADER[5]);
    assert_string_equal(neuron_job_log_prelude(HEADER, strlen(HEADER)), "");
    assert_string_equal(neuron_job_log_prelude(HEADER "1", strlen(HEADER) + 1), "\t\n");
    assert_string_equal(neuron_job_log_prelude(HEADER, strlen(HEADER) - 1), "\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_has_the_columns_of_gnu_parallel),
        cmocka_unit_test(words_are_joined_without_tabs_and_line_ends),
        cmocka_unit_test(the_last_line_of_a_rank_counts),
        cmocka_unit_test(what_is_no_whole_line_counts_for_nothing),
        cmocka_unit_test(the_log_of_another_job_is_refused),
        cmocka_unit_test(a_file_of_something_else_is_refused),
        cmocka_unit_test(lines_begin_behind_a_header_and_a_line_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

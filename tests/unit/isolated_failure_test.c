/* SPDX-License-Identifier: Apache-2.0 */
/* Isolated custom programs that crash, hang, end, scribble and lie: the parent stays well. */
#include "isolated_program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "custom_trouble.h"
#include "descriptors.h"
#include "isolated_bench.h"
#include "own_children.h"

enum { ROWS = 4, SHORT_MS = 100 };

/* Fails the test unless an order costs the process, in the way that the text says. */
static void
check_loss(struct isolated_bench *bench, enum trouble order, const char *text)
{
    struct neuron_error error = {0};
    pid_t child = only_child();

    assert_status(NEURON_PEER_LOST, isolated_bench_order(bench, (int32_t)order, ROWS, &error),
                  &error);
    assert_contains(error.text, text);
    assert_false(is_process_running(child));
    isolated_bench_check(bench);
}

static void
a_custom_program_runs_any_number_of_rows(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_false(bench->program.is_padded);
    assert_int_equal(bench->program.run_rows, ROWS);
    for (int64_t rows = 1; rows <= ROWS; rows += 1) {
        assert_ok(isolated_bench_order(bench, TROUBLE_NONE, rows, &error), &error);
        const float *y = bench->program.buffers[2];
        for (int64_t i = 0; i < ROWS; i += 1) {
            assert_true(y[i] == (i < rows ? 2.0F * (float)(i + 1) : 0.0F));
        }
    }
}

static void
more_rows_than_there_is_room_for_are_refused(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_status(NEURON_INVALID_ARGUMENT, isolated_bench_run(bench, ROWS + 1, 0, &error), &error);
    isolated_bench_check(bench);
}

static void
a_process_that_ends_in_a_run_is_reported_and_replaced(void **state)
{
    struct isolated_bench *bench = *state;

    isolated_bench_start_trouble(bench, 0);
    uint32_t before = open_descriptor_count();
    check_loss(bench, TROUBLE_ABORT, "was killed by SIGUSR1");
    check_loss(bench, TROUBLE_EXIT, "exited with status 7");
    assert_true(descriptor_count_becomes(before));
}

static void
a_process_that_hangs_is_killed_and_replaced(void **state)
{
    struct isolated_bench *bench = *state;

    isolated_bench_start_trouble(bench, SHORT_MS);
    check_loss(bench, TROUBLE_HANG, "hung: it gave no answer for 100 ms, and was killed");
    check_loss(bench, TROUBLE_SPIN, "hung: it gave no answer for 100 ms, and was killed");
}

static void
a_process_that_loses_its_wire_is_killed(void **state)
{
    struct isolated_bench *bench = *state;

    isolated_bench_start_trouble(bench, SHORT_MS);
    check_loss(bench, TROUBLE_UNPLUG, "the isolated executor, process ");
}

static void
a_deadline_kills_the_process(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_ok(isolated_bench_order(bench, TROUBLE_NONE, ROWS, &error), &error);
    const int32_t hang = TROUBLE_HANG;
    memcpy(bench->program.buffers[1], &hang, sizeof(hang));
    pid_t child = only_child();
    assert_status(NEURON_TIMED_OUT,
                  isolated_bench_run(bench, ROWS, deadline_in_ms(SHORT_MS), &error), &error);
    assert_contains(error.text, "was not done at the deadline, and was killed");
    assert_false(is_process_running(child));
    isolated_bench_check(bench);
}

static void
a_deadline_that_is_over_begins_no_run(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    pid_t child = only_child();
    assert_status(NEURON_TIMED_OUT, isolated_bench_run(bench, ROWS, 1, &error), &error);
    assert_contains(error.text, "before the run began");
    assert_int_equal(only_child(), child);
}

static void
what_a_program_returns_comes_back_with_its_text(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    pid_t child = only_child();
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  isolated_bench_order(bench, TROUBLE_REFUSE, ROWS, &error), &error);
    assert_contains(error.text, "these rows are not liked");
    assert_status(NEURON_SYSTEM, isolated_bench_order(bench, TROUBLE_LOSE, ROWS, &error), &error);
    assert_contains(error.text, "something else was lost");
    assert_int_equal(only_child(), child);
    isolated_bench_check(bench);
}

static void
a_text_that_is_none_becomes_one(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_status(NEURON_SYSTEM, isolated_bench_order(bench, TROUBLE_GARBLE, ROWS, &error), &error);
    assert_true(strnlen(error.text, sizeof(error.text)) < sizeof(error.text));
    assert_null(strchr(error.text, '\n'));
    assert_null(strchr(error.text, 0xFE));
    isolated_bench_check(bench);
}

static void
shared_memory_full_of_garbage_harms_nobody(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_ok(isolated_bench_order(bench, TROUBLE_SCRIBBLE, ROWS, &error), &error);
    isolated_bench_check(bench);
}

static void
a_child_cannot_take_the_memory_away(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_ok(isolated_bench_order(bench, TROUBLE_TRUNCATE, ROWS, &error), &error);
    isolated_bench_check(bench);
}

static void
a_create_that_fails_says_why(void **state)
{
    const struct neuron_isolated_place place = {.nc = 2, .run_rows = ROWS};
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};
    pid_t child = 0;

    isolated_bench_open_trouble(bench, "refuse");
    assert_status(NEURON_UNSUPPORTED_MODEL, isolated_bench_start(bench, &place, &error), &error);
    assert_contains(error.text, "no instance of this is made");
    isolated_bench_end(bench);
    isolated_bench_open_trouble(bench, "abort");
    assert_status(NEURON_PEER_LOST, isolated_bench_start(bench, &place, &error), &error);
    assert_contains(error.text, "was killed by SIGUSR1 while it loaded");
    assert_int_equal(list_children(getpid(), &child, 1), 0);
}

static void
a_program_without_a_library_is_refused(void **state)
{
    static const struct neuron_custom_program own = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                     .name = "own"};
    const struct neuron_isolated_library library = {.program = &own};
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_isolated_source_create_custom(bench->owner.runtime, &library, NULL,
                                                       &bench->source, &error),
                  &error);
    assert_contains(error.text, "own is part of this one");
}

static void
a_standard_output_is_not_written_to(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};
    int ends[2] = {-1, -1};
    int before = dup(STDOUT_FILENO);

    assert_int_equal(pipe(ends), 0);
    (void)fflush(stdout);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    isolated_bench_start_trouble(bench, 0);
    enum neuron_status status = isolated_bench_order(bench, TROUBLE_PRINT, ROWS, &error);
    assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(before);
    assert_false(is_readable(ends[0]));
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_ok(status, &error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_custom_program_runs_any_number_of_rows,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(more_rows_than_there_is_room_for_are_refused,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_process_that_ends_in_a_run_is_reported_and_replaced,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_process_that_hangs_is_killed_and_replaced,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_process_that_loses_its_wire_is_killed,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_deadline_kills_the_process, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_deadline_that_is_over_begins_no_run, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(what_a_program_returns_comes_back_with_its_text,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_text_that_is_none_becomes_one, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(shared_memory_full_of_garbage_harms_nobody,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_cannot_take_the_memory_away, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_create_that_fails_says_why, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_program_without_a_library_is_refused,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_standard_output_is_not_written_to, isolated_bench_setup,
                                        isolated_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Isolated executors that load for long, cannot be loaded again, or load something else. */
#include "isolated_program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "custom_trouble.h"
#include "isolated_bench.h"
#include "own_children.h"
#include "test_folder.h"

enum { ROWS = 4, SHORT_MS = 100 };

static const struct neuron_isolated_place place = {.nc = 1, .run_rows = ROWS};

/* A program whose loading depends on a file. */
struct watched {
    struct isolated_bench *bench;
    struct test_folder folder;
    char path[TEST_PATH_BYTES];
};

static void
put_file(const struct watched *watched)
{
    int file = open(watched->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
}

/* Loads the program while the file is there, and takes process and file away. */
static void
start_and_lose(struct watched *watched, const char *word)
{
    char config[TEST_PATH_BYTES + 32] = "";
    struct neuron_error error = {0};

    test_folder_create(&watched->folder);
    (void)snprintf(config, sizeof(config), "%s:%s", word,
                   test_folder_path(&watched->folder, "file", watched->path));
    put_file(watched);
    isolated_bench_open_trouble(watched->bench, config);
    assert_ok(isolated_bench_start(watched->bench, &place, &error), &error);
    isolated_bench_check(watched->bench);
    assert_int_equal(unlink(watched->path), 0);
    pid_t child = only_child();
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_true(process_ends(child));
}

static void
a_deadline_does_not_end_loading(void **state)
{
    struct watched watched = {.bench = *state};
    struct neuron_error error = {0};
    pid_t loading = 0;

    start_and_lose(&watched, "wait-for");
    for (int i = 0; i < 3; i += 1) {
        assert_status(NEURON_TIMED_OUT,
                      isolated_bench_run(watched.bench, ROWS, deadline_in_ms(SHORT_MS), &error),
                      &error);
        assert_contains(error.text, "was still loading at the deadline");
        loading = i == 0 ? only_child() : loading;
        assert_int_equal(only_child(), loading);
    }
    put_file(&watched);
    isolated_bench_check(watched.bench);
    assert_int_equal(only_child(), loading);
    test_folder_destroy(&watched.folder);
}

static void
a_process_that_dies_while_it_loads_behind_a_deadline_is_replaced(void **state)
{
    struct watched watched = {.bench = *state};
    struct neuron_error error = {0};

    start_and_lose(&watched, "wait-for");
    assert_status(NEURON_TIMED_OUT,
                  isolated_bench_run(watched.bench, ROWS, deadline_in_ms(SHORT_MS), &error),
                  &error);
    pid_t loading = only_child();
    assert_int_equal(kill(loading, SIGKILL), 0);
    assert_true(process_ends(loading));
    put_file(&watched);
    isolated_bench_check(watched.bench);
    assert_int_not_equal(only_child(), loading);
    test_folder_destroy(&watched.folder);
}

static void
what_is_loading_is_killed_in_the_end(void **state)
{
    struct watched watched = {.bench = *state};
    struct neuron_error error = {0};

    start_and_lose(&watched, "wait-for");
    assert_status(NEURON_TIMED_OUT,
                  isolated_bench_run(watched.bench, ROWS, deadline_in_ms(SHORT_MS), &error),
                  &error);
    pid_t loading = only_child();
    isolated_bench_end(watched.bench);
    assert_false(is_process_running(loading));
    test_folder_destroy(&watched.folder);
}

/* It would be killed, and the next run would have to wait again. */
static void
a_run_that_cannot_be_done_in_time_is_not_begun_after_loading(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_start_trouble(bench, 0);
    assert_ok(isolated_bench_order(bench, TROUBLE_SLOW, ROWS, &error), &error);
    pid_t child = only_child();
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_true(process_ends(child));
    assert_status(NEURON_TIMED_OUT,
                  isolated_bench_run(bench, ROWS, deadline_in_ms(SHORT_MS), &error), &error);
    child = only_child();
    isolated_bench_check(bench);
    assert_int_equal(only_child(), child);
}

static void
a_core_without_a_process_refuses_until_it_can_have_one(void **state)
{
    struct watched watched = {.bench = *state};
    struct neuron_error error = {0};
    pid_t child = 0;

    start_and_lose(&watched, "abort-without");
    assert_status(NEURON_STOPPED, isolated_bench_run(watched.bench, ROWS, 0, &error), &error);
    assert_contains(error.text, "cannot be replaced");
    assert_contains(error.text, "was killed by SIGUSR1 while it loaded");
    assert_int_equal(list_children(getpid(), &child, 1), 0);
    put_file(&watched);
    isolated_bench_check(watched.bench);
    test_folder_destroy(&watched.folder);
}

static void
a_library_that_has_changed_is_refused(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_error error = {0};

    isolated_bench_open_trouble(bench, "changed");
    assert_status(NEURON_DAMAGED_MODEL, isolated_bench_start(bench, &place, &error), &error);
    assert_contains(error.text, "has changed since it was opened");
    assert_null(bench->program.ops);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deadline_does_not_end_loading, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_process_that_dies_while_it_loads_behind_a_deadline_is_replaced, isolated_bench_setup,
            isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_loading_is_killed_in_the_end, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_run_that_cannot_be_done_in_time_is_not_begun_after_loading, isolated_bench_setup,
            isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_without_a_process_refuses_until_it_can_have_one,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_library_that_has_changed_is_refused, isolated_bench_setup,
                                        isolated_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

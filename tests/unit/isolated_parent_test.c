/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an isolated executor when its parent is killed, or forks; and where it runs. */
#include "isolated_program.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "child_process.h"
#include "custom_trouble.h"
#include "environment_variable.h"
#include "invented_machine.h"
#include "isolated_bench.h"
#include "own_children.h"
#include "test_folder.h"
#include "traced_model.h"

enum { ROWS = 4 };

/* A parent of its own: starts an executor, tells who it is, and gives it an order. */
static void
start_and_order(const struct child_side *side, const void *argument)
{
    const int32_t *order = argument;
    void *state = NULL;
    pid_t executor = 0;

    (void)isolated_bench_setup(&state);
    isolated_bench_start_trouble(state, 0);
    executor = only_child();
    child_side_report(side, &executor, sizeof(executor));
    if (*order != TROUBLE_NONE) {
        (void)isolated_bench_order(state, *order, ROWS, NULL);
    }
    (void)child_side_wait(side);
}

/* Kills a parent whose executor is given an order, and fails the test unless both end. */
static void
check_end_with_parent(int32_t order)
{
    struct child_process parent = {0};
    pid_t executor = 0;

    child_process_start(&parent, start_and_order, &order);
    child_process_read(&parent, &executor, sizeof(executor));
    assert_true(is_process_running(executor));
    child_process_kill(&parent);
    assert_true(process_ends(executor));
    assert_int_equal(child_process_finish(&parent), 0);
}

static void
an_idle_executor_ends_with_its_killed_parent(void **state)
{
    (void)state;
    check_end_with_parent(TROUBLE_NONE);
}

static void
an_executor_that_computes_for_ever_ends_with_its_killed_parent(void **state)
{
    (void)state;
    check_end_with_parent(TROUBLE_SPIN);
    check_end_with_parent(TROUBLE_HANG);
}

/* A parent of its own, with an executor that never is loaded. */
static void
start_for_ever(const struct child_side *side, const void *argument)
{
    const struct neuron_isolated_place place = {.nc = 1, .run_rows = ROWS};
    const struct test_folder *folder = argument;
    void *state = NULL;

    set_variable("XDG_RUNTIME_DIR", folder->path);
    (void)isolated_bench_setup(&state);
    isolated_bench_open_trouble(state, "hang");
    child_side_report(side, &place.nc, sizeof(place.nc));
    (void)isolated_bench_start(state, &place, NULL);
}

static void
nothing_is_left_of_an_executor_that_loads_when_its_parent_is_killed(void **state)
{
    struct child_process parent = {0};
    struct test_folder folder;
    uint32_t nc = 0;
    pid_t executor = 0;

    (void)state;
    test_folder_create(&folder);
    child_process_start(&parent, start_for_ever, &folder);
    child_process_read(&parent, &nc, sizeof(nc));
    while (list_children(parent.pid, &executor, 1) == 0) {
        (void)usleep(1000);
    }
    child_process_kill(&parent);
    assert_true(process_ends(executor));
    assert_int_equal(child_process_finish(&parent), 0);
    assert_int_equal(rmdir(folder.path), 0); /* empty: without a folder for a socket as well */
}

enum { HANG_LIMIT_MS = 300, STOP_MS = 2 * HANG_LIMIT_MS };

/* A parent of its own, which is stopped while it waits. Tells how that ended. */
static void
run_and_be_stopped(const struct child_side *side, const void *argument)
{
    const bool *has_deadline = argument;
    const int32_t order = TROUBLE_FREEZE;
    struct neuron_error error = {0};
    void *state = NULL;

    (void)isolated_bench_setup(&state);
    isolated_bench_start_trouble(state, *has_deadline ? 0 : HANG_LIMIT_MS);
    struct isolated_bench *bench = state;
    memcpy(bench->program.buffers[1], &order, sizeof(order));
    error.status =
        isolated_bench_run(bench, ROWS, *has_deadline ? deadline_in_ms(HANG_LIMIT_MS) : 0, &error);
    child_side_report(side, &error, sizeof(error));
    (void)child_side_wait(side);
}

/* Lets a parent be stopped by what its executor runs, for longer than it has time to wait. */
static void
check_stop(bool has_deadline)
{
    struct child_process parent = {0};
    struct neuron_error error = {0};
    siginfo_t stopped;

    child_process_start(&parent, run_and_be_stopped, &has_deadline);
    assert_int_equal(waitid(P_PID, (id_t)parent.pid, &stopped, WSTOPPED | WEXITED | WNOWAIT), 0);
    assert_int_equal(stopped.si_code, CLD_STOPPED);
    (void)usleep(STOP_MS * 1000);
    assert_int_equal(kill(parent.pid, SIGCONT), 0);
    child_process_read(&parent, &error, sizeof(error));
    assert_ok(error.status, &error);
    assert_int_equal(child_process_finish(&parent), 0);
}

static void
an_answer_that_came_while_the_parent_was_stopped_counts(void **state)
{
    (void)state;
    check_stop(false);
    check_stop(true);
}

/* A forked child, which has the memory of its parent's program. */
static void
use_in_fork(const struct child_side *side, const void *argument)
{
    const struct isolated_bench *bench = argument;
    const struct neuron_chunk_run run = {.rows = ROWS};
    struct neuron_error error = {0};
    enum neuron_status status = bench->program.ops->run(bench->program.state, &run, &error);

    bench->program.ops->destroy(bench->program.state);
    neuron_isolated_source_destroy(bench->source);
    child_side_report(side, &status, sizeof(status));
}

static void
a_forked_process_leaves_the_executor_alone(void **state)
{
    struct isolated_bench *bench = *state;
    struct child_process forked = {0};
    enum neuron_status status = NEURON_OK;

    isolated_bench_start_trouble(bench, 0);
    pid_t executor = only_child();
    child_process_start(&forked, use_in_fork, bench);
    child_process_read(&forked, &status, sizeof(status));
    assert_int_equal(child_process_finish(&forked), 0);
    assert_int_equal(status, NEURON_STOPPED);
    assert_int_equal(only_child(), executor);
    isolated_bench_check(bench);
}

/* Adds the CPUs that a thread may use. */
static void
add_cpus(pid_t thread, cpu_set_t *all)
{
    cpu_set_t cpus;

    if (thread > 0 && sched_getaffinity(thread, sizeof(cpus), &cpus) == 0) {
        CPU_OR(all, all, &cpus);
    }
}

/* The CPUs that any thread of a process may use. */
static cpu_set_t
cpus_of(pid_t process)
{
    char path[64] = "";
    cpu_set_t all;

    CPU_ZERO(&all);
    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)process);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the folder is this call's own */
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        add_cpus((pid_t)strtol(entry->d_name, NULL, 10), &all);
    }
    assert_int_equal(closedir(folder), 0);
    return all;
}

/* Fails the test unless the executor's threads keep to cores of the runtime, `count` from nc on. */
static void
check_cpus(const struct isolated_bench *bench, uint32_t nc, uint32_t count)
{
    struct neuron_topology *topology = create_topology(NULL);
    const struct neuron_core_set *cores = neuron_runtime_cores(bench->owner.runtime);
    cpu_set_t found = cpus_of(only_child());

    assert_int_equal(CPU_COUNT(&found), count);
    for (uint32_t i = nc; i < nc + count; i += 1) {
        assert_true(
            CPU_ISSET(neuron_topology_cpu_of(topology, neuron_core_set_at(cores, i)), &found));
    }
    neuron_topology_destroy(topology);
}

/* Makes a bench of the real machine. */
static void
create_real_bench(struct isolated_bench *bench, uint32_t core_count)
{
    *bench = (struct isolated_bench){.nc = 0};
    test_runtime_create(&bench->owner, NULL, core_count);
}

static void
an_executor_keeps_to_its_core(void **state)
{
    struct neuron_model *model = load_dense_model();
    const struct neuron_isolated_place place = {.nc = 0, .run_rows = ROWS};
    struct isolated_bench bench;
    struct neuron_error error = {0};

    (void)state;
    create_real_bench(&bench, 1);
    assert_ok(
        neuron_isolated_source_create(bench.owner.runtime, model, NULL, &bench.source, &error),
        &error);
    assert_ok(isolated_bench_start(&bench, &place, &error), &error);
    check_cpus(&bench, 0, 1);
    assert_ok(isolated_bench_run(&bench, ROWS, 0, &error), &error);
    check_cpus(&bench, 0, 1);
    isolated_bench_end(&bench);
    test_runtime_destroy(&bench.owner);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_executor_ends_with_its_killed_parent),
        cmocka_unit_test(an_executor_that_computes_for_ever_ends_with_its_killed_parent),
        cmocka_unit_test(nothing_is_left_of_an_executor_that_loads_when_its_parent_is_killed),
        cmocka_unit_test(an_answer_that_came_while_the_parent_was_stopped_counts),
        cmocka_unit_test_setup_teardown(a_forked_process_leaves_the_executor_alone,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test(an_executor_keeps_to_its_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of other processes: running, forked, killed, in other namespaces, of other users. */
#include "counters/counter_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "neuron/module.h"

#include "child_process.h"
#include "descriptors.h"
#include "environment_variable.h"
#include "placement_bench.h"

/* What a child tells of its reading of a process. */
struct report {
    enum neuron_status status;
    uint32_t count; /* of pages */
    struct neuron_error error;
};

static struct report
open_pages_of(pid_t pid)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct report report = {.status = NEURON_OK};

    report.status = neuron_counter_readers_open(pid, &readers, &report.error);
    report.count = readers.count;
    neuron_counter_readers_close(&readers);
    return report;
}

/* Opens the one page of a process. */
static void
open_page(pid_t pid, struct neuron_counter_readers *readers)
{
    struct neuron_error error = {0};

    assert_ok(neuron_counter_readers_open(pid, readers, &error), &error);
    assert_int_equal(readers->count, 1);
}

/* A child that has a runtime, with one module on its first core, and runs once for each order. */
static void
run_on_order(const struct child_side *side, const void *argument)
{
    struct placement_bench bench = *(const struct placement_bench *)argument;
    enum neuron_status status = neuron_runtime_create(NULL, &bench.runtime, NULL);
    struct neuron_module *module = NULL;

    if (status == NEURON_OK) {
        status = neuron_module_create(bench.runtime, bench.model, NULL, &module, NULL);
    }
    child_side_report(side, &status, sizeof(status));
    while (status == NEURON_OK && child_side_wait(side)) {
        status = run_dense(module, NULL);
        child_side_report(side, &status, sizeof(status));
    }
    neuron_module_destroy(module);
    neuron_runtime_destroy(bench.runtime);
}

static void
await_ok(const struct child_process *child)
{
    enum neuron_status status = NEURON_SYSTEM;

    child_process_read(child, &status, sizeof(status));
    assert_status(NEURON_OK, status, NULL);
}

static void
runs_of_another_process_are_seen(void **state)
{
    struct child_process child = {0};
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_counter_sample sample = {0};
    struct neuron_error error = {0};

    set_variable("NEURON_PROCESS_TAG", "gr\xC3\xBC\xC3\x9F"
                                       "e\n");
    child_process_start(&child, run_on_order, *state);
    await_ok(&child);
    open_page(child.pid, &readers);
    for (uint64_t runs = 0; runs < 3; runs += 1) {
        assert_ok(neuron_counter_reader_read(readers.readers[0], &sample, &error), &error);
        assert_int_equal(sample.cores[0].ended[NEURON_OK], runs);
        assert_int_equal(sample.module_count, 1);
        child_process_order(&child);
        await_ok(&child);
    }
    assert_string_equal(sample.tag, "gr\xC3\xBC\xC3\x9F"
                                    "e?");
    assert_int_equal(child_process_finish(&child), 0);
    assert_status(NEURON_PEER_LOST, neuron_counter_reader_read(readers.readers[0], &sample, &error),
                  &error);
    neuron_counter_sample_clear(&sample);
    neuron_counter_readers_close(&readers);
}

/* Kills a child, and waits until it has ended, but leaves it for its parent to ask for. */
static void
kill_unasked(const struct child_process *child)
{
    siginfo_t end = {0};

    assert_int_equal(kill(child->pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child->pid, &end, WEXITED | WNOWAIT), 0);
}

static void
a_killed_process_is_lost_before_its_parent_asks_for_it_and_after(void **state)
{
    struct child_process child = {0};
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_counter_sample sample = {0};
    struct neuron_error error = {0};

    child_process_start(&child, run_on_order, *state);
    await_ok(&child);
    open_page(child.pid, &readers);
    kill_unasked(&child);
    assert_int_equal(open_pages_of(child.pid).count, 0);
    assert_status(NEURON_PEER_LOST, neuron_counter_reader_read(readers.readers[0], &sample, &error),
                  &error);
    pid_t pid = child.pid;
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    child.pid = 0;
    assert_status(NEURON_PEER_LOST, neuron_counter_reader_read(readers.readers[0], &sample, &error),
                  &error);
    struct report report = open_pages_of(pid);
    assert_status(NEURON_PEER_LOST, report.status, &report.error);
    assert_contains(report.error.text, "there is no process with pid");
    assert_int_equal(child_process_finish(&child), 0);
    neuron_counter_sample_clear(&sample);
    neuron_counter_readers_close(&readers);
}

static void
readers_leave_no_descriptor_behind(void **state)
{
    struct child_process child = {0};
    struct neuron_counter_readers readers = {.count = 0};
    uint32_t before = 0;

    child_process_start(&child, run_on_order, *state);
    await_ok(&child);
    before = open_descriptor_count();
    open_page(child.pid, &readers);
    assert_int_equal(open_descriptor_count(), before);
    neuron_counter_readers_close(&readers);
    assert_int_equal(child_process_finish(&child), 0);
}

/* Fails unless this process counts so many modules and runs, and uses memory. */
static void
check_own_page(uint32_t module_count, uint64_t run_count)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_counter_sample sample = {0};
    struct neuron_error error = {0};
    uint64_t refused = 0;

    open_page(getpid(), &readers);
    assert_ok(neuron_counter_reader_read(readers.readers[0], &sample, &error), &error);
    assert_int_equal(sample.module_count, module_count);
    assert_int_equal(sample.cores[0].ended[NEURON_OK], run_count);
    assert_true(sample.memory_count > 0);
    for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
        refused += sample.refused[i];
    }
    assert_int_equal(refused, 0);
    neuron_counter_sample_clear(&sample);
    neuron_counter_readers_close(&readers);
}

static void
a_forked_child_neither_shows_nor_changes_the_page_of_its_parent(void **state)
{
    struct placement_bench *bench = *state;
    struct neuron_error error = {0};
    int end = 0;

    placement_bench_start_cores(bench, "2");
    struct neuron_module *module = load(bench);
    assert_ok(run_dense(module, &error), &error);
    pid_t child = fork();
    if (child == 0) {
        bool shows_none = open_pages_of(getpid()).count == 0;

        neuron_runtime_count_refusal(bench->runtime, NEURON_QUEUE_FULL);
        bool is_refused = run_dense(module, NULL) == NEURON_STOPPED;
        neuron_module_destroy(module);
        neuron_runtime_destroy(bench->runtime);
        _exit(shows_none && is_refused ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_int_equal(end, 0);
    check_own_page(1, 1);
    assert_ok(run_dense(module, &error), &error);
    check_own_page(1, 2);
    neuron_module_destroy(module);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_of_another_process_are_seen, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_killed_process_is_lost_before_its_parent_asks_for_it_and_after, placement_bench_setup,
            placement_bench_teardown),
        cmocka_unit_test_setup_teardown(readers_leave_no_descriptor_behind, placement_bench_setup,
                                        placement_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_forked_child_neither_shows_nor_changes_the_page_of_its_parent, placement_bench_setup,
            placement_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

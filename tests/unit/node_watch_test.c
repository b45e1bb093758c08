/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at real processes that hold cores of an invented machine. */
#include "node/node_watch.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "neuron/module.h"

#include "child_process.h"
#include "environment_variable.h"
#include "invented_machine.h"
#include "lease_bench.h"
#include "traced_model.h"

static const char machine[] = "core:8 pu:1";

/* A watch of leases in a folder. */
struct bench {
    struct lease_bench leases;
    struct neuron_node_watch *watch;
    struct neuron_node_sample sample;
};

static int
setup(void **state)
{
    static struct bench bench;
    struct neuron_error error = {0};

    memset(&bench, 0, sizeof(bench));
    test_folder_create(&bench.leases.folder);
    bench.leases.topology = create_topology(machine);
    bench.leases.options.directory = bench.leases.folder.path;
    assert_ok(neuron_node_watch_create(bench.leases.topology, bench.leases.folder.path,
                                       &bench.watch, &error),
              &error);
    *state = &bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    neuron_node_sample_clear(&bench->sample);
    neuron_node_watch_destroy(bench->watch);
    neuron_topology_destroy(bench->leases.topology);
    test_folder_destroy(&bench->leases.folder);
    return 0;
}

/* A runtime that a child makes. */
struct wish {
    const char *synthetic;
    struct neuron_runtime_options options;
};

static void
own_runtime(const struct child_side *side, const void *argument)
{
    const struct wish *wish = argument;
    struct neuron_runtime *runtime = NULL;

    invent_machine(wish->synthetic);
    enum neuron_status status = neuron_runtime_create(&wish->options, &runtime, NULL);
    child_side_report(side, &status, sizeof(status));
    (void)child_side_wait(side);
    neuron_runtime_destroy(runtime);
}

static struct wish
wish_of(const struct bench *bench, const char *cores)
{
    return (struct wish){.synthetic = machine,
                         .options = {.visible_cores = cores,
                                     .process_tag = cores,
                                     .lease.directory = bench->leases.folder.path}};
}

static void
start_runtime(struct child_process *child, const struct wish *wish)
{
    enum neuron_status status = NEURON_SYSTEM;

    child_process_start(child, own_runtime, wish);
    child_process_read(child, &status, sizeof(status));
    assert_status(NEURON_OK, status, NULL);
}

/* Takes a look, and fails unless there are so many processes. */
static void
look(struct bench *bench, uint32_t count)
{
    struct neuron_error error = {0};

    assert_ok(neuron_node_watch_read(bench->watch, &bench->sample, &error), &error);
    assert_int_equal(bench->sample.process_count, count);
    assert_true(bench->sample.host.cpu_count > 0);
    assert_true(bench->sample.host.memory_total_bytes > 0);
}

static void
check_process(const struct bench *bench, uint32_t position, pid_t pid, const char *cores)
{
    const struct neuron_node_process *process = &bench->sample.processes[position];

    assert_int_equal(process->pid, pid);
    assert_cores(process->cores, cores);
    assert_int_equal(process->stats.parent, getpid());
    assert_string_equal(process->trouble, "");
}

static void
a_machine_that_nobody_uses_is_empty(void **state)
{
    look(*state, 0);
    look(*state, 0);
}

static void
processes_are_seen_until_they_are_killed(void **state)
{
    struct bench *bench = *state;
    struct child_process children[2] = {{0}};
    const struct wish first = wish_of(bench, "4-5");
    const struct wish second = wish_of(bench, "1");
    siginfo_t end = {0};

    start_runtime(&children[0], &first);
    start_runtime(&children[1], &second);
    look(bench, 2);
    check_process(bench, 0, children[1].pid, "1");
    check_process(bench, 1, children[0].pid, "4-5");
    assert_string_equal(bench->sample.processes[1].tag, "4-5");
    assert_int_equal(bench->sample.processes[1].runtime_count, 1);
    assert_int_equal(bench->sample.processes[1].runtimes[0].cores[1].core, 5);
    assert_int_equal(kill(children[1].pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)children[1].pid, &end, WEXITED | WNOWAIT), 0);
    look(bench, 1); /* before its parent has asked, and after */
    child_process_kill(&children[1]);
    look(bench, 1);
    check_process(bench, 0, children[0].pid, "4-5");
    assert_int_equal(child_process_finish(&children[0]), 0);
    assert_int_equal(child_process_finish(&children[1]), 0);
    look(bench, 0);
}

/* Holds cores, and starts a runtime in another process: on them, unless it is of another machine.
 */
static void
reserve_and_start(const struct child_side *side, const void *argument)
{
    const struct wish *wish = argument;
    struct neuron_core_lease *lease = NULL;
    struct neuron_core_set *cores = NULL;
    struct child_process worker = {0};
    enum neuron_status status = NEURON_SYSTEM;

    const struct neuron_core_lease_options options = {.directory = wish->options.lease.directory};
    struct wish inner = *wish;
    struct neuron_topology *topology = create_topology(machine);
    if (neuron_core_set_parse("2-5", &cores, NULL) == NEURON_OK &&
        neuron_core_lease_claim(topology, cores, &options, &lease, NULL) == NEURON_OK) {
        if (strcmp(wish->synthetic, machine) == 0) {
            neuron_core_lease_lend(lease, &inner.options.lease);
        }
        child_process_start(&worker, own_runtime, &inner);
        child_process_read(&worker, &status, sizeof(status));
    }
    child_side_report(side, &status, sizeof(status));
    (void)child_side_wait(side);
    (void)child_process_finish(&worker);
    neuron_core_lease_release(lease);
    neuron_core_set_destroy(cores);
    neuron_topology_destroy(topology);
}

static void
start_nested(struct child_process *child, const struct wish *wish)
{
    enum neuron_status status = NEURON_SYSTEM;

    child_process_start(child, reserve_and_start, wish);
    child_process_read(child, &status, sizeof(status));
    assert_status(NEURON_OK, status, NULL);
}

static void
who_borrows_is_found_below_whom_it_borrows_of(void **state)
{
    struct bench *bench = *state;
    struct child_process child = {0};
    const struct wish wish = wish_of(bench, "3");

    start_nested(&child, &wish);
    for (int i = 0; i < 2; i += 1) {
        look(bench, 2);
        check_process(bench, 0, child.pid, "2-5");
        assert_int_equal(bench->sample.processes[0].runtime_count, 0);
        assert_int_equal(bench->sample.processes[1].parent, 0);
        assert_int_equal(bench->sample.processes[1].kind, NEURON_CORE_LEASE_BORROWED);
        assert_string_equal(bench->sample.processes[1].tag, "3");
        assert_int_equal(bench->sample.processes[1].runtimes[0].cores[0].core, 3);
    }
    assert_int_equal(child_process_finish(&child), 0);
}

static void
runtimes_of_another_machine_are_not_counted_for_this_one(void **state)
{
    struct bench *bench = *state;
    struct child_process child = {0};
    struct wish wish = wish_of(bench, NULL);

    wish.synthetic = "numa:2 core:4 pu:1";
    wish.options.core_count = 1;
    start_nested(&child, &wish);
    look(bench, 1);
    check_process(bench, 0, child.pid, "2-5");
    assert_int_equal(bench->sample.processes[0].runtime_count, 0);
    assert_int_equal(child_process_finish(&child), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_machine_that_nobody_uses_is_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(processes_are_seen_until_they_are_killed, setup, teardown),
        cmocka_unit_test_setup_teardown(who_borrows_is_found_below_whom_it_borrows_of, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(runtimes_of_another_machine_are_not_counted_for_this_one,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

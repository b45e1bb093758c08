/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at real processes that hold cores of an invented machine. */
#include "node/node_watch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "neuron/module.h"

#include "child_process.h"
#include "environment_variable.h"
#include "invented_machine.h"
#include "lease_bench.h"
#include "made_page.h"
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

/* Makes a page of one core, which nothing says that this process holds. */
static int
open_page_of_core(uint32_t core, uint32_t version)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW;
    uint64_t size_bytes = neuron_counter_core_offset(1);
    unsigned char *bytes = calloc(1, size_bytes);
    struct neuron_counter_page *page = (struct neuron_counter_page *)(void *)bytes;
    struct neuron_topology *topology = create_topology(machine);

    assert_non_null(bytes);
    made_page_fill(page, 1);
    page->version = version;
    page->machine = neuron_core_holders_machine(topology);
    ((struct neuron_counter_core *)(void *)(bytes + neuron_counter_core_offset(0)))->core = core;
    int file = made_page_open(bytes, size_bytes, seals);
    neuron_topology_destroy(topology);
    free(bytes);
    return file;
}

/* Holds a core, and says that it uses another. */
static void
boast(const struct child_side *side, const void *argument)
{
    int page = open_page_of_core(7, NEURON_COUNTER_PAGE_VERSION);

    own_runtime(side, argument);
    (void)close(page);
}

static void
counters_of_cores_that_a_process_does_not_hold_are_left_out(void **state)
{
    struct bench *bench = *state;
    struct child_process child = {0};
    const struct wish wish = wish_of(bench, "1");
    enum neuron_status status = NEURON_SYSTEM;

    child_process_start(&child, boast, &wish);
    child_process_read(&child, &status, sizeof(status));
    assert_status(NEURON_OK, status, NULL);
    look(bench, 1);
    const struct neuron_node_process *process = &bench->sample.processes[0];
    assert_cores(process->cores, "1");
    assert_int_equal(process->runtime_count, 1);
    assert_int_equal(process->runtimes[0].cores[0].core, 1);
    assert_contains(process->trouble, "has counters of cores that it does not hold");
    assert_int_equal(child_process_finish(&child), 0);
}

/* Has counters that nobody here can read, and no lease. */
static void
be_of_another_version(const struct child_side *side, const void *unused)
{
    int page = open_page_of_core(3, NEURON_COUNTER_PAGE_VERSION + 1);
    enum neuron_status status = page < 0 ? NEURON_SYSTEM : NEURON_OK;

    (void)unused;
    child_side_report(side, &status, sizeof(status));
    (void)child_side_wait(side);
    (void)close(page);
}

/* Holds cores, and starts such a process. */
static void
hold_and_start_another_version(const struct child_side *side, const void *argument)
{
    struct child_process worker = {0};
    enum neuron_status status = NEURON_SYSTEM;

    child_process_start(&worker, be_of_another_version, NULL);
    child_process_read(&worker, &status, sizeof(status));
    own_runtime(side, argument);
    (void)child_process_finish(&worker);
}

static void
counters_of_another_version_are_told_of_whoever_has_them(void **state)
{
    struct bench *bench = *state;
    struct child_process child = {0};
    const struct wish wish = wish_of(bench, "1");
    enum neuron_status status = NEURON_SYSTEM;

    child_process_start(&child, hold_and_start_another_version, &wish);
    child_process_read(&child, &status, sizeof(status));
    assert_status(NEURON_OK, status, NULL);
    look(bench, 2);
    assert_int_equal(bench->sample.processes[1].parent, 0);
    assert_int_equal(bench->sample.processes[1].runtime_count, 0);
    assert_contains(bench->sample.processes[1].trouble, "they are of version");
    assert_int_equal(child_process_finish(&child), 0);
}

static void
a_folder_of_leases_that_is_named_and_not_there_is_refused(void **state)
{
    const struct bench *bench = *state;
    struct neuron_node_watch *watch = NULL;
    struct neuron_error error = {0};

    assert_status(
        NEURON_SYSTEM,
        neuron_node_watch_create(bench->leases.topology, "/nowhere/leases", &watch, &error),
        &error);
    assert_contains(error.text, "there is no folder of core leases /nowhere/leases");
    assert_null(watch);
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
        cmocka_unit_test_setup_teardown(counters_of_cores_that_a_process_does_not_hold_are_left_out,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(counters_of_another_version_are_told_of_whoever_has_them,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_of_leases_that_is_named_and_not_there_is_refused,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A core that goes offline under a process: who wants it, is told so. */
#include "cores/offline_core.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup_files.h"
#include "check.h"
#include "invented_machine.h"
#include "neuron/core_lease.h"
#include "neuron/runtime.h"
#include "test_runtime.h"

static const char online_file[] = "sys/devices/system/cpu/online";

/* What the kernel is made to answer. */
static struct {
    const char *root; /* where /sys is; NULL for the real one */
    int reason;       /* why no thread can be bound; 0 to bind it */
} kernel;

/* In place of the C library's, whose names of parameters are reserved.
   NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
sched_setaffinity(pid_t thread, size_t size_bytes, const cpu_set_t *cpus)
{
    if (kernel.reason != 0) {
        errno = kernel.reason;
        return -1;
    }
    return (int)syscall(SYS_sched_setaffinity, thread, size_bytes, cpus);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* The linker puts these in place of the runtime's.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
uint32_t
__real_neuron_offline_core_find(const struct neuron_topology *topology,
                                const struct neuron_core_set *cores, const char *root);
uint32_t
__wrap_neuron_offline_core_find(const struct neuron_topology *topology,
                                const struct neuron_core_set *cores, const char *root);

uint32_t
__wrap_neuron_offline_core_find(const struct neuron_topology *topology,
                                const struct neuron_core_set *cores, const char *root)
{
    return __real_neuron_offline_core_find(topology, cores,
                                           kernel.root == NULL ? root : kernel.root);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static int
prepare(void **state)
{
    int result = cgroup_files_setup(state);
    const struct test_folder *machine = *state;

    kernel.root = machine->path;
    kernel.reason = 0;
    return result;
}

static int
clean_up(void **state)
{
    kernel.root = NULL;
    kernel.reason = 0;
    return cgroup_files_teardown(state);
}

/* Fails unless, with these CPUs online, this core of a machine of four with two threads each is
   found to be offline. */
static void
check_found(const struct test_folder *machine, const char *online, const char *cores,
            uint32_t expected)
{
    struct neuron_topology *topology = create_topology("core:4 pu:2");
    struct neuron_core_set *wanted = cores_of(cores);

    put(machine, online_file, online);
    assert_int_equal(neuron_offline_core_find(topology, wanted, machine->path), expected);
    neuron_core_set_destroy(wanted);
    neuron_topology_destroy(topology);
}

static void
a_core_is_offline_when_its_cpu_is_not_listed(void **state)
{
    check_found(*state, "0-5\n", "3", 3);
    check_found(*state, "0-5\n", "0-3", 3);
    check_found(*state, "0,3-7\n", "0-3", 1);
    check_found(*state, "0\n", "2-3", 2);
}

static void
a_core_is_online_when_its_first_thread_is_listed(void **state)
{
    check_found(*state, "0-7\n", "0-3", NEURON_NO_CORE);
    check_found(*state, "0,2,4,6\n", "0-3", NEURON_NO_CORE);
    check_found(*state, "0-1,4-7", "0,2-3", NEURON_NO_CORE);
}

static void
a_list_that_says_nothing_finds_nothing(void **state)
{
    const struct test_folder *machine = *state;
    struct neuron_topology *topology = create_topology("core:4 pu:2");

    assert_int_equal(
        neuron_offline_core_find(topology, neuron_topology_allowed(topology), machine->path),
        NEURON_NO_CORE);
    neuron_topology_destroy(topology);
    check_found(machine, "", "0-3", NEURON_NO_CORE);
    check_found(machine, "\n", "0-3", NEURON_NO_CORE);
    check_found(machine, "garbage\n", "0-3", NEURON_NO_CORE);
}

/* Lists every CPU as online but the first that this process may use. */
static void
take_first_core_offline(const struct test_folder *machine, const struct neuron_topology *topology,
                        char *expected, size_t size_bytes)
{
    uint32_t core = neuron_core_set_at(neuron_topology_allowed(topology), 0);
    uint32_t cpu = neuron_topology_cpu_of(topology, core);
    char online[32] = "";

    (void)snprintf(online, sizeof(online), "%u-60000\n", cpu + 1);
    (void)snprintf(expected, size_bytes, "core %u (CPU %u) went offline", core, cpu);
    put(machine, online_file, online);
    kernel.reason = EINVAL;
}

static void
binding_to_a_core_that_went_offline_says_so(void **state)
{
    struct neuron_topology *topology = create_topology(NULL);
    struct neuron_error error = {0};
    char expected[64] = "";

    take_first_core_offline(*state, topology, expected, sizeof(expected));
    assert_status(NEURON_SYSTEM,
                  neuron_topology_bind_thread(topology, neuron_topology_allowed(topology), &error),
                  &error);
    assert_contains(error.text, expected);
    neuron_topology_destroy(topology);
}

static void
another_reason_is_told_as_it_is(void **state)
{
    struct neuron_topology *topology = create_topology(NULL);
    struct neuron_error error = {0};

    put(*state, online_file, "0-65535\n");
    kernel.reason = EPERM;
    assert_status(NEURON_SYSTEM,
                  neuron_topology_bind_thread(topology, neuron_topology_allowed(topology), &error),
                  &error);
    assert_contains(error.text, "Operation not permitted");
    neuron_topology_destroy(topology);
}

static void
a_runtime_on_a_core_that_went_offline_is_refused_and_gives_it_back(void **state)
{
    struct test_runtime test = {0};
    struct neuron_topology *topology = create_topology(NULL);
    struct neuron_error error = {0};
    char expected[64] = "";

    test_folder_create(&test.folder);
    const struct neuron_runtime_options options = {.core_count = 1,
                                                   .lease.directory = test.folder.path};
    take_first_core_offline(*state, topology, expected, sizeof(expected));
    assert_status(NEURON_SYSTEM, neuron_runtime_create(&options, &test.runtime, &error), &error);
    assert_null(test.runtime);
    assert_contains(error.text, expected);
    kernel.reason = 0;
    assert_ok(neuron_runtime_create(&options, &test.runtime, &error), &error);
    test_runtime_destroy(&test);
    neuron_topology_destroy(topology);
}

static void
a_claim_of_a_core_that_is_there_no_more_is_refused(void **state)
{
    const struct test_folder *machine = *state;
    const struct neuron_core_lease_options options = {.directory = machine->path};
    struct neuron_topology *before = create_topology("core:4 pu:2");
    struct neuron_topology *after = create_topology("core:3 pu:2");
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_status(
        NEURON_NO_SUCH_CORE,
        neuron_core_lease_claim(after, neuron_topology_allowed(before), &options, &lease, &error),
        &error);
    assert_contains(error.text, "core 3, but the machine has 3 cores, 0-2");
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_core_lease_claim_run(after, neuron_topology_allowed(before), 1, &options,
                                              &lease, &error),
                  &error);
    assert_null(lease);
    neuron_topology_destroy(after);
    neuron_topology_destroy(before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_core_is_offline_when_its_cpu_is_not_listed, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_core_is_online_when_its_first_thread_is_listed, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_list_that_says_nothing_finds_nothing, prepare, clean_up),
        cmocka_unit_test_setup_teardown(binding_to_a_core_that_went_offline_says_so, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(another_reason_is_told_as_it_is, prepare, clean_up),
        cmocka_unit_test_setup_teardown(
            a_runtime_on_a_core_that_went_offline_is_refused_and_gives_it_back, prepare, clean_up),
        cmocka_unit_test_setup_teardown(a_claim_of_a_core_that_is_there_no_more_is_refused, prepare,
                                        clean_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

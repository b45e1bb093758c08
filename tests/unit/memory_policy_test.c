/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory_policy.h"

/* What a process tells by its exit code. */
static int
exit_code_of(int (*run)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        _exit(run());
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int
prefer_and_read(void)
{
    if (!neuron_memory_policy_prefer(0)) {
        return 1;
    }
    return neuron_memory_policy_read() == NEURON_MEMORY_POLICY_CHOSEN ? 0 : 2;
}

static int
prefer_and_exec(void)
{
    if (!neuron_memory_policy_prefer(0)) {
        return 1;
    }
    (void)execlp("grep", "grep", "-q", "prefer:0", "/proc/self/numa_maps", (char *)NULL);
    return 127;
}

/* Kernels and containers may lack what is tested here. */
static void
skip_without_policy(void)
{
    if (neuron_memory_policy_read() == NEURON_MEMORY_POLICY_UNAVAILABLE ||
        access("/proc/self/numa_maps", R_OK) != 0) {
        skip();
    }
}

static void
a_preferred_node_counts_as_chosen(void **state)
{
    (void)state;
    skip_without_policy();
    assert_int_equal(exit_code_of(prefer_and_read), 0);
}

static void
a_program_inherits_the_node(void **state)
{
    (void)state;
    skip_without_policy();
    assert_int_equal(exit_code_of(prefer_and_exec), 0);
}

static void
nodes_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    skip_without_policy();
    assert_false(neuron_memory_policy_prefer(1023));
    assert_false(neuron_memory_policy_prefer(1024));
    assert_int_equal(errno, EINVAL);
    assert_false(neuron_memory_policy_prefer(UINT32_MAX));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preferred_node_counts_as_chosen),
        cmocka_unit_test(a_program_inherits_the_node),
        cmocka_unit_test(nodes_that_do_not_exist_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

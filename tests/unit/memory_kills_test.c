/* SPDX-License-Identifier: Apache-2.0 */
/* Whose count of processes killed for lack of memory is read, and what counts as one. */
#include "neuron/memory_kills.h"

#include "cgroup_files.h"
#include "check.h"

#define MEMORY_VERSION_1 "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define UNKNOWN          UINT64_MAX

static void
check_kills(const struct test_folder *machine, uint64_t group, uint64_t everywhere)
{
    const struct neuron_memory_kills kills = neuron_memory_kills_read(machine->path);

    assert_true(kills.group == group);
    assert_true(kills.machine == everywhere);
}

static void
version_2_counts_in_its_events(void **state)
{
    put_process(*state, VERSION_2, "0::/job\n");
    put(*state, "sys/fs/cgroup/job/memory.events", "low 1\noom 5\noom_kill 3\noom_group_kill 9\n");
    put(*state, "proc/vmstat", "nr_free_pages 12\noom_kill 70\n");
    check_kills(*state, 3, 70);
}

static void
version_1_counts_beside_its_switch(void **state)
{
    put_process(*state, MEMORY_VERSION_1, "3:memory:/job\n0::/\n");
    put(*state, "sys/fs/cgroup/memory/job/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    put(*state, "sys/fs/cgroup/memory/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
    check_kills(*state, 2, UNKNOWN);
}

static void
a_kernel_that_does_not_count_tells_nothing(void **state)
{
    put_process(*state, MEMORY_VERSION_1, "3:memory:/job\n");
    put(*state, "sys/fs/cgroup/memory/job/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n");
    put(*state, "proc/vmstat", "nr_free_pages 12\n");
    check_kills(*state, UNKNOWN, UNKNOWN);
}

static void
a_machine_without_groups_tells_of_itself(void **state)
{
    put(*state, "proc/vmstat", "oom_kill 4\n");
    check_kills(*state, UNKNOWN, 4);
}

static void
text_that_is_no_count_is_none(void **state)
{
    static const char *const texts[] = {"",
                                        "oom_kill",
                                        "oom_kill \n",
                                        "oom_kill x\n",
                                        "oom_kill -1\n",
                                        "oom_kill 3x\n",
                                        " oom_kill 3\n",
                                        "oom_kill 99999999999999999999\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        put(*state, "proc/vmstat", texts[i]);
        check_kills(*state, UNKNOWN, UNKNOWN);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(version_2_counts_in_its_events, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(version_1_counts_beside_its_switch, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_kernel_that_does_not_count_tells_nothing,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_machine_without_groups_tells_of_itself,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(text_that_is_no_count_is_none, cgroup_files_setup,
                                        cgroup_files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a memory limit, and that of which control group. */
#include "cores/memory_limit.h"

#include "cgroup_files.h"
#include "check.h"

#define MEMORY_VERSION_1 "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define NO_LIMIT         UINT64_MAX

static uint64_t
limit_of(const struct test_folder *machine)
{
    return neuron_memory_limit_read(machine->path);
}

static void
check_version_2(const struct test_folder *machine, const char *text, uint64_t expected)
{
    put_process(machine, VERSION_2, "0::/job\n");
    put(machine, "sys/fs/cgroup/job/memory.max", text);
    if (limit_of(machine) != expected) {
        fail_msg("memory.max '%s': %llu", text, (unsigned long long)limit_of(machine));
    }
}

static void
check_version_1(const struct test_folder *machine, const char *text, uint64_t expected)
{
    put_process(machine, MEMORY_VERSION_1, "3:memory:/job\n0::/\n");
    put(machine, "sys/fs/cgroup/memory/job/memory.limit_in_bytes", text);
    if (limit_of(machine) != expected) {
        fail_msg("limit_in_bytes '%s': %llu", text, (unsigned long long)limit_of(machine));
    }
}

static void
a_limit_is_read_in_bytes(void **state)
{
    check_version_2(*state, "4096\n", 4096);
    check_version_2(*state, "17179869184\n", UINT64_C(17179869184));
    check_version_2(*state, "17179869184", UINT64_C(17179869184));
    check_version_1(*state, "8589934592\n", UINT64_C(8589934592));
    check_version_1(*state, "1\n", 1);
}

static void
a_group_without_limit_has_none(void **state)
{
    check_version_2(*state, "max\n", NO_LIMIT);
    check_version_1(*state, "9223372036854771712\n", NO_LIMIT); /* pages of 4 KiB */
    check_version_1(*state, "9223372036854710272\n", NO_LIMIT); /* pages of 64 KiB */
    check_version_1(*state, "-1\n", NO_LIMIT);
}

static void
text_that_is_no_limit_is_none(void **state)
{
    static const char *const texts[] = {"",       "\n",        "0\n",   "-4096\n",
                                        "x",      "4G",        "4096x", "0x1000",
                                        "1.5",    " ",         "-",     "99999999999999999999\n",
                                        "\xff\n", "max 4096\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        check_version_2(*state, texts[i], NO_LIMIT);
        check_version_1(*state, texts[i], NO_LIMIT);
    }
}

static void
the_smallest_group_on_the_way_up_counts_in_version_2(void **state)
{
    put_process(*state, VERSION_2, "0::/a/b/c\n");
    put(*state, "sys/fs/cgroup/a/b/c/memory.max", "max\n");
    assert_true(limit_of(*state) == NO_LIMIT);
    put(*state, "sys/fs/cgroup/a/memory.max", "5000\n");
    assert_int_equal(limit_of(*state), 5000);
    put(*state, "sys/fs/cgroup/a/b/memory.max", "3000\n");
    assert_int_equal(limit_of(*state), 3000);
    put(*state, "sys/fs/cgroup/a/b/c/memory.max", "4000\n");
    assert_int_equal(limit_of(*state), 3000);
    put(*state, "sys/fs/cgroup/a/b/d/memory.max", "1000\n");
    assert_int_equal(limit_of(*state), 3000);
}

static void
the_smallest_group_on_the_way_up_counts_in_version_1(void **state)
{
    put_process(*state, MEMORY_VERSION_1, "3:memory:/a/b\n");
    put(*state, "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
    assert_true(limit_of(*state) == NO_LIMIT);
    put(*state, "sys/fs/cgroup/memory/memory.limit_in_bytes", "7000\n");
    assert_int_equal(limit_of(*state), 7000);
    put(*state, "sys/fs/cgroup/memory/a/memory.limit_in_bytes", "6000\n");
    assert_int_equal(limit_of(*state), 6000);
}

static void
each_version_looks_for_its_own_file(void **state)
{
    put_process(*state, VERSION_2, "0::/job\n");
    put(*state, "sys/fs/cgroup/job/memory.limit_in_bytes", "1000\n");
    put(*state, "sys/fs/cgroup/job/memory.high", "1000\n");
    assert_true(limit_of(*state) == NO_LIMIT);
    put_process(*state, MEMORY_VERSION_1, "3:memory:/job\n");
    put(*state, "sys/fs/cgroup/memory/job/memory.max", "1000\n");
    assert_true(limit_of(*state) == NO_LIMIT);
}

static void
groups_of_other_controllers_do_not_limit_memory(void **state)
{
    put_process(*state, VERSION_1, "1:cpu:/job\n3:memory:/job\n");
    put(*state, "sys/fs/cgroup/cpu/job/memory.limit_in_bytes", "1000\n");
    assert_true(limit_of(*state) == NO_LIMIT);
    put_process(*state, MEMORY_VERSION_1, "1:cpu:/job\n3:memory_more:/job\n");
    put(*state, "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1000\n");
    assert_true(limit_of(*state) == NO_LIMIT);
}

static void
both_versions_side_by_side_are_read(void **state)
{
    put_process(*state, HYBRID MEMORY_VERSION_1, "3:memory:/one\n0::/two\n");
    put(*state, "sys/fs/cgroup/memory/one/memory.limit_in_bytes", "5000\n");
    put(*state, "sys/fs/cgroup/unified/two/memory.max", "6000\n");
    assert_int_equal(limit_of(*state), 5000);
    put(*state, "sys/fs/cgroup/unified/two/memory.max", "4000\n");
    assert_int_equal(limit_of(*state), 4000);
}

static void
a_machine_without_files_has_no_limit(void **state)
{
    assert_true(limit_of(*state) == NO_LIMIT);
    assert_true(neuron_memory_limit_read("/no/such/folder") == NO_LIMIT);
    put(*state, "proc/self/mountinfo", VERSION_2);
    put(*state, "sys/fs/cgroup/job/memory.max", "1000\n");
    assert_true(limit_of(*state) == NO_LIMIT);
    put(*state, "proc/self/cgroup", "0::/job\n");
    assert_int_equal(limit_of(*state), 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_limit_is_read_in_bytes, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_without_limit_has_none, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(text_that_is_no_limit_is_none, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(the_smallest_group_on_the_way_up_counts_in_version_2,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(the_smallest_group_on_the_way_up_counts_in_version_1,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(each_version_looks_for_its_own_file, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(groups_of_other_controllers_do_not_limit_memory,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(both_versions_side_by_side_are_read, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_machine_without_files_has_no_limit, cgroup_files_setup,
                                        cgroup_files_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a CPU quota, and that of which control group. */
#include "cores/cpu_quota.h"

#include <stdio.h>
#include <string.h>

#include "cgroup_files.h"
#include "check.h"

static void
check_version_1(const struct test_folder *machine, const char *quota, const char *period,
                uint32_t expected)
{
    put_process(machine, VERSION_1, "1:cpu:/job\n0::/\n");
    put_version_1(machine, "sys/fs/cgroup/cpu/job", quota, period);
    if (quota_of(machine) != expected) {
        fail_msg("quota '%s' in period '%s': %u", quota, period, quota_of(machine));
    }
}

static void
check_version_2(const struct test_folder *machine, const char *text, uint32_t expected)
{
    put_process(machine, VERSION_2, "0::/job\n");
    put(machine, "sys/fs/cgroup/job/cpu.max", text);
    if (quota_of(machine) != expected) {
        fail_msg("cpu.max '%s': %u", text, quota_of(machine));
    }
}

static void
a_quota_is_rounded_down_to_whole_cores(void **state)
{
    check_version_2(*state, "150000 100000\n", 1);
    check_version_2(*state, "199999 100000\n", 1);
    check_version_2(*state, "200000 100000\n", 2);
    check_version_2(*state, "25600000 100000\n", 256);
    check_version_2(*state, "35000 10000\n", 3);
    check_version_1(*state, "150000\n", "100000\n", 1);
    check_version_1(*state, "400000\n", "100000\n", 4);
    check_version_1(*state, "2500000\n", "1000000\n", 2);
}

static void
a_quota_of_less_than_one_core_is_worth_one(void **state)
{
    check_version_2(*state, "50000 100000\n", 1);
    check_version_2(*state, "1 100000\n", 1);
    check_version_1(*state, "50000\n", "100000\n", 1);
    check_version_1(*state, "1000\n", "1000000\n", 1);
}

static void
a_group_without_quota_has_none(void **state)
{
    check_version_2(*state, "max 100000\n", NO_QUOTA);
    check_version_1(*state, "-1\n", "100000\n", NO_QUOTA);
}

static void
text_without_line_end_is_read(void **state)
{
    check_version_2(*state, "150000 100000", 1);
    check_version_1(*state, "300000", "100000", 3);
}

static const char *const texts_without_quota[] = {
    "",
    "\n",
    "max",
    "max\n",
    "max max\n",
    "150000\n",
    "150000 ",
    "x",
    "150000 x",
    "150000x 100000",
    "150000 100000x",
    "150000,100000",
    "150000 max",
    "0 100000",
    "-5 100000",
    "150000 0",
    "150000 -100000",
    "0x10 1",
    "1.5 1",
    " ",
    "\x01\x02",
    "\xff\xfe 100000",
    "- -",
    "150000\n100000\n",
};

static void
text_that_is_no_quota_is_none_in_version_2(void **state)
{
    for (size_t i = 0; i < sizeof(texts_without_quota) / sizeof(texts_without_quota[0]); i += 1) {
        check_version_2(*state, texts_without_quota[i], NO_QUOTA);
    }
}

static void
text_that_is_no_quota_is_none_in_version_1(void **state)
{
    static const char *const texts[] = {"",     "\n",      "max\n", "x",        "-",    "0\n",
                                        "-1\n", "-200000", "0x10",  "100000us", "1e5\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        check_version_1(*state, texts[i], "100000\n", NO_QUOTA);
        check_version_1(*state, "150000\n", texts[i], NO_QUOTA);
    }
}

static void
absurd_numbers_limit_nothing(void **state)
{
    check_version_2(*state, "9223372036854775807 1\n", NO_QUOTA);
    check_version_2(*state, "99999999999999999999 100000\n", NO_QUOTA);
    check_version_2(*state, "150000 99999999999999999999\n", NO_QUOTA);
    check_version_2(*state, "-99999999999999999999 100000\n", NO_QUOTA);
    check_version_2(*state, "4294967295 1\n", NO_QUOTA);
    check_version_2(*state, "4294967294 1\n", UINT32_MAX - 1);
    check_version_1(*state, "18446744073709551615\n", "100000\n", NO_QUOTA);
    check_version_1(*state, "150000\n", "18446744073709551615\n", NO_QUOTA);
}

static void
bytes_without_a_line_end_are_no_quota(void **state)
{
    char bytes[1000];

    memset(bytes, '7', sizeof(bytes) - 1);
    bytes[sizeof(bytes) - 1] = '\0';
    check_version_2(*state, bytes, NO_QUOTA);
    check_version_1(*state, bytes, "100000\n", NO_QUOTA);
    memset(bytes, ' ', sizeof(bytes) - 1);
    check_version_2(*state, bytes, NO_QUOTA);
}

static void
a_machine_without_files_has_no_quota(void **state)
{
    assert_int_equal(quota_of(*state), NO_QUOTA);
    assert_int_equal(neuron_cpu_quota_read("/no/such/folder"), NO_QUOTA);
}

static void
a_root_longer_than_any_path_has_no_quota(void **state)
{
    char root[8000];

    (void)state;
    memset(root, 'x', sizeof(root) - 1);
    root[sizeof(root) - 1] = '\0';
    assert_int_equal(neuron_cpu_quota_read(root), NO_QUOTA);
}

static void
one_file_alone_is_no_quota(void **state)
{
    put(*state, "sys/fs/cgroup/job/cpu.max", "150000 100000\n");
    put(*state, "proc/self/mountinfo", VERSION_2);
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put_process(*state, "", "0::/job\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put_process(*state, VERSION_2, "");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put_process(*state, VERSION_2, "0::/job\n");
    assert_int_equal(quota_of(*state), 1);
}

static void
a_quota_without_period_is_none(void **state)
{
    put_process(*state, VERSION_1, "1:cpu:/job\n");
    put(*state, "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "150000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
a_folder_in_place_of_a_file_is_no_quota(void **state)
{
    put_process(*state, VERSION_2, "0::/job\n");
    put(*state, "sys/fs/cgroup/job/cpu.max/file", "150000 100000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put(*state, "sys/fs/cgroup/cpu.max", "250000 100000\n");
    assert_int_equal(quota_of(*state), 2);
}

static void
a_folder_in_place_of_the_process_files_is_no_quota(void **state)
{
    put(*state, "proc/self/mountinfo/file", "");
    put(*state, "proc/self/cgroup/file", "");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
the_smallest_group_on_the_way_up_counts_in_version_2(void **state)
{
    put_process(*state, VERSION_2, "0::/a/b/c\n");
    put(*state, "sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
    assert_int_equal(quota_of(*state), 4);
    put(*state, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    assert_int_equal(quota_of(*state), 4);
    put(*state, "sys/fs/cgroup/a/cpu.max", "250000 100000\n");
    assert_int_equal(quota_of(*state), 2);
    put(*state, "sys/fs/cgroup/a/b/cpu.max", "100000 100000\n");
    assert_int_equal(quota_of(*state), 1);
    put(*state, "sys/fs/cgroup/a/b/d/cpu.max", "1000 100000\n");
    put(*state, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    assert_int_equal(quota_of(*state), 2);
}

static void
the_smallest_group_on_the_way_up_counts_in_version_1(void **state)
{
    put_process(*state, VERSION_1, "1:cpu:/a/b\n");
    put_version_1(*state, "sys/fs/cgroup/cpu/a/b", "-1\n", "100000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put_version_1(*state, "sys/fs/cgroup/cpu/a", "500000\n", "100000\n");
    assert_int_equal(quota_of(*state), 5);
    put_version_1(*state, "sys/fs/cgroup/cpu", "300000\n", "100000\n");
    assert_int_equal(quota_of(*state), 3);
    put_version_1(*state, "sys/fs/cgroup/cpu/a/b", "200000\n", "100000\n");
    assert_int_equal(quota_of(*state), 2);
}

static void
nothing_above_the_mount_point_counts(void **state)
{
    put_process(*state, VERSION_2, "0::/job\n");
    put(*state, "sys/fs/cpu.max", "100000 100000\n");
    put(*state, "cpu.max", "100000 100000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
a_process_in_the_outermost_group_has_the_quota_of_the_mount_point(void **state)
{
    put_process(*state, VERSION_2, "0::/\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put(*state, "sys/fs/cgroup/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
a_group_whose_folder_is_gone_leaves_those_above_it(void **state)
{
    put_process(*state, VERSION_2, "0::/a/b (deleted)\n");
    put(*state, "sys/fs/cgroup/a/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
a_very_deep_group_is_walked_up(void **state)
{
    FILE *file = open_for_writing(*state, "proc/self/cgroup");

    (void)fputs("0::/job", file);
    for (int i = 0; i < 2000; i += 1) {
        (void)fputs("/x", file);
    }
    assert_int_equal(fclose(file), 0);
    put(*state, "proc/self/mountinfo", VERSION_2);
    put(*state, "sys/fs/cgroup/job/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_quota_is_rounded_down_to_whole_cores, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_quota_of_less_than_one_core_is_worth_one,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_without_quota_has_none, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(text_without_line_end_is_read, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(text_that_is_no_quota_is_none_in_version_2,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(text_that_is_no_quota_is_none_in_version_1,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(absurd_numbers_limit_nothing, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(bytes_without_a_line_end_are_no_quota, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_machine_without_files_has_no_quota, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_root_longer_than_any_path_has_no_quota,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(one_file_alone_is_no_quota, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_quota_without_period_is_none, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_folder_in_place_of_a_file_is_no_quota, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_folder_in_place_of_the_process_files_is_no_quota,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(the_smallest_group_on_the_way_up_counts_in_version_2,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(the_smallest_group_on_the_way_up_counts_in_version_1,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(nothing_above_the_mount_point_counts, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(
            a_process_in_the_outermost_group_has_the_quota_of_the_mount_point, cgroup_files_setup,
            cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_whose_folder_is_gone_leaves_those_above_it,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_very_deep_group_is_walked_up, cgroup_files_setup,
                                        cgroup_files_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

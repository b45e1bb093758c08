/* SPDX-License-Identifier: Apache-2.0 */
/* CPU quotas by how control groups are mounted: versions, containers, odd lines. */
#include "cores/cpu_quota.h"

#include <stdio.h>

#include "cgroup_files.h"
#include "check.h"

static void
controllers_that_share_a_hierarchy_are_found(void **state)
{
    static const char *const names[][2] = {
        {"31 2 0:30 / /sys/joint rw - cgroup cgroup rw,cpu,cpuacct\n", "4:cpu,cpuacct:/job\n"},
        {"31 2 0:30 / /sys/joint rw - cgroup cgroup rw,cpuacct,cpu\n", "4:cpuacct,cpu:/job\n"},
        {"31 2 0:30 / /sys/joint rw - cgroup cgroup rw,cpuset,cpu,cpuacct\n",
         "4:cpuset,cpu,cpuacct:/job\n"},
        {"31 2 0:30 / /sys/joint rw - cgroup  rw,cpu\n", "4:cpu:/job"}, /* mounted from nothing */
    };

    put_version_1(*state, "sys/joint/job", "300000\n", "100000\n");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        put_process(*state, names[i][0], names[i][1]);
        assert_int_equal(quota_of(*state), 3);
    }
}

static void
controllers_that_only_begin_like_cpu_are_none(void **state)
{
    put_version_1(*state, "sys/other/job", "100000\n", "100000\n");
    put_process(*state,
                "31 2 0:30 / /sys/other rw - cgroup cgroup rw,cpuacct\n"
                "32 2 0:31 / /sys/other rw - cgroup cgroup rw,cpuset\n"
                "33 2 0:32 / /sys/other rw - cgroup cgroup rw,name=cpu\n"
                "34 2 0:33 / /sys/other rw - cgroup cpu rw\n"
                "35 2 0:34 / /sys/other rw - tmpfs cpu rw,cpu\n",
                "5:cpuacct:/job\n4:cpuset:/job\n3:name=cpu:/job\n2:cpu:/job\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put_process(*state, "31 2 0:30 / /sys/other rw - cgroup cgroup rw,cpu\n",
                "5:cpuacct:/job\n4:cpuset:/job\n3:name=cpu:/job\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
a_machine_with_both_versions_has_the_quota_of_either(void **state)
{
    put_process(*state, HYBRID, "1:cpu:/old\n0::/new\n");
    put_version_1(*state, "sys/fs/cgroup/cpu/old", "300000\n", "100000\n");
    assert_int_equal(quota_of(*state), 3);
    put(*state, "sys/fs/cgroup/unified/new/cpu.max", "200000 100000\n");
    assert_int_equal(quota_of(*state), 2);
    put_version_1(*state, "sys/fs/cgroup/cpu/old", "100000\n", "100000\n");
    assert_int_equal(quota_of(*state), 1);
}

static void
each_version_has_its_own_group(void **state)
{
    put_process(*state, HYBRID, "1:cpu:/old\n0::/new\n");
    put_version_1(*state, "sys/fs/cgroup/cpu/new", "100000\n", "100000\n");
    put(*state, "sys/fs/cgroup/unified/old/cpu.max", "100000 100000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
a_container_that_sees_its_own_group_alone_has_its_quota(void **state)
{
    put_process(*state, "50 49 0:30 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n",
                "1:cpu:/docker/abc\n");
    put_version_1(*state, "sys/fs/cgroup/cpu", "300000\n", "100000\n");
    put_version_1(*state, "sys/fs/cgroup/cpu/docker/abc", "100000\n", "100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
a_group_inside_a_container_is_read_below_the_mount(void **state)
{
    put_process(*state, "50 49 0:30 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
                "0::/docker/abc/inner\n");
    put(*state, "sys/fs/cgroup/inner/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
    put(*state, "sys/fs/cgroup/cpu.max", "200000 100000\n");
    assert_int_equal(quota_of(*state), 2);
}

/* Expects a mount with a quota of one core not to count for a process in this group. */
static void
check_is_not_above(const struct test_folder *machine, const char *mounted_root, const char *group)
{
    char mounts[200];
    char groups[100];

    (void)snprintf(mounts, sizeof(mounts), "50 49 0:30 %s /mounted/there rw - cgroup2 cgroup2 rw\n",
                   mounted_root);
    (void)snprintf(groups, sizeof(groups), "0::%s\n", group);
    put_process(machine, mounts, groups);
    if (quota_of(machine) != NO_QUOTA) {
        fail_msg("the quota of %s counts for %s", mounted_root, group);
    }
}

static void
a_group_that_is_not_above_ours_does_not_count(void **state)
{
    put(*state, "mounted/there/cpu.max", "100000 100000\n");
    put(*state, "mounted/cpu.max", "100000 100000\n");
    put(*state, "mounted/job/cpu.max", "100000 100000\n");
    check_is_not_above(*state, "/docker/abc", "/user");
    check_is_not_above(*state, "/docker/abc", "/");
    check_is_not_above(*state, "/docker/abc", "/docker");
    check_is_not_above(*state, "/docker/abc", "/docker/abcd");
    check_is_not_above(*state, "/docker/abc", "/docker/ab");
    check_is_not_above(*state, "/", "/../job"); /* outside of the namespace */
    check_is_not_above(*state, "/", "/..");
    check_is_not_above(*state, "/..", "/../../job");
    check_is_not_above(*state, "/../abc", "/job");
    check_is_not_above(*state, "/..abc", "/job");
}

static void
a_mount_from_above_the_namespace_counts(void **state)
{
    put(*state, "mounted/cpu.max", "300000 100000\n");
    put(*state, "mounted/job/cpu.max", "200000 100000\n");
    put_process(*state, "50 49 0:30 /../.. /mounted rw - cgroup2 cgroup2 rw\n", "0::/job\n");
    assert_int_equal(quota_of(*state), 3);
    put_process(*state, "50 49 0:30 /../.. /mounted rw - cgroup2 cgroup2 rw\n", "0::/../job\n");
    assert_int_equal(quota_of(*state), 3);
    put_process(*state, "50 49 0:30 /../.. /mounted rw - cgroup2 cgroup2 rw\n", "0::/../../job\n");
    assert_int_equal(quota_of(*state), 2);
}

static void
a_group_whose_name_begins_with_two_dots_is_a_group(void **state)
{
    put_process(*state, VERSION_2, "0::/..job\n");
    put(*state, "sys/fs/cgroup/..job/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
escaped_characters_of_a_mount_are_decoded(void **state)
{
    put_process(
        *state,
        "50 49 0:30 /my\\040jobs/a\\134b /my\\040mount\\011s/c\\134040 rw - cgroup2 none rw\n",
        "0::/my jobs/a\\b/inner\n");
    put(*state, "my mount\ts/c\\040/inner/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
a_backslash_that_escapes_nothing_stays(void **state)
{
    put_process(*state, "50 49 0:30 / /a\\04/b\\x/c\\ rw - cgroup2 none rw\n", "0::/job\\040\n");
    put(*state, "a\\04/b\\x/c\\/job\\040/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
a_group_with_blanks_and_colons_is_found(void **state)
{
    put_process(*state, VERSION_2, "0::/a job: the first - one\n");
    put(*state, "sys/fs/cgroup/a job: the first - one/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
lines_of_mountinfo_that_make_no_sense_are_passed_over(void **state)
{
    put_process(*state,
                "\n\n - \n - cgroup2\n - cgroup2 \n - cgroup2 cgroup2 rw\n"
                "x\n1 2 3 - cgroup2 cgroup2 rw\n1 2 0:3 / - cgroup2 cgroup2 rw\n"
                "1 2 0:3 relative /sys rw - cgroup2 none rw\n1 2 0:3 / sys rw - cgroup2 none rw\n"
                "1 2 0:3 / /sys/fs/cgroup rw - cgroup\n1 2 0:3 / /sys/fs/cgroup rw - cgroup none\n"
                "1 2 0:3 / /sys/fs/cgroup rw\n1 2 0:3 / /sys/fs/cgroup rw -\n"
                "  /  /sys  - cgroup2  \n\xff\xfe\x01 - \x02\n",
                "0::/job\n1:cpu:/job\n");
    put(*state, "sys/fs/cgroup/job/cpu.max", "100000 100000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
lines_of_the_group_file_that_make_no_sense_are_passed_over(void **state)
{
    put(*state, "sys/fs/cgroup/job/cpu.max", "300000 100000\n");
    put_process(*state, VERSION_2, "\n:\n::\n:::\n0\n0:\n0::\n0:/job\n::/job\n7::/job\n0::job\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
    put_process(*state, VERSION_2, "\n:\n::\n0::\n\xff\xfe\n0::/job\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
a_zero_byte_does_not_hide_the_lines_after_it(void **state)
{
    static const char bytes[] = "50 49 0:30 / /a\0b rw\n" VERSION_2;
    FILE *file = NULL;

    put_process(*state, "", "0::/job\n");
    file = open_for_writing(*state, "proc/self/mountinfo");
    assert_int_equal(fwrite(bytes, 1, sizeof(bytes) - 1, file), sizeof(bytes) - 1);
    assert_int_equal(fclose(file), 0);
    put(*state, "sys/fs/cgroup/job/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
optional_words_of_a_mount_are_passed_over(void **state)
{
    put(*state, "sys/job/cpu.max", "300000 100000\n");
    put_process(*state, "50 49 0:30 / /sys rw - cgroup2 none rw\n", "0::/job\n");
    assert_int_equal(quota_of(*state), 3);
    put_process(
        *state,
        "50 49 0:30 / /sys rw shared:1 master:2 propagate_from:3 unbindable - cgroup2 n rw\n",
        "0::/job\n");
    assert_int_equal(quota_of(*state), 3);
}

/* Writes an overlay mount with this many layers of 16 bytes, as container engines stack them. */
static void
write_overlay(FILE *file, int layers)
{
    (void)fputs("60 1 0:99 / / rw - overlay overlay rw,lowerdir=", file);
    for (int i = 0; i < layers; i += 1) {
        (void)fprintf(file, "/layers/%07d:", i);
    }
    (void)fputs("\n", file);
}

static void
long_lines_and_many_mounts_are_read(void **state)
{
    FILE *file = open_for_writing(*state, "proc/self/mountinfo");

    for (int i = 0; i < 3000; i += 1) {
        (void)fprintf(file, "%d 1 0:%d / /mnt/%d rw - tmpfs tmpfs rw,size=4k\n", 100 + i, i, i);
    }
    for (int layers = 500; layers < 5000; layers += 500) {
        write_overlay(file, layers);
    }
    (void)fputs(VERSION_2, file);
    assert_int_equal(fclose(file), 0);
    put(*state, "proc/self/cgroup", "0::/job\n");
    put(*state, "sys/fs/cgroup/job/cpu.max", "300000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

static void
the_inside_of_a_long_line_is_no_mount(void **state)
{
    FILE *file = open_for_writing(*state, "proc/self/mountinfo");

    /* Wherever a reader cuts the line, it finds a whole mount soon after. */
    (void)fputs("60 1 0:99 / / rw - overlay overlay rw,x=", file);
    for (int i = 0; i < 2000; i += 1) {
        (void)fputs(" 1 1 0:1 / /trap rw - cgroup2 none rw", file);
    }
    assert_int_equal(fclose(file), 0);
    put(*state, "proc/self/cgroup", "0::/\n");
    put(*state, "trap/cpu.max", "100000 100000\n");
    assert_int_equal(quota_of(*state), NO_QUOTA);
}

static void
the_smallest_quota_of_several_mounts_counts(void **state)
{
    put_process(*state,
                "50 1 0:30 /job /first rw - cgroup2 none rw\n"
                "51 1 0:30 / /second rw - cgroup2 none rw\n"
                "52 1 0:30 /other /third rw - cgroup2 none rw\n",
                "0::/job\n");
    put(*state, "first/cpu.max", "400000 100000\n");
    put(*state, "second/cpu.max", "300000 100000\n");
    put(*state, "third/cpu.max", "100000 100000\n");
    assert_int_equal(quota_of(*state), 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(controllers_that_share_a_hierarchy_are_found,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(controllers_that_only_begin_like_cpu_are_none,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_machine_with_both_versions_has_the_quota_of_either,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(each_version_has_its_own_group, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_container_that_sees_its_own_group_alone_has_its_quota,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_inside_a_container_is_read_below_the_mount,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_that_is_not_above_ours_does_not_count,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_mount_from_above_the_namespace_counts, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_whose_name_begins_with_two_dots_is_a_group,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(escaped_characters_of_a_mount_are_decoded,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_backslash_that_escapes_nothing_stays, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_group_with_blanks_and_colons_is_found, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(lines_of_mountinfo_that_make_no_sense_are_passed_over,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(lines_of_the_group_file_that_make_no_sense_are_passed_over,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(a_zero_byte_does_not_hide_the_lines_after_it,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(optional_words_of_a_mount_are_passed_over,
                                        cgroup_files_setup, cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(long_lines_and_many_mounts_are_read, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(the_inside_of_a_long_line_is_no_mount, cgroup_files_setup,
                                        cgroup_files_teardown),
        cmocka_unit_test_setup_teardown(the_smallest_quota_of_several_mounts_counts,
                                        cgroup_files_setup, cgroup_files_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

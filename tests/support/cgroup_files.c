/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

#include "cores/cpu_quota.h"

int
cgroup_files_setup(void **state)
{
    struct test_folder *machine = calloc(1, sizeof(*machine));

    assert_non_null(machine);
    test_folder_create(machine);
    *state = machine;
    return 0;
}

int
cgroup_files_teardown(void **state)
{
    test_folder_destroy(*state);
    free(*state);
    return 0;
}

FILE *
open_for_writing(const struct test_folder *machine, const char *name)
{
    char path[TEST_PATH_BYTES];
    FILE *file = NULL;

    (void)test_folder_path(machine, name, path);
    for (char *slash = strchr(path + strlen(machine->path) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, S_IRWXU) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(path, "we");
    assert_non_null(file);
    return file;
}

void
put(const struct test_folder *machine, const char *name, const char *text)
{
    FILE *file = open_for_writing(machine, name);

    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void
put_process(const struct test_folder *machine, const char *mounts, const char *groups)
{
    put(machine, "proc/self/mountinfo", mounts);
    put(machine, "proc/self/cgroup", groups);
}

void
put_version_1(const struct test_folder *machine, const char *folder, const char *quota,
              const char *period)
{
    char name[TEST_PATH_BYTES];

    (void)snprintf(name, sizeof(name), "%s/cpu.cfs_quota_us", folder);
    put(machine, name, quota);
    (void)snprintf(name, sizeof(name), "%s/cpu.cfs_period_us", folder);
    put(machine, name, period);
}

uint32_t
quota_of(const struct test_folder *machine)
{
    return neuron_cpu_quota_read(machine->path);
}

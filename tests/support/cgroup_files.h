/* SPDX-License-Identifier: Apache-2.0 */
/* An invented /proc and /sys, in which control groups limit CPU time. */
#ifndef NEURON_TESTS_CGROUP_FILES_H
#define NEURON_TESTS_CGROUP_FILES_H

#include <stdint.h>
#include <stdio.h>

#include "test_folder.h"

/* Mounts as the kernel shows them. */
#define VERSION_1 "32 31 0:30 / /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu\n"
#define VERSION_2 "41 31 0:38 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define HYBRID    "42 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n" VERSION_1

#define NO_QUOTA UINT32_MAX

/* cmocka setup and teardown; `*state` is an empty struct test_folder, the machine's root. */
int
cgroup_files_setup(void **state);
int
cgroup_files_teardown(void **state);

/* Opens a file for writing, and makes the folders that it stands in. Fails the test where that does
   not work. */
FILE *
open_for_writing(const struct test_folder *machine, const char *name);

/* Writes a file, and makes the folders that it stands in. */
void
put(const struct test_folder *machine, const char *name, const char *text);

/* Says what is mounted, and in which groups this process is. */
void
put_process(const struct test_folder *machine, const char *mounts, const char *groups);

/* Gives a folder of a version 1 hierarchy a quota, and the period. */
void
put_version_1(const struct test_folder *machine, const char *folder, const char *quota,
              const char *period);

/* The quota that the runtime reads of the machine. */
uint32_t
quota_of(const struct test_folder *machine);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The control groups that this process is in, of one controller. */
#ifndef NEURON_CORES_CONTROL_GROUPS_H
#define NEURON_CORES_CONTROL_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

/* The folder of a group; what it is called depends on the version of its hierarchy. */
struct neuron_control_group {
    bool is_version_2;
    const char *folder;
};

/* Returns the limit that one group sets, UINT64_MAX for none. */
typedef uint64_t
neuron_control_group_limit_fn(const struct neuron_control_group *group);

/*
 * Asks for the limit of this process's control group and of all above it, version 1 and 2, and
 * returns the smallest. UINT64_MAX where there is none, or none that can be read.
 *
 * root        prefix of /proc and /sys, "" for those of the machine.
 * controller  as version 1 names it: "cpu", "memory".
 */
uint64_t
neuron_control_groups_smallest(const char *root, const char *controller,
                               neuron_control_group_limit_fn *limit_of);

/* As above, of this process's own group alone: whatever number `limit_of` reads there. */
uint64_t
neuron_control_groups_own(const char *root, const char *controller,
                          neuron_control_group_limit_fn *limit_of);

/*
 * Reads the number behind a word at the start of a line, as "oom_kill 3". UINT64_MAX where there is
 * none.
 *
 * path  of the file.
 */
uint64_t
neuron_control_group_read_word(const char *path, const char *word);

/*
 * Reads one or two numbers from the start of a group's file, and returns how many it found; 0 for a
 * file that is not there. "max" ends the reading.
 */
int
neuron_control_group_read(const struct neuron_control_group *group, const char *name,
                          long long *first, long long *second);

#endif

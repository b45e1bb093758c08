/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/self/cgroup names our group in each hierarchy, as a path that starts at the root of the
 * cgroup namespace; /proc/self/mountinfo says which folder of a hierarchy is mounted where. In a
 * container the mounted folder is often the group itself, so that the path of the first file must
 * be read relative to the "root" field of the second. Any group above ours limits us as well, so
 * every folder from ours up to the mount point is looked at.
 *
 * Whatever cannot be read counts as no quota: a quota is a hint at how many cores are worth using,
 * and the kernel enforces it anyway.
 */
#include "cores/cpu_quota.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 4 * PATH_MAX };

/* One mounted cgroup hierarchy that can limit CPU time. */
struct hierarchy {
    bool is_version_2;
    char mounted_root[PATH_MAX]; /* which folder of the hierarchy is mounted */
    char mount_point[PATH_MAX];
};

/* Reads one or two numbers of a file; returns how many it found. "max" ends the reading. */
static int
read_numbers(const char *path, long long *first, long long *second)
{
    FILE *file = fopen(path, "re");
    char line[128] = "";

    if (file == NULL) {
        return 0;
    }
    bool has_line = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file);
    if (!has_line) {
        return 0;
    }
    char *end = line;
    *first = strtoll(line, &end, 10);
    if (end == line) {
        return 0;
    }
    char *second_start = end;
    *second = strtoll(second_start, &end, 10);
    return end == second_start ? 1 : 2;
}

static uint32_t
whole_cores(long long quota_us, long long period_us)
{
    if (quota_us <= 0 || period_us <= 0) {
        return UINT32_MAX;
    }
    long long cores = quota_us / period_us;
    if (cores < 1) {
        return 1;
    }
    return cores >= UINT32_MAX ? UINT32_MAX : (uint32_t)cores;
}

/* The quota of one group's folder. */
static uint32_t
read_group(const struct hierarchy *hierarchy, const char *folder)
{
    char path[2 * PATH_MAX] = "";
    long long quota_us = 0;
    long long period_us = 0;
    long long unused = 0;

    if (hierarchy->is_version_2) {
        (void)snprintf(path, sizeof(path), "%s/cpu.max", folder);
        return read_numbers(path, &quota_us, &period_us) == 2 ? whole_cores(quota_us, period_us)
                                                              : UINT32_MAX;
    }
    (void)snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", folder);
    if (read_numbers(path, &quota_us, &unused) == 0) {
        return UINT32_MAX;
    }
    (void)snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", folder);
    if (read_numbers(path, &period_us, &unused) == 0) {
        return UINT32_MAX;
    }
    return whole_cores(quota_us, period_us);
}

/* The smallest quota from the group's folder up to the mount point. */
static uint32_t
read_upwards(const char *root, const struct hierarchy *hierarchy, const char *group)
{
    char folder[2 * PATH_MAX] = "";
    uint32_t smallest = UINT32_MAX;
    size_t skip = strlen(hierarchy->mounted_root);

    /* "/" is a prefix of everything, and says nothing about where a path goes on. */
    if (skip == 1) {
        skip = 0;
    }
    if (strncmp(group, hierarchy->mounted_root, skip) != 0 ||
        (group[skip] != '/' && group[skip] != '\0')) {
        group = "";
        skip = 0;
    }
    (void)snprintf(folder, sizeof(folder), "%s%s%s", root, hierarchy->mount_point, group + skip);
    size_t shortest = strlen(root) + strlen(hierarchy->mount_point);
    for (;;) {
        uint32_t cores = read_group(hierarchy, folder);

        smallest = cores < smallest ? cores : smallest;
        char *last = strrchr(folder, '/');
        if (last == NULL || strlen(folder) <= shortest) {
            return smallest;
        }
        *last = '\0';
    }
}

/* Says whether a comma separated list has this word. */
static bool
list_has(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (*list != '\0') {
        size_t item = strcspn(list, ",\n");

        if (item == length && strncmp(list, word, length) == 0) {
            return true;
        }
        list += item;
        list += strspn(list, ",\n");
    }
    return false;
}

/* Parses a line of mountinfo; says whether it is a hierarchy that can limit CPU time. */
static bool
parse_mount(const char *line, struct hierarchy *hierarchy)
{
    char type[64] = "";
    char options[LINE_BYTES] = "";
    const char *tail = strstr(line, " - ");

    if (tail == NULL ||
        sscanf(line, "%*d %*d %*s %4095s %4095s", hierarchy->mounted_root,
               hierarchy->mount_point) != 2 ||
        sscanf(tail, " - %63s %*s %16383s", type, options) < 1) {
        return false;
    }
    hierarchy->is_version_2 = strcmp(type, "cgroup2") == 0;
    return hierarchy->is_version_2 || (strcmp(type, "cgroup") == 0 && list_has(options, "cpu"));
}

/* Finds the hierarchy's line "id:controllers:path" in our cgroup file; copies the path. */
static bool
find_group(const char *root, const struct hierarchy *hierarchy, char *group)
{
    char path[PATH_MAX] = "";
    char line[LINE_BYTES] = "";
    bool found = false;

    (void)snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    while (!found && fgets(line, sizeof(line), file) != NULL) {
        char *controllers = strchr(line, ':');
        char *own_path = controllers == NULL ? NULL : strchr(controllers + 1, ':');

        if (own_path == NULL) {
            continue;
        }
        *own_path = '\0';
        found = hierarchy->is_version_2 ? strcmp(controllers, ":") == 0
                                        : list_has(controllers + 1, "cpu");
        own_path += 1;
        own_path[strcspn(own_path, "\n")] = '\0';
        if (found) {
            (void)snprintf(group, PATH_MAX, "%s", own_path);
        }
    }
    (void)fclose(file);
    return found;
}

uint32_t
neuron_cpu_quota_read(const char *root)
{
    char path[PATH_MAX] = "";
    char line[LINE_BYTES] = "";
    char group[PATH_MAX] = "";
    uint32_t smallest = UINT32_MAX;
    struct hierarchy hierarchy = {0};

    (void)snprintf(path, sizeof(path), "%s/proc/self/mountinfo", root);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return UINT32_MAX;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (parse_mount(line, &hierarchy) && find_group(root, &hierarchy, group)) {
            uint32_t cores = read_upwards(root, &hierarchy, group);

            smallest = cores < smallest ? cores : smallest;
        }
    }
    (void)fclose(file);
    return smallest;
}

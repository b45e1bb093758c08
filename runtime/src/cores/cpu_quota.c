/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/self/cgroup names our group in each hierarchy, as a path that starts at the root of the
 * cgroup namespace; /proc/self/mountinfo says which folder of a hierarchy is mounted where. In a
 * container the mounted folder is often the group itself, so that the path of the first file must
 * be read relative to the "root" field of the second. Any group above ours limits us as well, so
 * every folder from ours up to the mount point is looked at. A folder mounted that is not above us,
 * somebody else's group, says nothing.
 *
 * Whatever cannot be read counts as no quota: a quota is a hint at how many cores are worth using,
 * and the kernel enforces it anyway.
 */
#include "cores/cpu_quota.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_BYTES = 2 * PATH_MAX }; /* a mount point with a group's path behind it */

/* Our groups in the hierarchies that can limit CPU time; NULL where there is none. */
struct own_groups {
    char *version_1;
    char *version_2;
};

/* A mounted hierarchy that can limit CPU time; its paths stand in the line of mountinfo. */
struct hierarchy {
    bool is_version_2;
    const char *mounted_root; /* which folder of the hierarchy is mounted */
    const char *mount_point;
};

/* A text file that is read line by line, each as long as it likes. */
struct line_reader {
    FILE *file;
    char *line;
    size_t capacity;
};

static bool
open_lines(struct line_reader *reader, const char *root, const char *name)
{
    char path[PATH_MAX] = "";

    if (snprintf(path, sizeof(path), "%s%s", root, name) >= (int)sizeof(path)) {
        return false;
    }
    reader->file = fopen(path, "re");
    return reader->file != NULL;
}

/* The next line without its end, valid until the next call; NULL when there is none. */
static char *
next_line(struct line_reader *reader)
{
    if (getline(&reader->line, &reader->capacity, reader->file) < 0) {
        return NULL;
    }
    reader->line[strcspn(reader->line, "\n")] = '\0';
    return reader->line;
}

static void
close_lines(struct line_reader *reader)
{
    (void)fclose(reader->file);
    free(reader->line);
}

/* Parses a number that ends at a blank or with the text, and moves behind it. */
static bool
parse_number(const char **text, long long *number)
{
    char *end = NULL;

    errno = 0;
    *number = strtoll(*text, &end, 10);
    if (end == *text || errno != 0 || (*end != ' ' && *end != '\n' && *end != '\0')) {
        return false;
    }
    *text = end;
    return true;
}

/* Reads one or two numbers of a file; returns how many it found. "max" ends the reading. */
static int
read_numbers(const char *path, long long *first, long long *second)
{
    FILE *file = fopen(path, "re");
    char line[128] = "";
    const char *rest = line;

    if (file == NULL) {
        return 0;
    }
    bool has_line = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file);
    if (!has_line || !parse_number(&rest, first)) {
        return 0;
    }
    return parse_number(&rest, second) ? 2 : 1;
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
    char path[FOLDER_BYTES + 32] = "";
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

/* Says whether a path starts by climbing, as the kernel shows what is above the namespace's root.
 */
static bool
climbs(const char *path)
{
    return strncmp(path, "/..", 3) == 0 && (path[3] == '/' || path[3] == '\0');
}

/* Our group's path below the mounted folder, as far as it is known; NULL where we are not in it. */
static const char *
path_below(const char *mounted_root, const char *group)
{
    size_t length = strcmp(mounted_root, "/") == 0 ? 0 : strlen(mounted_root);

    if (strncmp(group, mounted_root, length) == 0 &&
        (group[length] == '/' || group[length] == '\0')) {
        return climbs(group + length) ? NULL : group + length;
    }
    /* Above the namespace's root we are below everything that is reached by climbing alone. */
    while (climbs(mounted_root)) {
        mounted_root += 3;
    }
    return *mounted_root == '\0' ? "" : NULL;
}

/* The smallest quota from the group's folder up to the mount point. */
static uint32_t
read_upwards(const char *root, const struct hierarchy *hierarchy, const char *group)
{
    char folder[FOLDER_BYTES] = "";
    uint32_t smallest = UINT32_MAX;
    const char *below = path_below(hierarchy->mounted_root, group);
    size_t shortest = strlen(root) + strlen(hierarchy->mount_point);

    if (below == NULL || snprintf(folder, sizeof(folder), "%s%s%s", root, hierarchy->mount_point,
                                  below) >= (int)sizeof(folder)) {
        return UINT32_MAX;
    }
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
        size_t item = strcspn(list, ",");

        if (item == length && strncmp(list, word, length) == 0) {
            return true;
        }
        list += item;
        list += strspn(list, ",");
    }
    return false;
}

static bool
is_octal(char digit)
{
    return digit >= '0' && digit <= '7';
}

/* Undoes the \ooo by which mountinfo writes blanks, tabs, line ends and backslashes. */
static void
decode_path(char *path)
{
    char *end = path;

    for (const char *next = path; *next != '\0'; end += 1) {
        if (next[0] == '\\' && is_octal(next[1]) && is_octal(next[2]) && is_octal(next[3])) {
            *end = (char)(((next[1] - '0') << 6 | (next[2] - '0') << 3 | (next[3] - '0')) & 0xFF);
            next += 4;
        } else {
            *end = *next;
            next += 1;
        }
    }
    *end = '\0';
}

/*
 * Parses a line of mountinfo, which it cuts up; says whether it is a hierarchy that can limit CPU
 * time. The lines look so, with any number of words before the lone "-":
 *
 *   36 35 98:0 ROOT MOUNT-POINT rw,noatime shared:1 - TYPE SOURCE OPTIONS
 */
static bool
parse_mount(char *line, struct hierarchy *hierarchy)
{
    char *words[5] = {NULL};
    char *dash = strstr(line, " - ");

    if (dash == NULL) {
        return false;
    }
    char *tail = dash + 3;
    *dash = '\0';
    const char *type = strsep(&tail, " ");
    /* The last word, as the source may be empty. */
    const char *options = tail == NULL ? NULL : strrchr(tail, ' ');
    hierarchy->is_version_2 = strcmp(type, "cgroup2") == 0;
    if (!hierarchy->is_version_2 &&
        (strcmp(type, "cgroup") != 0 || options == NULL || !list_has(options + 1, "cpu"))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i += 1) {
        words[i] = strsep(&line, " ");
    }
    if (words[4] == NULL || words[3][0] != '/' || words[4][0] != '/') {
        return false;
    }
    decode_path(words[3]);
    decode_path(words[4]);
    hierarchy->mounted_root = words[3];
    hierarchy->mount_point = words[4];
    return true;
}

/* Keeps a copy of the path of a line "id:controllers:path", where it is one of ours. */
static void
note_group(struct own_groups *groups, char *line)
{
    char *path = line;
    const char *id = strsep(&path, ":");
    const char *controllers = strsep(&path, ":");
    char **group = NULL;

    if (path == NULL || path[0] != '/') {
        return;
    }
    if (strcmp(id, "0") == 0 && controllers[0] == '\0') {
        group = &groups->version_2;
    } else if (list_has(controllers, "cpu")) {
        group = &groups->version_1;
    }
    if (group != NULL && *group == NULL) {
        *group = strdup(path);
    }
}

static struct own_groups
read_own_groups(const char *root)
{
    struct own_groups groups = {0};
    struct line_reader reader = {0};

    if (!open_lines(&reader, root, "/proc/self/cgroup")) {
        return groups;
    }
    for (char *line = next_line(&reader); line != NULL; line = next_line(&reader)) {
        note_group(&groups, line);
    }
    close_lines(&reader);
    return groups;
}

uint32_t
neuron_cpu_quota_read(const char *root)
{
    uint32_t smallest = UINT32_MAX;
    struct hierarchy hierarchy = {0};
    struct line_reader reader = {0};

    if (!open_lines(&reader, root, "/proc/self/mountinfo")) {
        return UINT32_MAX;
    }
    struct own_groups groups = read_own_groups(root);
    for (char *line = next_line(&reader); line != NULL; line = next_line(&reader)) {
        bool is_cpu = parse_mount(line, &hierarchy);
        const char *group = hierarchy.is_version_2 ? groups.version_2 : groups.version_1;

        if (is_cpu && group != NULL) {
            uint32_t cores = read_upwards(root, &hierarchy, group);

            smallest = cores < smallest ? cores : smallest;
        }
    }
    close_lines(&reader);
    free(groups.version_1);
    free(groups.version_2);
    return smallest;
}

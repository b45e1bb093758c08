/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/self/cgroup names our group in each hierarchy, as a path that starts at the root of the
 * cgroup namespace; /proc/self/mountinfo says which folder of a hierarchy is mounted where. In a
 * container the mounted folder is often the group itself, so that the path of the first file must
 * be read relative to the "root" field of the second. Any group above ours limits us as well, so
 * every folder from ours up to the mount point is looked at. A folder mounted that is not above us,
 * somebody else's group, says nothing.
 *
 * Whatever cannot be read counts as no limit: a limit is a hint at how much is worth using, and the
 * kernel enforces it anyway.
 */
#include "cores/control_groups.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_BYTES = 2 * PATH_MAX }; /* a mount point with a group's path behind it */

/* Our groups in the hierarchies that can have the controller; NULL where there is none. */
struct own_groups {
    char *version_1;
    char *version_2;
};

/* A mounted hierarchy that can have the controller; its paths stand in the line of mountinfo. */
struct hierarchy {
    bool is_version_2;
    const char *mounted_root; /* which folder of the hierarchy is mounted */
    const char *mount_point;
};

/* Which groups are looked at. */
enum scope { SCOPE_OWN, SCOPE_UPWARDS };

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

int
neuron_control_group_read(const struct neuron_control_group *group, const char *name,
                          long long *first, long long *second)
{
    char path[FOLDER_BYTES + 32] = "";
    char line[128] = "";
    const char *rest = line;

    (void)snprintf(path, sizeof(path), "%s/%s", group->folder, name);
    FILE *file = fopen(path, "re");
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

uint64_t
neuron_control_group_read_word(const char *path, const char *word)
{
    struct line_reader reader = {0};
    size_t length = strlen(word);
    uint64_t found = UINT64_MAX;

    if (!open_lines(&reader, "", path)) {
        return UINT64_MAX;
    }
    for (char *line = next_line(&reader); line != NULL; line = next_line(&reader)) {
        long long number = 0;

        if (strncmp(line, word, length) == 0 && line[length] == ' ') {
            const char *rest = line + length + 1;

            found = parse_number(&rest, &number) && number >= 0 ? (uint64_t)number : UINT64_MAX;
            break;
        }
    }
    close_lines(&reader);
    return found;
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

/* The smallest limit from the group's folder up to the mount point, or that of the group alone. */
static uint64_t
read_groups(const char *root, const struct hierarchy *hierarchy, const char *own_group,
            enum scope scope, neuron_control_group_limit_fn *limit_of)
{
    char folder[FOLDER_BYTES] = "";
    const struct neuron_control_group group = {.is_version_2 = hierarchy->is_version_2,
                                               .folder = folder};
    uint64_t smallest = UINT64_MAX;
    const char *below = path_below(hierarchy->mounted_root, own_group);
    size_t shortest = strlen(root) + strlen(hierarchy->mount_point);

    if (below == NULL || snprintf(folder, sizeof(folder), "%s%s%s", root, hierarchy->mount_point,
                                  below) >= (int)sizeof(folder)) {
        return UINT64_MAX;
    }
    for (;;) {
        uint64_t limit = limit_of(&group);

        smallest = limit < smallest ? limit : smallest;
        char *last = strrchr(folder, '/');
        if (scope == SCOPE_OWN || last == NULL || strlen(folder) <= shortest) {
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
 * Parses a line of mountinfo, which it cuts up; says whether it is a hierarchy that can have the
 * controller. The lines look so, with any number of words before the lone "-":
 *
 *   36 35 98:0 ROOT MOUNT-POINT rw,noatime shared:1 - TYPE SOURCE OPTIONS
 */
static bool
parse_mount(char *line, const char *controller, struct hierarchy *hierarchy)
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
        (strcmp(type, "cgroup") != 0 || options == NULL || !list_has(options + 1, controller))) {
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
note_group(struct own_groups *groups, const char *controller, char *line)
{
    char *path = line;
    const char *id = strsep(&path, ":");
    const char *present = strsep(&path, ":");
    char **group = NULL;

    if (path == NULL || path[0] != '/') {
        return;
    }
    if (strcmp(id, "0") == 0 && present[0] == '\0') {
        group = &groups->version_2;
    } else if (list_has(present, controller)) {
        group = &groups->version_1;
    }
    if (group != NULL && *group == NULL) {
        *group = strdup(path);
    }
}

static struct own_groups
read_own_groups(const char *root, const char *controller)
{
    struct own_groups groups = {0};
    struct line_reader reader = {0};

    if (!open_lines(&reader, root, "/proc/self/cgroup")) {
        return groups;
    }
    for (char *line = next_line(&reader); line != NULL; line = next_line(&reader)) {
        note_group(&groups, controller, line);
    }
    close_lines(&reader);
    return groups;
}

static uint64_t
read_smallest(const char *root, const char *controller, enum scope scope,
              neuron_control_group_limit_fn *limit_of)
{
    uint64_t smallest = UINT64_MAX;
    struct hierarchy hierarchy = {0};
    struct line_reader reader = {0};

    if (!open_lines(&reader, root, "/proc/self/mountinfo")) {
        return UINT64_MAX;
    }
    struct own_groups groups = read_own_groups(root, controller);
    for (char *line = next_line(&reader); line != NULL; line = next_line(&reader)) {
        bool has_controller = parse_mount(line, controller, &hierarchy);
        const char *group = hierarchy.is_version_2 ? groups.version_2 : groups.version_1;

        if (has_controller && group != NULL) {
            uint64_t limit = read_groups(root, &hierarchy, group, scope, limit_of);

            smallest = limit < smallest ? limit : smallest;
        }
    }
    close_lines(&reader);
    free(groups.version_1);
    free(groups.version_2);
    return smallest;
}

uint64_t
neuron_control_groups_smallest(const char *root, const char *controller,
                               neuron_control_group_limit_fn *limit_of)
{
    return read_smallest(root, controller, SCOPE_UPWARDS, limit_of);
}

uint64_t
neuron_control_groups_own(const char *root, const char *controller,
                          neuron_control_group_limit_fn *limit_of)
{
    return read_smallest(root, controller, SCOPE_OWN, limit_of);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "score/input_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ending {
    const char *text;
    enum neuron_input_kind kind;
};

static const struct ending endings[] = {
    {".npy", NEURON_INPUT_NPY},     {".npz", NEURON_INPUT_NPZ},      {".csv", NEURON_INPUT_CSV},
    {".jsonl", NEURON_INPUT_JSONL}, {".ndjson", NEURON_INPUT_JSONL},
};

enum { ENDING_COUNT = sizeof(endings) / sizeof(endings[0]) };

static const char known_endings[] = ".npy, .npz, .csv, .jsonl and .ndjson";

static bool
ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path);
    size_t ending_length = strlen(ending);

    return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

enum neuron_input_kind
neuron_input_kind_of(const char *path)
{
    for (size_t i = 0; i < ENDING_COUNT; i += 1) {
        if (ends_in(path, endings[i].text)) {
            return endings[i].kind;
        }
    }
    return NEURON_INPUT_UNKNOWN;
}

const char *
neuron_input_kind_name(enum neuron_input_kind kind)
{
    for (size_t i = 0; i < ENDING_COUNT; i += 1) {
        if (endings[i].kind == kind) {
            return endings[i].text + 1;
        }
    }
    return "unknown";
}

bool
neuron_input_kind_is_text(enum neuron_input_kind kind)
{
    return kind == NEURON_INPUT_CSV || kind == NEURON_INPUT_JSONL;
}

const char *
neuron_input_member_of(const char *value)
{
    static const char mark[] = ".npz:";
    const char *found = strstr(value, mark);

    return found == NULL || found == value ? NULL : found + sizeof(mark) - 1;
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static bool
is_left_out(const char *path)
{
    return base_name(path)[0] == '.' || ends_in(path, ".part");
}

/* Adds a copy of a path, "folder/name" where there is a folder. */
static enum neuron_status
add_path(struct neuron_input_files *files, const char *folder, const char *name,
         struct neuron_error *error)
{
    size_t room = (folder == NULL ? 0 : strlen(folder) + 1) + strlen(name) + 1;

    if (files->count == NEURON_INPUT_FILE_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: more than %d files; put the rows into fewer ones", files->path,
                           NEURON_INPUT_FILE_LIMIT);
    }
    /* Room doubles whenever the count is a power of two. */
    if ((files->count & (files->count - 1)) == 0) {
        size_t more = files->count == 0 ? 1 : (size_t)files->count * 2;
        char **grown = realloc(files->paths, more * sizeof(char *));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for its files",
                               files->path);
        }
        files->paths = grown;
    }
    char *path = malloc(room);
    if (path == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for its files", files->path);
    }
    path[0] = '\0';
    if (folder != NULL) {
        size_t length = strlen(folder);

        memcpy(path, folder, length);
        path[length] = '/';
        memcpy(path + length + 1, name, strlen(name) + 1);
    } else {
        memcpy(path, name, room);
    }
    files->paths[files->count] = path;
    files->count += 1;
    return NEURON_OK;
}

static enum neuron_status
add_folder(struct neuron_input_files *files, struct neuron_error *error)
{
    DIR *folder = opendir(files->path);
    enum neuron_status status = NEURON_OK;

    if (folder == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", files->path,
                           strerrordesc_np(errno));
    }
    errno = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own */
    for (const struct dirent *entry = readdir(folder); status == NEURON_OK && entry != NULL;
         entry = readdir(folder)) { /* NOLINT(concurrency-mt-unsafe): as above */
        const char *name = entry->d_name;

        if (!is_left_out(name) && neuron_input_kind_of(name) != NEURON_INPUT_UNKNOWN &&
            entry->d_type != DT_DIR) {
            status = add_path(files, files->path, name, error);
        }
        errno = 0;
    }
    if (status == NEURON_OK && errno != 0) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", files->path,
                             strerrordesc_np(errno));
    }
    (void)closedir(folder);
    if (status == NEURON_OK && files->count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: no file in this folder ends in one of %s", files->path,
                           known_endings);
    }
    return status;
}

static enum neuron_status
add_pattern(struct neuron_input_files *files, struct neuron_error *error)
{
    glob_t found = {0};
    enum neuron_status status = NEURON_OK;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no users' folders are asked for ("~") */
    int outcome = glob(files->path, GLOB_NOSORT | GLOB_ERR, NULL, &found);

    for (size_t i = 0; outcome == 0 && status == NEURON_OK && i < found.gl_pathc; i += 1) {
        if (!is_left_out(found.gl_pathv[i])) {
            status = add_path(files, NULL, found.gl_pathv[i], error);
        }
    }
    globfree(&found);
    if (outcome == GLOB_NOSPACE) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for its files", files->path);
    }
    if (outcome == GLOB_ABORTED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: a folder of this pattern cannot be read",
                           files->path);
    }
    if (status == NEURON_OK && files->count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: no file matches this pattern",
                           files->path);
    }
    return status;
}

static int
compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* All files are of one kind. */
static enum neuron_status
settle_kind(struct neuron_input_files *files, struct neuron_error *error)
{
    files->kind = neuron_input_kind_of(files->paths[0]);
    for (uint32_t i = 0; i < files->count; i += 1) {
        enum neuron_input_kind kind = neuron_input_kind_of(files->paths[i]);

        if (kind == NEURON_INPUT_UNKNOWN) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s is of no known kind; files end in one of %s", files->paths[i],
                               known_endings);
        }
        if (kind != files->kind) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s holds different kinds of files, as %.60s and %.60s; give a "
                               "pattern as '*.%s'",
                               files->path, base_name(files->paths[0]), base_name(files->paths[i]),
                               neuron_input_kind_name(files->kind));
        }
    }
    return NEURON_OK;
}

/* Says whether a file without a known ending begins as an npy file. */
static bool
is_npy_inside(const char *path)
{
    static const char magic[] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
    char start[sizeof(magic)] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (file < 0) {
        return false;
    }
    bool is_npy = pread(file, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
                  memcmp(start, magic, sizeof(magic)) == 0;
    (void)close(file);
    return is_npy;
}

static enum neuron_status
add_single(struct neuron_input_files *files, struct neuron_error *error)
{
    enum neuron_status status = add_path(files, NULL, files->path, error);

    if (status != NEURON_OK) {
        return status;
    }
    files->kind = neuron_input_kind_of(files->path);
    if (files->kind == NEURON_INPUT_UNKNOWN && is_npy_inside(files->path)) {
        files->kind = NEURON_INPUT_NPY;
    }
    return files->kind == NEURON_INPUT_UNKNOWN ? settle_kind(files, error) : NEURON_OK;
}

static enum neuron_status
find_paths(struct neuron_input_files *files, struct neuron_error *error)
{
    struct stat status = {0};
    bool exists = stat(files->path, &status) == 0;
    int reason = errno;
    enum neuron_status outcome = NEURON_OK;

    if (exists && !S_ISDIR(status.st_mode)) {
        return add_single(files, error);
    }
    if (exists) {
        outcome = add_folder(files, error);
    } else if (strpbrk(files->path, "*?[") != NULL) {
        outcome = add_pattern(files, error);
    } else {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", files->path,
                           strerrordesc_np(reason));
    }
    if (outcome != NEURON_OK) {
        return outcome;
    }
    qsort(files->paths, files->count, sizeof(char *), compare_paths);
    return settle_kind(files, error);
}

enum neuron_status
neuron_input_files_find(const char *value, struct neuron_input_files *files,
                        struct neuron_error *error)
{
    const char *member = neuron_input_member_of(value);

    *files = (struct neuron_input_files){0};
    files->path = member == NULL ? strdup(value) : strndup(value, (size_t)(member - value - 1));
    files->member = member == NULL ? NULL : strdup(member);
    if (files->path == NULL || (member != NULL && files->member == NULL)) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for its files", value);
    }
    if (member != NULL && *member == '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: a member's name is missing behind the colon", value);
    }
    return find_paths(files, error);
}

void
neuron_input_files_destroy(struct neuron_input_files *files)
{
    for (uint32_t i = 0; i < files->count; i += 1) {
        free(files->paths[i]);
    }
    free(files->paths);
    free(files->path);
    free(files->member);
    *files = (struct neuron_input_files){0};
}

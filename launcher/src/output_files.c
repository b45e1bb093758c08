/* SPDX-License-Identifier: Apache-2.0 */
#include "output_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STREAM_COUNT = 2, NAME_BYTES = 32, FOLDER_MODE = 0777, FILE_MODE = 0666 };

static const char *const endings[STREAM_COUNT] = {"out", "err"};

struct neuron_output_files {
    char *directory;
    uint32_t rank_count;
    int *ranks; /* by rank and stream; -1 for none */
    struct neuron_output_lines all[STREAM_COUNT];
    char failed[NAME_BYTES]; /* the first rank's file that failed, and why */
    int reason;
};

/* With as many digits as the last rank has, so that names sort by rank. */
static void
format_name(const struct neuron_output_files *files, uint32_t rank, int stream, char *name)
{
    char digits[16] = "";
    char last[16] = "";
    int width = snprintf(last, sizeof(last), "%u", files->rank_count - 1);

    (void)snprintf(digits, sizeof(digits), "%010u", rank);
    (void)snprintf(name, NAME_BYTES, "rank.%s.%s", digits + (10 - width), endings[stream]);
}

/* Makes a folder and those above it, as mkdir -p. */
static bool
make_folders(const char *directory)
{
    char path[PATH_MAX] = "";

    if (strlen(directory) >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 0; directory[i] != '\0'; i += 1) {
        if (directory[i] == '/' && i > 0 && mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST) {
            return false;
        }
        path[i] = directory[i];
    }
    return mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST;
}

/* Opens an empty file; -1 with errno. Nothing but a regular file: a pipe could block. */
static int
open_file(int folder, const char *name)
{
    struct stat status = {0};
    int file = openat(folder, name,
                      O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_TRUNC, FILE_MODE);

    if (file >= 0 && (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))) {
        (void)close(file);
        errno = EEXIST;
        return -1;
    }
    return file;
}

static enum neuron_status
open_all(struct neuron_output_files *files, int folder, struct neuron_error *error)
{
    char name[NAME_BYTES] = "";

    for (uint32_t i = 0; i < files->rank_count * STREAM_COUNT; i += 1) {
        format_name(files, i / STREAM_COUNT, (int)(i % STREAM_COUNT), name);
        files->ranks[i] = open_file(folder, name);
        if (files->ranks[i] < 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM,
                               "--output-filename: cannot write %.120s/%s: %s", files->directory,
                               name, strerrordesc_np(errno));
        }
    }
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        (void)snprintf(name, sizeof(name), "all.%s", endings[i]);
        files->all[i].sink.file = open_file(folder, name);
        if (files->all[i].sink.file < 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM,
                               "--output-filename: cannot write %.120s/%s: %s", files->directory,
                               name, strerrordesc_np(errno));
        }
    }
    return NEURON_OK;
}

static enum neuron_status
make_all(struct neuron_output_files *files, struct neuron_error *error)
{
    if (!make_folders(files->directory)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "--output-filename: cannot make folder %.120s: %s",
                           files->directory, strerrordesc_np(errno));
    }
    int folder = open(files->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "--output-filename: cannot use %.120s: %s",
                           files->directory, strerrordesc_np(errno));
    }
    enum neuron_status status = open_all(files, folder, error);
    (void)close(folder);
    return status;
}

enum neuron_status
neuron_output_files_create(const char *directory, uint32_t rank_count,
                           const struct neuron_output_style *style, const struct timespec *now,
                           struct neuron_output_files **files, struct neuron_error *error)
{
    struct neuron_output_files *created = calloc(1, sizeof(*created));
    size_t count = (size_t)rank_count * STREAM_COUNT;

    if (created != NULL) {
        created->directory = strdup(directory);
        created->ranks = malloc(count * sizeof(*created->ranks));
    }
    if (created == NULL || created->directory == NULL || created->ranks == NULL) {
        neuron_output_files_destroy(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the output files");
    }
    created->rank_count = rank_count;
    memset(created->ranks, 0xff, count * sizeof(*created->ranks));
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        created->all[i] = (struct neuron_output_lines){
            .sink = {.file = -1, .kind = NEURON_SINK_FILE}, .style = *style, .now = now};
        created->all[i].style.has_colors = false;
    }
    enum neuron_status status = make_all(created, error);
    if (status != NEURON_OK) {
        neuron_output_files_destroy(created);
        return status;
    }
    *files = created;
    return NEURON_OK;
}

static void
note_failure(struct neuron_output_files *files, uint32_t rank, enum neuron_output_stream stream,
             int reason)
{
    if (files->reason == 0) {
        files->reason = reason;
        format_name(files, rank, (int)stream, files->failed);
    }
}

void
neuron_output_files_put(struct neuron_output_files *files, uint32_t rank,
                        enum neuron_output_stream stream, const char *bytes, size_t size_bytes)
{
    int *file = &files->ranks[rank * STREAM_COUNT + (uint32_t)stream];

    while (size_bytes > 0 && *file >= 0) {
        ssize_t written = write(*file, bytes, size_bytes);

        if (written >= 0) {
            bytes += written;
            size_bytes -= (size_t)written;
        } else if (errno != EINTR) {
            note_failure(files, rank, stream, errno);
            (void)close(*file);
            *file = -1;
        }
    }
}

struct neuron_output_lines *
neuron_output_files_lines(struct neuron_output_files *files, enum neuron_output_stream stream)
{
    return &files->all[stream];
}

void
neuron_output_files_flush(struct neuron_output_files *files)
{
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        neuron_output_sink_flush(&files->all[i].sink);
    }
}

enum neuron_status
neuron_output_files_check(const struct neuron_output_files *files, struct neuron_error *error)
{
    if (files->reason != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write to %.120s/%s: %s", files->directory,
                           files->failed, strerrordesc_np(files->reason));
    }
    for (int i = 0; i < STREAM_COUNT; i += 1) {
        int reason = files->all[i].sink.failure;

        if (reason != 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write to %.120s/all.%s: %s",
                               files->directory, endings[i], strerrordesc_np(reason));
        }
    }
    return NEURON_OK;
}

void
neuron_output_files_destroy(struct neuron_output_files *files)
{
    if (files == NULL) {
        return;
    }
    for (uint32_t i = 0; files->ranks != NULL && i < files->rank_count * STREAM_COUNT; i += 1) {
        if (files->ranks[i] >= 0) {
            (void)close(files->ranks[i]);
        }
    }
    for (int i = 0; files->rank_count > 0 && i < STREAM_COUNT; i += 1) {
        if (files->all[i].sink.file >= 0) {
            (void)close(files->all[i].sink.file);
        }
        neuron_output_sink_close(&files->all[i].sink);
    }
    free(files->ranks);
    free(files->directory);
    free(files);
}

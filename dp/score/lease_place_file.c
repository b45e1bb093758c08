/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_place_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "neuron/process_identity.h"

void
neuron_lease_place_fill(const char *job_id, struct neuron_lease_place *place)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(place->job_id, sizeof(place->job_id), "%s", job_id);
    (void)gethostname(place->server.host, sizeof(place->server.host) - 1);
    place->server.pid = getpid();
    place->server.start_ticks = neuron_process_start_ticks(getpid());
    place->server.epoch_ns = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static bool
write_all(int file, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t written = write(file, text, left);

        if (written < 0 && errno != EINTR) {
            return false;
        }
        text += written < 0 ? 0 : written;
        left -= written < 0 ? 0 : (size_t)written;
    }
    return true;
}

/* Says whether others can have read or written the file. */
static bool
is_private(const struct stat *status)
{
    return status->st_uid == geteuid() && (status->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* Fills a new file. The caller closes it, and removes it after a failure. */
static enum neuron_status
fill(int file, const char *path, const struct neuron_lease_place *place, const char *text,
     struct neuron_lease_file_mark *mark, struct neuron_error *error)
{
    struct stat status = {0};

    /* mkostemp() has made it for this user alone; a umask can have taken even that away. */
    if (fchmod(file, S_IRUSR | S_IWUSR) != 0 || fstat(file, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make %.150s: %s", path,
                           strerrordesc_np(errno));
    }
    if (place->key[0] != '\0' && !is_private(&status)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%.120s would be readable by others, and its key with it; start the "
                           "ranks with neuronrun, or choose a folder that keeps permissions",
                           path);
    }
    if (!write_all(file, text)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write %.150s: %s", path,
                           strerrordesc_np(errno));
    }
    *mark = (struct neuron_lease_file_mark){.device = status.st_dev, .number = status.st_ino};
    return NEURON_OK;
}

enum neuron_status
neuron_lease_place_file_write(const char *path, const struct neuron_lease_place *place,
                              struct neuron_lease_file_mark *mark, struct neuron_error *error)
{
    char text[NEURON_LEASE_PLACE_TEXT_BYTES] = "";
    struct neuron_lease_file_mark made = {0};
    char *temporary = NULL;
    enum neuron_status status = neuron_lease_place_format(place, text, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a path");
    }
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "cannot make %.150s: %s", path,
                             strerrordesc_np(errno));
        free(temporary);
        return status;
    }
    status = fill(file, path, place, text, &made, error);
    /* Some file systems tell only now that there is no room. */
    if (close(file) != 0 && status == NEURON_OK) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "cannot write %.150s: %s", path,
                             strerrordesc_np(errno));
    }
    if (status == NEURON_OK && rename(temporary, path) != 0) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "cannot put %.150s in place: %s", path,
                             strerrordesc_np(errno));
    }
    if (status == NEURON_OK) {
        *mark = made;
    } else {
        (void)unlink(temporary);
    }
    free(temporary);
    return status;
}

/* Reads at most `size_bytes` less one, and ends them with a zero; false for more, or a failure. */
static bool
read_all(int file, char *text, size_t size_bytes)
{
    size_t used = 0;

    while (used < size_bytes) {
        ssize_t count = read(file, text + used, size_bytes - used);

        if (count == 0) {
            text[used] = '\0';
            return strlen(text) == used;
        }
        if (count < 0 && errno != EINTR) {
            return false;
        }
        used += count < 0 ? 0 : (size_t)count;
    }
    return false;
}

static enum neuron_status
read_open_file(int file, const char *path, struct neuron_lease_place *place,
               struct neuron_error *error)
{
    char text[NEURON_LEASE_PLACE_TEXT_BYTES] = "";
    struct neuron_error reason = {0};
    struct stat status = {0};

    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) ||
        !read_all(file, text, sizeof(text))) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%.150s is not what a lease server writes; remove it", path);
    }
    if (neuron_lease_place_parse(text, place, &reason) != NEURON_OK) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.120s: %.80s; remove it", path,
                           reason.text);
    }
    if (place->key[0] != '\0' && !is_private(&status)) {
        *place = (struct neuron_lease_place){0};
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%.150s has a key that others may know, as it is not this user's alone; "
                           "remove it",
                           path);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_lease_place_file_read(const char *path, struct neuron_lease_place *place,
                             struct neuron_error *error)
{
    /* A FIFO that somebody put there is not waited for. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    *place = (struct neuron_lease_place){0};
    if (file < 0 && errno == ENOENT) {
        return NEURON_FAIL(error, NEURON_PEER_LOST, "there is no lease server: no %.150s", path);
    }
    if (file < 0 && errno == ELOOP) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%.150s is a symbolic link, which no lease server makes; remove it",
                           path);
    }
    if (file < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open %.150s: %s", path,
                           strerrordesc_np(errno));
    }
    enum neuron_status status = read_open_file(file, path, place, error);
    (void)close(file);
    return status;
}

void
neuron_lease_place_file_remove(const char *path, const struct neuron_lease_file_mark *mark)
{
    struct stat status = {0};

    if (lstat(path, &status) == 0 && status.st_dev == mark->device &&
        status.st_ino == mark->number) {
        (void)unlink(path);
    }
}

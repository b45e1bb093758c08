/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies a file as fast as cores can by read() and pwrite(), and prints the seconds that took:
 *
 *   file_copy FROM TO THREADS sync|nosync
 *
 * TO is made afresh, its room reserved beforehand as a job does that. A thread on each core takes
 * pieces of 1 MiB from one count; "sync" has the copy on disk in the end. All counts, from the
 * opening of the files to their end.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"
#include "own_core.h"

enum { PIECE_BYTES = 1024 * 1024, THREAD_LIMIT = 64 };

struct copy {
    int from;
    int to;
    uint64_t size_bytes;
    atomic_uint_fast64_t next; /* where the next piece begins */
    atomic_bool has_failed;
};

struct worker {
    struct copy *copy;
    uint32_t core; /* of those that this process may use */
    pthread_t thread;
};

/* Copies a piece; false when that failed. */
static bool
copy_piece(const struct copy *copy, unsigned char *bytes, uint64_t offset)
{
    uint64_t left = copy->size_bytes - offset;
    size_t size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    size_t done = 0;

    while (done < size) {
        ssize_t length = pread(copy->from, bytes + done, size - done, (off_t)(offset + done));
        if (length <= 0) {
            return false;
        }
        done += (size_t)length;
    }
    for (done = 0; done < size;) {
        ssize_t length = pwrite(copy->to, bytes + done, size - done, (off_t)(offset + done));
        if (length <= 0) {
            return false;
        }
        done += (size_t)length;
    }
    return true;
}

static void *
work(void *argument)
{
    struct worker *worker = argument;
    struct copy *copy = worker->copy;
    unsigned char *bytes = malloc(PIECE_BYTES);

    bind_to_core(worker->core);
    while (bytes != NULL && !copy->has_failed) {
        uint64_t offset = atomic_fetch_add(&copy->next, PIECE_BYTES);

        if (offset >= copy->size_bytes) {
            break;
        }
        if (!copy_piece(copy, bytes, offset)) {
            copy->has_failed = true;
        }
    }
    copy->has_failed = copy->has_failed || bytes == NULL;
    free(bytes);
    return NULL;
}

static bool
copy_with(struct copy *copy, uint32_t thread_count)
{
    struct worker workers[THREAD_LIMIT] = {0};
    uint32_t started = 0;

    for (; started < thread_count && !copy->has_failed; started += 1) {
        workers[started] = (struct worker){.copy = copy, .core = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) {
            copy->has_failed = true;
            break;
        }
    }
    for (uint32_t i = 0; i < started; i += 1) {
        (void)pthread_join(workers[i].thread, NULL);
    }
    return !copy->has_failed;
}

static bool
open_files(const char *from, const char *to, struct copy *copy)
{
    struct stat status = {0};

    copy->from = open(from, O_RDONLY | O_CLOEXEC);
    copy->to = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (copy->from < 0 || copy->to < 0 || fstat(copy->from, &status) != 0) {
        return false;
    }
    copy->size_bytes = (uint64_t)status.st_size;
    errno = posix_fallocate(copy->to, 0, status.st_size);
    return errno == 0;
}

int
main(int argument_count, char **arguments)
{
    struct copy copy = {.from = -1, .to = -1};
    double begin_us = read_clock_us();

    if (argument_count != 5) {
        (void)fprintf(stderr, "usage: file_copy FROM TO THREADS sync|nosync\n");
        return EXIT_FAILURE;
    }
    unsigned long threads = strtoul(arguments[3], NULL, 10);
    threads = threads < THREAD_LIMIT ? threads : THREAD_LIMIT;
    if (!open_files(arguments[1], arguments[2], &copy) || !copy_with(&copy, (uint32_t)threads) ||
        (strcmp(arguments[4], "sync") == 0 && fsync(copy.to) != 0)) {
        (void)fprintf(stderr, "file_copy: %s to %s: %s\n", arguments[1], arguments[2],
                      strerrordesc_np(errno));
        return EXIT_FAILURE;
    }
    (void)close(copy.to);
    (void)close(copy.from);
    (void)printf("%.6f\n", (read_clock_us() - begin_us) / 1e6);
    return EXIT_SUCCESS;
}

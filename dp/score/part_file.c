/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part file holds the output's header and payload, and behind them a trailer (part_trailer.h)
 * in which each rank notes its state. Two kinds of record locks guard it (file_lock.h):
 *
 *   the decision lock  held while the trailer is read and changed, and while the file is made,
 *                      renamed or removed; whoever gets it checks that the file it has opened is
 *                      still the one under the name, and opens it again where not;
 *   the rank's lock    held by each rank from joining to its end. A rank whose state is RUNNING and
 *                      whose lock is free has died.
 *
 *   WAITING ──join──> RUNNING ──finish──> DONE; all DONE: trailer cut off, synced, renamed.
 *
 * A file is a part file of ours when it starts as an npy file: the header is written first, so that
 * this holds wherever a rank is killed. Then it is either of the caller's job, or some process
 * holds a rank's lock, or it is a leftover, which is overwritten.
 */
#include "score/part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/file_lock.h"
#include "score/part_records.h"
#include "score/positioned_io.h"

static enum neuron_status
fail_system(const char *path, const char *what, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s %s: %s", path, what, strerrordesc_np(errno));
}

static enum neuron_status
open_file(struct neuron_part_file *part, struct neuron_error *error)
{
    struct stat status = {0};

    part->file = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (part->file < 0) {
        return fail_system(part->path, "cannot be created", error);
    }
    if (fstat(part->file, &status) != 0 || !S_ISREG(status.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is there and is no regular file; remove it, or name another output",
                           part->path);
    }
    return NEURON_OK;
}

/* Leaves no empty file behind where locks do not work at all. */
static void
remove_empty(const struct neuron_part_file *part)
{
    struct stat status = {0};

    if (part->file >= 0 && fstat(part->file, &status) == 0 && status.st_size == 0) {
        (void)unlink(part->path);
    }
}

/* Opens the file and gets the decision lock on the one that is under the name. */
static enum neuron_status
open_and_enter(struct neuron_part_file *part, const struct neuron_part_plan *plan,
               struct neuron_error *error)
{
    for (;;) {
        enum neuron_status status = open_file(part, error);
        if (status == NEURON_OK) {
            status = neuron_file_lock_enter(part->file, part->path, plan->stop_signal, error);
        }
        if (status == NEURON_SYSTEM) {
            remove_empty(part);
        }
        if (status != NEURON_OK || neuron_part_is_in_place(part->file, part->path)) {
            return status;
        }
        (void)close(part->file);
        part->file = -1;
    }
}

static enum neuron_status
create_part(const struct neuron_part_plan *plan, struct neuron_part_file **part,
            struct neuron_error *error)
{
    struct neuron_part_file *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the output file");
    }
    made->file = -1;
    made->path = strdup(plan->path);
    made->rank = plan->identity->rank;
    made->world_size = plan->identity->world_size;
    made->payload_start_bytes = plan->header_bytes;
    *part = made;
    if (made->path == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the output file");
    }
    if (__builtin_add_overflow(plan->header_bytes, plan->payload_bytes, &made->payload_end_bytes) ||
        !neuron_part_file_size(made->payload_end_bytes, made->world_size, &made->size_bytes)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s would be larger than any file; score fewer rows", plan->path);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_part_file_join(const struct neuron_part_plan *plan, struct neuron_part_file **part,
                      struct neuron_error *error)
{
    struct neuron_part_file *made = NULL;

    enum neuron_status status = create_part(plan, &made, error);
    if (status == NEURON_OK) {
        status = open_and_enter(made, plan, error);
    }
    if (status == NEURON_OK) {
        status = neuron_part_take_place(made, plan, error);
        neuron_file_lock_leave(made->file);
    }
    if (status != NEURON_OK) {
        neuron_part_file_destroy(made);
        return status;
    }
    *part = made;
    return NEURON_OK;
}

/*
 * Has the disk start on what was written, in pieces worth its while: else all of it would wait for
 * the sync at the end, with the cores idle. Only a hint; the sync reports what goes wrong.
 */
static void
start_writeback(struct neuron_part_file *part, uint64_t end_bytes)
{
    enum { PIECE_BYTES = 8 * 1024 * 1024 };

    if (end_bytes < part->handed_over_bytes + PIECE_BYTES) {
        return;
    }
    (void)sync_file_range(part->file, (off_t)part->handed_over_bytes,
                          (off_t)(end_bytes - part->handed_over_bytes), SYNC_FILE_RANGE_WRITE);
    part->handed_over_bytes = end_bytes;
}

enum neuron_status
neuron_part_file_write(struct neuron_part_file *part, uint64_t payload_offset_bytes,
                       const void *bytes, size_t size_bytes, struct neuron_error *error)
{
    uint64_t start_bytes = part->payload_start_bytes + payload_offset_bytes;

    if (!neuron_write_at(part->file, bytes, size_bytes, start_bytes)) {
        return fail_system(part->path, "cannot be written", error);
    }
    if (part->handed_over_bytes == 0) {
        part->handed_over_bytes = start_bytes;
    }
    start_writeback(part, start_bytes + size_bytes);
    return NEURON_OK;
}

enum neuron_status
neuron_part_file_check(const struct neuron_part_file *part, struct neuron_error *error)
{
    if (!neuron_part_is_in_place(part->file, part->path)) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "%s was removed: another rank of the job failed, see its line",
                           part->path);
    }
    return NEURON_OK;
}

/* Adds up what all ranks have come to; a rank that died is the end of the job. */
static enum neuron_status
tally(const struct neuron_part_file *part, struct neuron_part_outcome *outcome,
      struct neuron_error *error)
{
    outcome->is_complete = true;
    for (uint32_t rank = 0; rank < part->world_size; rank += 1) {
        struct neuron_part_record record = {0};

        if (!neuron_part_record_read(part, rank, &record)) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "%s was changed by somebody else; score again",
                               part->path);
        }
        if (record.state == NEURON_PART_DONE) {
            outcome->core_count += record.core_count;
            continue;
        }
        outcome->is_complete = false;
        if (record.state == NEURON_PART_RUNNING &&
            neuron_file_lock_find_holder(part->file, rank) == 0) {
            return NEURON_FAIL(error, NEURON_PEER_LOST,
                               "rank %u of the job died before its rows were done; score again",
                               rank);
        }
    }
    return NEURON_OK;
}

/* Makes the name of a file in a folder last. Some file systems have nothing to do for that. */
static enum neuron_status
sync_folder_of(const char *path, struct neuron_error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    int file = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = file >= 0 && (fsync(file) == 0 || errno == EINVAL);
    int reason = errno;

    if (file >= 0) {
        (void)close(file);
    }
    free(folder);
    if (!is_synced) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the folder of %s cannot be synced to disk: %s",
                           path, strerrordesc_np(reason));
    }
    return NEURON_OK;
}

/* Turns the part file into the output. */
static enum neuron_status
put_in_place(const struct neuron_part_file *part, const char *output_path,
             struct neuron_error *error)
{
    if (ftruncate(part->file, (off_t)part->payload_end_bytes) != 0 || fsync(part->file) != 0) {
        return fail_system(part->path, "cannot be synced to disk", error);
    }
    if (rename(part->path, output_path) != 0) {
        return fail_system(output_path, "cannot be put in place", error);
    }
    return sync_folder_of(output_path, error);
}

/* What neuron_part_file_finish() does under the decision lock. */
static enum neuron_status
finish_decided(const struct neuron_part_file *part, uint32_t core_count, const char *output_path,
               struct neuron_part_outcome *outcome, struct neuron_error *error)
{
    const struct neuron_part_record done = {.state = NEURON_PART_DONE, .core_count = core_count};
    struct neuron_part_footer footer = {0};

    enum neuron_status status = neuron_part_file_check(part, error);
    if (status == NEURON_OK) {
        status = neuron_part_record_write(part, &done, error);
    }
    if (status == NEURON_OK) {
        status = tally(part, outcome, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (!neuron_part_footer_read(part->file, &footer)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s was changed by somebody else; score again",
                           part->path);
    }
    outcome->start_ns = footer.start_ns;
    return outcome->is_complete ? put_in_place(part, output_path, error) : NEURON_OK;
}

enum neuron_status
neuron_part_file_finish(struct neuron_part_file *part, uint32_t core_count, const char *output_path,
                        struct neuron_part_outcome *outcome, struct neuron_error *error)
{
    struct neuron_part_outcome found = {0};

    /* The rank that is last syncs what its own host knows of; on a shared file system that leaves
     * out what the others hold back. */
    if (part->world_size > 1 && fdatasync(part->file) != 0) {
        return fail_system(part->path, "cannot be synced to disk", error);
    }
    enum neuron_status status = neuron_file_lock_enter(part->file, part->path, NULL, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = finish_decided(part, core_count, output_path, &found, error);
    neuron_file_lock_leave(part->file);
    if (status == NEURON_OK) {
        *outcome = found;
    }
    return status;
}

void
neuron_part_file_abandon(struct neuron_part_file *part)
{
    if (neuron_file_lock_enter(part->file, part->path, NULL, NULL) != NEURON_OK) {
        return;
    }
    if (neuron_part_is_in_place(part->file, part->path)) {
        (void)unlink(part->path);
    }
    neuron_file_lock_leave(part->file);
}

void
neuron_part_file_abandon_job(const char *path, const char *job_id)
{
    struct neuron_part_footer footer = {0};
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (file < 0) {
        return;
    }
    if (neuron_file_lock_enter(file, path, NULL, NULL) == NEURON_OK) {
        if (neuron_part_is_in_place(file, path) && neuron_part_footer_read(file, &footer) &&
            strcmp(footer.job_id, job_id) == 0) {
            (void)unlink(path);
        }
        neuron_file_lock_leave(file);
    }
    (void)close(file);
}

void
neuron_part_file_destroy(struct neuron_part_file *part)
{
    if (part == NULL) {
        return;
    }
    if (part->file >= 0) {
        (void)close(part->file);
    }
    free(part->path);
    free(part);
}

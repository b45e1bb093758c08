/* SPDX-License-Identifier: Apache-2.0 */
/* How a rank comes into the part file: with the decision lock held, from opened to RUNNING. */
#include "score/part_records.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "neuron/npy.h"
#include "neuron/process_identity.h"
#include "score/file_lock.h"
#include "score/positioned_io.h"

static struct neuron_part_footer
footer_of(const struct neuron_part_file *part, const struct neuron_part_plan *plan)
{
    struct neuron_part_footer footer = {.world_size = part->world_size,
                                        .rows = plan->rows,
                                        .payload_end_bytes = part->payload_end_bytes,
                                        .start_ns = plan->start_ns,
                                        .fingerprint = plan->fingerprint};

    memcpy(footer.job_id, plan->identity->job_id, sizeof(footer.job_id));
    return footer;
}

/* Says whether this rank has not been in the file yet. */
static bool
is_waiting(const struct neuron_part_file *part)
{
    struct neuron_part_record record = {0};

    return neuron_part_record_read(part, part->rank, &record) &&
           record.state == NEURON_PART_WAITING;
}

/*
 * What is there and nobody writes may be overwritten when it is a part file: empty, or with our
 * trailer, or, where its rank was killed before it wrote that, with the header that we would write.
 */
static enum neuron_status
check_leftover(const struct neuron_part_file *part, const struct neuron_part_plan *plan,
               struct neuron_error *error)
{
    struct neuron_part_footer footer = {0};
    char start[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    struct stat status = {0};

    if (fstat(part->file, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", part->path,
                           strerrordesc_np(errno));
    }
    bool has_our_header = plan->header_bytes <= sizeof(start) &&
                          neuron_read_at(part->file, start, plan->header_bytes, 0) &&
                          memcmp(start, plan->header, plan->header_bytes) == 0;
    if (status.st_size == 0 || has_our_header || neuron_part_footer_read(part->file, &footer)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s is there and is no unfinished output; remove it, or name another output",
                       part->path);
}

/* Decides under the decision lock whether this rank joins what is there, or starts it afresh. */
static enum neuron_status
decide(const struct neuron_part_file *part, const struct neuron_part_plan *plan, bool *joins,
       struct neuron_error *error)
{
    struct neuron_part_footer there = {0};
    struct neuron_part_footer ours = footer_of(part, plan);
    char who[NEURON_ERROR_TEXT_BYTES] = "";
    pid_t holder = neuron_file_lock_find_any_holder(part->file);
    pid_t own_holder = neuron_file_lock_find_holder(part->file, part->rank);

    bool is_of_job =
        neuron_part_footer_read(part->file, &there) && strcmp(there.job_id, ours.job_id) == 0;
    bool is_same = is_of_job && there.world_size == ours.world_size && there.rows == ours.rows &&
                   there.payload_end_bytes == ours.payload_end_bytes &&
                   there.fingerprint == ours.fingerprint;
    if (holder == 0) {
        /* A rank that was here before, in a job of which nobody lives, belongs to a new attempt. */
        *joins = is_same && is_waiting(part);
        return *joins ? NEURON_OK : check_leftover(part, plan, error);
    }
    if (!is_of_job) {
        return NEURON_FAIL(
            error, NEURON_STOPPED, "%s is being written by %s; wait for it, or name another output",
            part->path, neuron_process_describe(holder < 0 ? 0 : holder, who, sizeof(who)));
    }
    if (!is_same) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: pid %d of this job has another model, input or number of ranks; "
                           "give all ranks the same",
                           part->path, (int)holder);
    }
    if (own_holder != 0) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "%s: rank %u of this job is pid %d already; give each rank its own RANK",
                           part->path, part->rank, (int)own_holder);
    }
    *joins = true;
    return NEURON_OK;
}

static enum neuron_status
fail_reserve(const struct neuron_part_file *part, int reason, struct neuron_error *error)
{
    struct statvfs system = {0};
    unsigned long long needed = part->size_bytes;

    /* What was reserved before the disk was full is free again: the file will be removed. */
    if (reason == ENOSPC && ftruncate(part->file, 0) == 0 && fstatvfs(part->file, &system) == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s needs %llu bytes, but its disk has %llu free; free some, or write "
                           "elsewhere",
                           part->path, needed,
                           (unsigned long long)system.f_bavail * system.f_frsize);
    }
    if (reason == EFBIG) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s needs %llu bytes, more than files may have here; see 'ulimit -f', "
                           "or write elsewhere",
                           part->path, needed);
    }
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s needs %llu bytes, which its disk refuses: %s",
                       part->path, needed, strerrordesc_np(reason));
}

/* Makes the file at its full size, every state WAITING. */
static enum neuron_status
start_afresh(const struct neuron_part_file *part, const struct neuron_part_plan *plan,
             struct neuron_error *error)
{
    struct neuron_part_footer footer = footer_of(part, plan);
    unsigned char bytes[NEURON_PART_FOOTER_BYTES];

    neuron_part_footer_encode(&footer, bytes);
    if (ftruncate(part->file, 0) != 0 ||
        !neuron_write_at(part->file, plan->header, plan->header_bytes, 0) ||
        !neuron_write_at(part->file, bytes, sizeof(bytes), part->size_bytes - sizeof(bytes))) {
        return fail_reserve(part, errno, error);
    }
    int reason = 0;
    do {
        if (plan->stop_signal != NULL && *plan->stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "stopped while making %s", part->path);
        }
        reason = posix_fallocate(part->file, 0, (off_t)part->size_bytes);
    } while (reason == EINTR);
    return reason == 0 ? NEURON_OK : fail_reserve(part, reason, error);
}

/* A rank that was slow to come here may have been the first to start. */
static enum neuron_status
correct_start(const struct neuron_part_file *part, const struct neuron_part_plan *plan,
              struct neuron_error *error)
{
    struct neuron_part_footer footer = {0};

    if (!neuron_part_footer_read(part->file, &footer)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", part->path,
                           strerrordesc_np(errno));
    }
    if (footer.start_ns <= plan->start_ns) {
        return NEURON_OK;
    }
    footer.start_ns = plan->start_ns;
    return neuron_part_footer_write(part, &footer, error);
}

/* Takes this rank's place in the file, under the decision lock. */
enum neuron_status
neuron_part_take_place(const struct neuron_part_file *part, const struct neuron_part_plan *plan,
                       struct neuron_error *error)
{
    const struct neuron_part_record running = {.state = NEURON_PART_RUNNING};
    bool joins = false;

    enum neuron_status status = decide(part, plan, &joins, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = joins ? correct_start(part, plan, error) : start_afresh(part, plan, error);
    if (status == NEURON_OK) {
        status = neuron_file_lock_claim_rank(part->file, part->path, part->rank, error);
    }
    if (status == NEURON_OK) {
        status = neuron_part_record_write(part, &running, error);
    }
    if (status != NEURON_OK) {
        (void)unlink(part->path);
    }
    return status;
}

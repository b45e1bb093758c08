/* SPDX-License-Identifier: Apache-2.0 */
/* How part files become the outputs: complete, then under their names. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/folder_sync.h"
#include "score/output_set.h"
#include "score/output_set_body.h"
#include "score/text_output.h"

/* Joins the checksums of the pieces of an output. */
static uint32_t
join_checksums(const struct neuron_output_set *set, const struct neuron_output_end *end,
               uint32_t output)
{
    uint64_t row_bytes = set->layout.places[output].row_bytes;
    uint32_t joined = 0;

    for (size_t i = 0; i < end->piece_count; i += 1) {
        const struct neuron_output_piece *piece = &end->pieces[i];

        joined = neuron_npz_checksum_join(joined, piece->sums[output].crc32,
                                          piece->rows.count * row_bytes);
    }
    return joined;
}

/* A piece that is missing or there twice would give a file that cannot be read. */
static enum neuron_status
check_pieces(const struct neuron_output_set *set, const struct neuron_output_end *end,
             struct neuron_error *error)
{
    uint64_t next = 0;
    size_t i = 0;

    while (i < end->piece_count && end->pieces[i].rows.first == next) {
        next += end->pieces[i].rows.count;
        i += 1;
    }
    if (i < end->piece_count || next != set->plan.rows) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is not complete: no piece has row %llu", neuron_output_set_path(set),
                           (unsigned long long)next);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_note_checksums(struct neuron_output_set *set, const struct neuron_output_end *end,
                                 struct neuron_error *error)
{
    enum neuron_status status = check_pieces(set, end, error);

    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.output_count; i += 1) {
        const struct neuron_output_place *place = &set->layout.places[i];
        struct neuron_npz_layout *npz = set->layout.files[place->file].npz;

        if (npz != NULL) {
            neuron_npz_layout_set_checksum(npz, place->member, join_checksums(set, end, i));
        }
    }
    return status;
}

enum neuron_status
neuron_output_set_complete(struct neuron_output_set *set, const struct neuron_output_end *end,
                           struct neuron_error *error)
{
    enum neuron_status status = neuron_output_set_note_checksums(set, end, error);

    if (status == NEURON_OK) {
        status = neuron_output_set_write_frames(set, error);
    }
    if (status == NEURON_OK) {
        status = neuron_output_set_sync(set, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        if (!neuron_output_set_file_is_dense(set, i)) {
            status = neuron_text_output_write(set, i, end, &set->text_sum, error);
        }
        if (status == NEURON_OK) {
            status = neuron_folder_sync(set->layout.files[i].path, error);
        }
    }
    return status;
}

uint64_t
neuron_output_set_text_sum(const struct neuron_output_set *set)
{
    return set->text_sum;
}

/* The name under which a file is complete. */
static const char *
complete_path(const struct neuron_output_file *file)
{
    return file->text_path != NULL ? file->text_path : file->part_path;
}

/* Says whether a file is under its final name, as far as its size tells. */
static bool
is_in_place(const struct neuron_output_file *file)
{
    struct stat status = {0};

    return stat(file->path, &status) == 0 && S_ISREG(status.st_mode) &&
           (file->text_path != NULL || (uint64_t)status.st_size == file->size_bytes);
}

static enum neuron_status
publish_file(const struct neuron_output_file *file, struct neuron_error *error)
{
    const char *from = complete_path(file);

    if (rename(from, file->path) == 0) {
        return NEURON_OK;
    }
    if (errno != ENOENT) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be renamed to %s: %s", from, file->path,
                           strerrordesc_np(errno));
    }
    /* An earlier call did it, and died before the job's end was noted. */
    return is_in_place(file)
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_PEER_LOST, "neither %s nor %s of its size is there",
                             from, file->path);
}

enum neuron_status
neuron_output_set_publish(struct neuron_output_set *set, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        status = publish_file(&set->layout.files[i], error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        status = neuron_folder_sync(set->layout.files[i].path, error);
    }
    /* The rows that a text was rendered from go last: until the names are on disk, they are all
     * that there is. */
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        if (set->layout.files[i].text_path != NULL) {
            (void)unlink(set->layout.files[i].part_path);
        }
    }
    return status;
}

bool
neuron_output_set_is_published(const struct neuron_output_set *set)
{
    for (uint32_t i = 0; i < set->layout.file_count; i += 1) {
        const struct neuron_output_file *file = &set->layout.files[i];
        struct stat part = {0};

        if (!is_in_place(file) || stat(complete_path(file), &part) == 0) {
            return false;
        }
    }
    return true;
}

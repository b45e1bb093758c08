/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of a row to its place: it is summed in pieces that stay in the cache, each is copied to
 * the kernel at once, and the disk is told to start on what has come together. Nothing here knows
 * which rows are done: that is the journal's, and it is told only after a sync.
 */
#include "score/output_set.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/output_set_body.h"
#include "score/output_sums.h"
#include "score/positioned_io.h"

enum neuron_status
neuron_output_fail(const char *path, const char *what, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be %s: %s", path, what,
                       reason == 0 ? "it is shorter than it was" : strerrordesc_np(reason));
}

static enum neuron_status
allocate(struct neuron_output_set *set, struct neuron_error *error)
{
    uint32_t file_count = set->layout.file_count;

    set->descriptors = calloc(file_count, sizeof(*set->descriptors));
    set->unsent = calloc(set->layout.output_count, sizeof(*set->unsent));
    set->warm = malloc(NEURON_WARM_BYTES);
    if (set->descriptors == NULL || set->unsent == NULL || set->warm == NULL) {
        free(set->descriptors);
        set->descriptors = NULL;
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
    }
    for (uint32_t i = 0; i < file_count; i += 1) {
        set->descriptors[i] = -1;
    }
    return neuron_summer_create(&set->summer, error);
}

enum neuron_status
neuron_output_set_plan(const struct neuron_output_plan *plan, struct neuron_output_set **set,
                       struct neuron_error *error)
{
    struct neuron_output_set *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
    }
    made->plan = *plan;
    enum neuron_status status = neuron_output_layout_create(plan, &made->layout, error);
    if (status == NEURON_OK) {
        status = allocate(made, error);
    }
    if (status != NEURON_OK) {
        neuron_output_set_destroy(made);
        return status;
    }
    *set = made;
    return NEURON_OK;
}

const char *
neuron_output_set_path(const struct neuron_output_set *set)
{
    return set->layout.files[0].path;
}

uint64_t
neuron_output_set_size_bytes(const struct neuron_output_set *set)
{
    return set->layout.size_bytes;
}

size_t
neuron_output_set_row_bytes(const struct neuron_output_set *set)
{
    return set->layout.row_bytes;
}

size_t
neuron_output_set_tensor_row_bytes(const struct neuron_output_set *set, uint32_t output)
{
    return set->layout.places[output].row_bytes;
}

bool
neuron_output_set_wants_crc32(const struct neuron_output_set *set, uint32_t output)
{
    uint32_t file = set->layout.places[output].file;

    return set->layout.files[file].kind == NEURON_OUTPUT_NPZ;
}

uint32_t
neuron_output_set_file_count(const struct neuron_output_set *set)
{
    return set->layout.file_count;
}

const char *
neuron_output_set_file_path(const struct neuron_output_set *set, uint32_t file)
{
    return set->layout.files[file].path;
}

bool
neuron_output_set_file_is_dense(const struct neuron_output_set *set, uint32_t file)
{
    return neuron_output_kind_is_dense(set->layout.files[file].kind);
}

/* Has the disk start on what was written, in pieces worth its while: else all of it would wait for
 * the sync, with the cores idle. Only a hint; the sync reports what goes wrong. */
static void
send_to_disk(const struct neuron_output_set *set, uint32_t output, uint64_t start, uint64_t end)
{
    enum { WORTH_BYTES = 8 * 1024 * 1024 };
    struct neuron_unsent_bytes *unsent = &set->unsent[output];
    int file = set->descriptors[set->layout.places[output].file];

    if (start != unsent->end) {
        if (unsent->end > unsent->start) {
            (void)sync_file_range(file, (off_t)unsent->start, (off_t)(unsent->end - unsent->start),
                                  SYNC_FILE_RANGE_WRITE);
        }
        unsent->start = start;
    }
    unsent->end = end;
    if (end - unsent->start >= WORTH_BYTES) {
        (void)sync_file_range(file, (off_t)unsent->start, (off_t)(end - unsent->start),
                              SYNC_FILE_RANGE_WRITE);
        unsent->start = end;
    }
}

/* Where rows of an output stand in its file. */
static struct neuron_unsent_bytes
bytes_of(const struct neuron_output_set *set, uint32_t output, struct neuron_row_range rows)
{
    const struct neuron_output_place *place = &set->layout.places[output];
    uint64_t start = place->offset + rows.first * place->row_bytes;

    assert(rows.first <= (uint64_t)place->shape.dims[0] &&
           rows.count <= (uint64_t)place->shape.dims[0] - rows.first);
    return (struct neuron_unsent_bytes){.start = start,
                                        .end = start + rows.count * place->row_bytes};
}

static size_t
warm_piece(uint64_t left)
{
    return left < NEURON_WARM_BYTES ? (size_t)left : NEURON_WARM_BYTES;
}

/* Writes rows of an output, and goes on with its sum. */
static enum neuron_status
write_output(struct neuron_output_set *set, uint32_t output, struct neuron_row_range rows,
             const unsigned char *bytes, struct neuron_summer *summer, struct neuron_error *error)
{
    const struct neuron_output_place *place = &set->layout.places[output];
    struct neuron_unsent_bytes range = bytes_of(set, output, rows);
    uint64_t offset = range.start;

    while (offset < range.end) {
        size_t piece = warm_piece(range.end - offset);

        neuron_summer_add(summer, bytes, piece);
        if (!neuron_write_at(set->descriptors[place->file], bytes, piece, offset)) {
            return neuron_output_fail(set->layout.files[place->file].part_path, "written", errno,
                                      error);
        }
        bytes += piece;
        offset += piece;
    }
    send_to_disk(set, output, range.start, range.end);
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_write_block(struct neuron_output_set *set, struct neuron_row_range rows,
                              const struct neuron_tensor_view *views,
                              struct neuron_output_sums *sums, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.output_count; i += 1) {
        status = write_output(set, i, rows, views[i].data, neuron_output_sums_of(sums, i), error);
    }
    return status;
}

uint32_t
neuron_output_set_output_count(const struct neuron_output_set *set)
{
    return set->layout.output_count;
}

static enum neuron_status
read_bytes(const struct neuron_output_set *set, uint32_t output, void *bytes, size_t size_bytes,
           uint64_t offset, struct neuron_error *error)
{
    uint32_t file = set->layout.places[output].file;

    if (!neuron_read_at(set->descriptors[file], bytes, size_bytes, offset)) {
        return neuron_output_fail(set->layout.files[file].path, "read", errno, error);
    }
    return NEURON_OK;
}

static enum neuron_status
sum_output(const struct neuron_output_set *set, uint32_t output, struct neuron_row_range rows,
           struct neuron_error *error)
{
    struct neuron_unsent_bytes range = bytes_of(set, output, rows);
    enum neuron_status status = NEURON_OK;
    uint64_t offset = range.start;

    neuron_summer_begin(set->summer, neuron_output_set_wants_crc32(set, output)
                                         ? NEURON_SUM_XXH3_AND_CRC32
                                         : NEURON_SUM_XXH3);
    while (status == NEURON_OK && offset < range.end) {
        size_t piece = warm_piece(range.end - offset);

        status = read_bytes(set, output, set->warm, piece, offset, error);
        if (status == NEURON_OK) {
            neuron_summer_add(set->summer, set->warm, piece);
        }
        offset += piece;
    }
    return status;
}

enum neuron_status
neuron_output_set_sum_dense(const struct neuron_output_set *set, struct neuron_row_range rows,
                            struct neuron_piece_sum *sums, struct neuron_error *error)
{
    for (uint32_t i = 0; i < set->layout.output_count; i += 1) {
        bool is_dense = neuron_output_set_file_is_dense(set, set->layout.places[i].file);
        enum neuron_status status = is_dense ? sum_output(set, i, rows, error) : NEURON_OK;

        if (status != NEURON_OK) {
            return status;
        }
        sums[i] = is_dense ? neuron_summer_end(set->summer) : (struct neuron_piece_sum){0};
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_sum(const struct neuron_output_set *set, struct neuron_row_range rows,
                      struct neuron_piece_sum *sums, struct neuron_error *error)
{
    for (uint32_t i = 0; i < set->layout.output_count; i += 1) {
        enum neuron_status status = sum_output(set, i, rows, error);

        if (status != NEURON_OK) {
            return status;
        }
        sums[i] = neuron_summer_end(set->summer);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_read(const struct neuron_output_set *set, uint32_t output,
                       struct neuron_row_range rows, void *bytes, struct neuron_error *error)
{
    struct neuron_unsent_bytes range = bytes_of(set, output, rows);

    return read_bytes(set, output, bytes, (size_t)(range.end - range.start), range.start, error);
}

enum neuron_status
neuron_output_set_sync(const struct neuron_output_set *set, struct neuron_error *error)
{
    for (uint32_t i = 0; i < set->layout.file_count; i += 1) {
        if (set->descriptors[i] >= 0 && fdatasync(set->descriptors[i]) != 0) {
            return neuron_output_fail(set->layout.files[i].part_path, "put on disk", errno, error);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
write_frames_of(const struct neuron_output_set *set, uint32_t index, struct neuron_error *error)
{
    const struct neuron_output_file *file = &set->layout.files[index];
    uint32_t count = neuron_output_frame_count(file);

    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_npz_frame frame = neuron_output_frame(file, i);

        if (!neuron_write_at(set->descriptors[index], frame.bytes, frame.size_bytes,
                             frame.offset)) {
            return neuron_output_fail(file->part_path, "written", errno, error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_write_frames(const struct neuron_output_set *set, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        status = write_frames_of(set, i, error);
    }
    return status;
}

void
neuron_output_set_destroy(struct neuron_output_set *set)
{
    if (set == NULL) {
        return;
    }
    for (uint32_t i = 0; set->descriptors != NULL && i < set->layout.file_count; i += 1) {
        if (set->descriptors[i] >= 0) {
            (void)close(set->descriptors[i]);
        }
    }
    neuron_summer_destroy(set->summer);
    neuron_output_layout_destroy(&set->layout);
    free(set->descriptors);
    free(set->unsent);
    free(set->warm);
    free(set);
}

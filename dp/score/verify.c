/* SPDX-License-Identifier: Apache-2.0 */
#include "score/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/output_set_body.h"
#include "score/positioned_io.h"

static bool
is_stopped(const struct neuron_verify_plan *plan)
{
    return plan->stop_signal != NULL && *plan->stop_signal != 0;
}

static enum neuron_status
fail_stopped(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_CANCELLED, "stopped before all of it was compared");
}

/* Says whether the sums of a piece are those that the journal has. */
static bool
sums_are_equal(const struct neuron_output_set *set, const struct neuron_piece_sum *found,
               const struct neuron_piece_sum *noted)
{
    for (uint32_t i = 0; i < set->layout.output_count; i += 1) {
        bool is_dense = neuron_output_set_file_is_dense(set, set->layout.places[i].file);

        if (is_dense && (found[i].xxh3 != noted[i].xxh3 || found[i].crc32 != noted[i].crc32)) {
            return false;
        }
    }
    return true;
}

/* Counts a piece, and notes it where it differs. */
static void
note_piece(struct neuron_verify_result *result, struct neuron_row_range rows, bool is_same)
{
    result->piece_count += 1;
    if (is_same) {
        return;
    }
    if (result->bad_piece_count < NEURON_VERIFY_SHOWN) {
        result->bad[result->bad_piece_count] = rows;
    }
    result->bad_piece_count += 1;
}

static enum neuron_status
compare_pieces(const struct neuron_verify_plan *plan, struct neuron_piece_sum *sums,
               struct neuron_verify_result *result, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < plan->contents->piece_count; i += 1) {
        const struct neuron_journal_piece *piece = &plan->contents->pieces[i];

        if (is_stopped(plan)) {
            return fail_stopped(error);
        }
        status = neuron_output_set_sum_dense(plan->set, piece->rows, sums, error);
        if (status == NEURON_OK) {
            note_piece(result, piece->rows, sums_are_equal(plan->set, sums, piece->sums));
        }
    }
    return status;
}

/* Compares what stands in a file beside rows with what would be written now. */
static enum neuron_status
compare_frames(const struct neuron_output_set *set, uint32_t index,
               struct neuron_verify_result *result, struct neuron_error *error)
{
    const struct neuron_output_file *file = &set->layout.files[index];
    uint32_t count = neuron_output_frame_count(file);

    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_npz_frame frame = neuron_output_frame(file, i);
        unsigned char *found = malloc(frame.size_bytes + 1);

        if (found == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to read %s", file->path);
        }
        if (!neuron_read_at(set->descriptors[index], found, frame.size_bytes, frame.offset)) {
            int reason = errno;

            free(found);
            return neuron_output_fail(file->path, "read", reason, error);
        }
        result->frame_differs =
            result->frame_differs || memcmp(found, frame.bytes, frame.size_bytes) != 0;
        free(found);
    }
    return NEURON_OK;
}

/* Sums a text file from its beginning to its end. */
static enum neuron_status
sum_text(const struct neuron_verify_plan *plan, int descriptor, const char *path, uint64_t *sum,
         struct neuron_error *error)
{
    struct neuron_output_set *set = plan->set;
    ssize_t length = 1;

    neuron_summer_begin(set->summer, NEURON_SUM_XXH3);
    while (length > 0) {
        if (is_stopped(plan)) {
            return fail_stopped(error);
        }
        length = read(descriptor, set->warm, NEURON_WARM_BYTES);
        if (length < 0 && errno == EINTR) {
            length = 1;
            continue;
        }
        neuron_summer_add(set->summer, set->warm, length > 0 ? (size_t)length : 0);
    }
    *sum = neuron_summer_end(set->summer).xxh3;
    return length == 0 ? NEURON_OK : neuron_output_fail(path, "read", errno, error);
}

static enum neuron_status
compare_text(const struct neuron_verify_plan *plan, uint32_t index,
             struct neuron_verify_result *result, struct neuron_error *error)
{
    const char *path = plan->set->layout.files[index].path;
    struct stat status = {0};
    uint64_t sum = 0;

    if (plan->text_sum == NULL) {
        result->text_is_unchecked = true;
        return NEURON_OK;
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT) {
        return NEURON_FAIL(error, NEURON_PEER_LOST, "%s is not there", path);
    }
    if (descriptor < 0 || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        int reason = descriptor < 0 ? errno : EINVAL;

        if (descriptor >= 0) {
            (void)close(descriptor);
        }
        return neuron_output_fail(path, "opened", reason, error);
    }
    enum neuron_status summed = sum_text(plan, descriptor, path, &sum, error);
    (void)close(descriptor);
    result->text_differs = summed == NEURON_OK && sum != *plan->text_sum;
    return summed;
}

static enum neuron_status
compare_files(const struct neuron_verify_plan *plan, struct neuron_verify_result *result,
              struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < plan->set->layout.file_count; i += 1) {
        status = neuron_output_set_file_is_dense(plan->set, i)
                     ? compare_frames(plan->set, i, result, error)
                     : compare_text(plan, i, result, error);
    }
    return status;
}

/* Computes the checksums that npz files must have, from those of the journal. */
static enum neuron_status
note_checksums(const struct neuron_verify_plan *plan, struct neuron_error *error)
{
    const struct neuron_journal_contents *contents = plan->contents;
    struct neuron_output_piece *pieces = calloc(contents->piece_count + 1, sizeof(*pieces));

    if (pieces == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %zu pieces",
                           contents->piece_count);
    }
    for (size_t i = 0; i < contents->piece_count; i += 1) {
        pieces[i] = (struct neuron_output_piece){.rows = contents->pieces[i].rows,
                                                 .sums = contents->pieces[i].sums};
    }
    const struct neuron_output_end end = {.pieces = pieces, .piece_count = contents->piece_count};
    enum neuron_status status = neuron_output_set_note_checksums(plan->set, &end, error);
    free(pieces);
    return status;
}

static enum neuron_status
check_journal(const struct neuron_verify_plan *plan, struct neuron_error *error)
{
    const struct neuron_journal_contents *contents = plan->contents;
    const char *path = neuron_output_set_path(plan->set);

    if (contents->state != NEURON_JOURNAL_ENDED) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is not finished; run the job again to go on", path);
    }
    if (contents->output_count != plan->set->layout.output_count ||
        contents->rows != plan->set->plan.rows) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the journal of %s is of %llu rows and %u outputs, and the job has %llu "
                           "and %u; give the model and inputs that it was made with",
                           path, (unsigned long long)contents->rows, contents->output_count,
                           (unsigned long long)plan->set->plan.rows,
                           plan->set->layout.output_count);
    }
    return NEURON_OK;
}

static bool
has_dense_file(const struct neuron_output_set *set)
{
    bool is_found = false;

    for (uint32_t i = 0; i < set->layout.file_count; i += 1) {
        is_found = is_found || neuron_output_set_file_is_dense(set, i);
    }
    return is_found;
}

enum neuron_status
neuron_verify_outputs(const struct neuron_verify_plan *plan, struct neuron_verify_result *result,
                      struct neuron_error *error)
{
    struct neuron_piece_sum *sums = NULL;

    *result = (struct neuron_verify_result){.rows = plan->set->plan.rows};
    enum neuron_status status = check_journal(plan, error);
    if (status == NEURON_OK) {
        status = neuron_output_set_open_published(plan->set, error);
    }
    if (status == NEURON_OK) {
        status = note_checksums(plan, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    sums = calloc(plan->set->layout.output_count, sizeof(*sums));
    if (sums == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for checksums");
    }
    if (has_dense_file(plan->set)) {
        status = compare_pieces(plan, sums, result, error);
    }
    free(sums);
    return status == NEURON_OK ? compare_files(plan, result, error) : status;
}

bool
neuron_verify_is_same(const struct neuron_verify_result *result)
{
    return result->bad_piece_count == 0 && !result->frame_differs && !result->text_differs;
}

/* Adds to a text what fits. */
static size_t
add_part(char text[NEURON_VERIFY_TEXT_BYTES], size_t used, const char *part)
{
    int length =
        snprintf(text + used, NEURON_VERIFY_TEXT_BYTES - used, "%s%s", used == 0 ? "" : "; ", part);

    used += (size_t)length;
    return used < NEURON_VERIFY_TEXT_BYTES ? used : NEURON_VERIFY_TEXT_BYTES - 1;
}

/* Lists the first pieces that differ. */
static void
list_pieces(const struct neuron_verify_result *result, char part[NEURON_VERIFY_TEXT_BYTES])
{
    size_t shown = result->bad_piece_count < NEURON_VERIFY_SHOWN ? result->bad_piece_count
                                                                 : NEURON_VERIFY_SHOWN;
    size_t used = (size_t)snprintf(part, NEURON_VERIFY_TEXT_BYTES, "%zu of %zu pieces differ: rows",
                                   result->bad_piece_count, result->piece_count);

    for (size_t i = 0; i < shown && used < NEURON_VERIFY_TEXT_BYTES; i += 1) {
        const struct neuron_row_range *rows = &result->bad[i];

        used += (size_t)snprintf(part + used, NEURON_VERIFY_TEXT_BYTES - used, "%s %llu-%llu",
                                 i == 0 ? "" : ",", (unsigned long long)rows->first,
                                 (unsigned long long)(rows->first + rows->count - 1));
    }
    if (shown < result->bad_piece_count && used < NEURON_VERIFY_TEXT_BYTES) {
        (void)snprintf(part + used, NEURON_VERIFY_TEXT_BYTES - used, " and more");
    }
}

const char *
neuron_verify_format(const struct neuron_verify_result *result, char text[NEURON_VERIFY_TEXT_BYTES])
{
    char part[NEURON_VERIFY_TEXT_BYTES] = "";
    size_t used = 0;

    text[0] = '\0';
    if (neuron_verify_is_same(result)) {
        (void)snprintf(part, sizeof(part), "%llu rows are as they were written",
                       (unsigned long long)result->rows);
        used = result->piece_count > 0 || !result->text_is_unchecked ? add_part(text, used, part)
                                                                     : used;
    }
    if (result->bad_piece_count > 0) {
        list_pieces(result, part);
        used = add_part(text, used, part);
    }
    if (result->frame_differs) {
        used = add_part(text, used, "the header of a file, or its directory, differs");
    }
    if (result->text_differs) {
        used = add_part(text, used, "the text file differs");
    }
    if (result->text_is_unchecked) {
        (void)add_part(text, used, "the journal has no checksum of the text file");
    }
    return text;
}

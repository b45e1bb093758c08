/* SPDX-License-Identifier: Apache-2.0 */
#include "score/journal_reading.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "score/growing_list.h"

static enum neuron_status
fail_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the journal");
}

/* Adds a line of the fingerprint. The text always has a NUL behind it. */
static enum neuron_status
add_fingerprint(struct neuron_journal_reading *reading, const struct neuron_record *record,
                struct neuron_error *error)
{
    char *text = neuron_list_reserve(reading->fingerprint, reading->fingerprint_bytes,
                                     record->text_bytes + 2, &reading->fingerprint_limit, 1);

    if (text == NULL) {
        return fail_memory(error);
    }
    reading->fingerprint = text;
    if (record->text_bytes > 0) {
        memcpy(text + reading->fingerprint_bytes, record->text, record->text_bytes);
    }
    reading->fingerprint_bytes += record->text_bytes + 1;
    text[reading->fingerprint_bytes - 1] = '\n';
    text[reading->fingerprint_bytes] = '\0';
    return NEURON_OK;
}

static enum neuron_status
add_lease(struct neuron_journal_reading *reading, const struct neuron_record *record,
          struct neuron_error *error)
{
    struct neuron_lease_line *leases = neuron_list_reserve(reading->leases, reading->lease_count, 1,
                                                           &reading->lease_limit, sizeof(*leases));

    if (leases == NULL) {
        return fail_memory(error);
    }
    reading->leases = leases;
    leases[reading->lease_count] =
        (struct neuron_lease_line){.rows = record->rows,
                                   .line = reading->line,
                                   .is_given_back = record->kind == NEURON_RECORD_BACK};
    reading->lease_count += 1;
    return NEURON_OK;
}

/* Keeps a piece, but for one that shares rows with an earlier one. */
static enum neuron_status
add_piece(struct neuron_journal_reading *reading, const struct neuron_record *record,
          struct neuron_error *error)
{
    if (neuron_row_set_count_in(&reading->done, record->rows) > 0) {
        return NEURON_OK;
    }
    struct neuron_journal_piece *pieces = neuron_list_reserve(
        reading->pieces, reading->piece_count, 1, &reading->piece_limit, sizeof(*pieces));
    if (pieces == NULL) {
        return fail_memory(error);
    }
    reading->pieces = pieces;
    struct neuron_piece_sum *sums = neuron_list_reserve(
        reading->sums, reading->sum_count, record->sum_count, &reading->sum_limit, sizeof(*sums));
    if (sums == NULL) {
        return fail_memory(error);
    }
    reading->sums = sums;
    enum neuron_status status = neuron_row_set_add(&reading->done, record->rows, NULL, error);
    if (status != NEURON_OK) {
        return status;
    }
    pieces[reading->piece_count] =
        (struct neuron_journal_piece){.rows = record->rows, .rank = record->rank};
    reading->piece_count += 1;
    for (uint32_t i = 0; i < record->sum_count; i += 1) {
        sums[reading->sum_count + i] = record->sums[i];
    }
    reading->sum_count += record->sum_count;
    return NEURON_OK;
}

static enum neuron_status
add_failure(struct neuron_journal_reading *reading, const struct neuron_record *record,
            struct neuron_error *error)
{
    struct neuron_failure_line *failures = neuron_list_reserve(
        reading->failures, reading->failure_count, 1, &reading->failure_limit, sizeof(*failures));

    if (failures == NULL) {
        return fail_memory(error);
    }
    reading->failures = failures;
    failures[reading->failure_count] =
        (struct neuron_failure_line){.failure = record->failure, .line = reading->line};
    reading->failure_count += 1;
    return NEURON_OK;
}

/* Whether a record may stand where it does, and has rows that the job has. */
static bool
fits(const struct neuron_journal_reading *reading, const struct neuron_record *record)
{
    uint64_t rows = reading->contents.rows;

    switch (record->kind) {
    case NEURON_RECORD_ROWS:
        return !reading->has_rows && !reading->has_work;
    case NEURON_RECORD_IS:
        return !reading->has_work;
    case NEURON_RECORD_DONE:
        return reading->has_rows && record->rows.first + record->rows.count <= rows &&
               record->sum_count == reading->contents.output_count;
    case NEURON_RECORD_LEASE:
    case NEURON_RECORD_COPY:
    case NEURON_RECORD_BACK:
        return reading->has_rows && record->rows.first + record->rows.count <= rows;
    case NEURON_RECORD_BAD:
        return reading->has_rows && record->failure.row < rows;
    case NEURON_RECORD_SEALED:
    case NEURON_RECORD_END:
        return reading->has_rows;
    case NEURON_RECORD_VERSION:
    default:
        return false;
    }
}

enum neuron_status
neuron_journal_reading_add_record(struct neuron_journal_reading *reading,
                                  const struct neuron_record *record, struct neuron_error *error)
{
    struct neuron_journal_contents *contents = &reading->contents;

    if (!fits(reading, record)) {
        contents->skipped_lines += 1;
        return NEURON_OK;
    }
    reading->has_work |= record->kind != NEURON_RECORD_ROWS && record->kind != NEURON_RECORD_IS;
    switch (record->kind) {
    case NEURON_RECORD_ROWS:
        reading->has_rows = true;
        contents->rows = record->rows.count;
        contents->output_count = record->sum_count;
        return NEURON_OK;
    case NEURON_RECORD_IS:
        return add_fingerprint(reading, record, error);
    case NEURON_RECORD_LEASE:
    case NEURON_RECORD_BACK:
        return add_lease(reading, record, error);
    case NEURON_RECORD_DONE:
        return add_piece(reading, record, error);
    case NEURON_RECORD_BAD:
        return add_failure(reading, record, error);
    case NEURON_RECORD_SEALED:
        contents->text_sum = record->text_sum;
        contents->state =
            contents->state == NEURON_JOURNAL_ENDED ? NEURON_JOURNAL_ENDED : NEURON_JOURNAL_SEALED;
        return NEURON_OK;
    case NEURON_RECORD_END:
        contents->state = NEURON_JOURNAL_ENDED;
        return NEURON_OK;
    case NEURON_RECORD_VERSION:
    case NEURON_RECORD_COPY:
    default:
        return NEURON_OK;
    }
}

/* The first line, which says what the file is. */
static enum neuron_status
take_version(struct neuron_journal_reading *reading, const char *path,
             const struct neuron_record *record, struct neuron_error *error)
{
    if (record == NULL || record->kind != NEURON_RECORD_VERSION) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no journal of neuron-score; remove it, or name another output",
                           path);
    }
    if (record->version != NEURON_JOURNAL_VERSION) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is a journal of version %" PRIu64
                           ", and this program writes version %d; remove it to start anew",
                           path, record->version, NEURON_JOURNAL_VERSION);
    }
    reading->contents.state = NEURON_JOURNAL_OPEN;
    return NEURON_OK;
}

enum neuron_status
neuron_journal_reading_add_line(struct neuron_journal_reading *reading, const char *path,
                                const char *line, size_t size_bytes, struct neuron_error *error)
{
    struct neuron_record record = {0};

    if (reading->line_sums == NULL) {
        reading->line_sums = calloc(NEURON_RECORD_SUM_LIMIT, sizeof(*reading->line_sums));
    }
    if (reading->line_sums == NULL) {
        return fail_memory(error);
    }
    reading->line += 1;
    size_t body_bytes = neuron_record_check(line, size_bytes);
    bool is_good =
        body_bytes > 0 && neuron_record_parse(line, body_bytes, reading->line_sums, &record);
    if (reading->line == 1) {
        return take_version(reading, path, is_good ? &record : NULL, error);
    }
    if (!is_good) {
        reading->contents.skipped_lines += 1;
        return NEURON_OK;
    }
    return neuron_journal_reading_add_record(reading, &record, error);
}

static int
compare_pieces(const void *one, const void *other)
{
    const struct neuron_journal_piece *left = one;
    const struct neuron_journal_piece *right = other;

    return (left->rows.first > right->rows.first) - (left->rows.first < right->rows.first);
}

/* By row; of one row, the last line first. */
static int
compare_failures(const void *one, const void *other)
{
    const struct neuron_failure_line *left = one;
    const struct neuron_failure_line *right = other;

    if (left->failure.row != right->failure.row) {
        return left->failure.row < right->failure.row ? -1 : 1;
    }
    return (left->line < right->line) - (left->line > right->line);
}

static void
sort_pieces(struct neuron_journal_reading *reading)
{
    struct neuron_journal_contents *contents = &reading->contents;

    for (size_t i = 0; i < reading->piece_count; i += 1) {
        reading->pieces[i].sums = reading->sums + i * contents->output_count;
    }
    if (reading->piece_count > 0) {
        qsort(reading->pieces, reading->piece_count, sizeof(*reading->pieces), compare_pieces);
    }
    contents->pieces = reading->pieces;
    contents->piece_count = reading->piece_count;
}

/* The first failure of a row, or of one behind it. */
static size_t
find_failure(const struct neuron_journal_reading *reading, uint64_t row)
{
    size_t low = 0;
    size_t high = reading->failure_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (reading->failures[middle].failure.row < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Notes at each failure which lease was the last of its row. */
static void
note_leases(struct neuron_journal_reading *reading)
{
    for (size_t i = 0; i < reading->lease_count; i += 1) {
        const struct neuron_lease_line *lease = &reading->leases[i];

        for (size_t j = find_failure(reading, lease->rows.first);
             j < reading->failure_count &&
             reading->failures[j].failure.row - lease->rows.first < lease->rows.count;
             j += 1) {
            reading->failures[j].lease_line = lease->line;
        }
    }
}

/*
 * Keeps the failures that stand: of rows that are done, and behind the last lease of the row. An
 * earlier one belongs to work that was lost, and that was done again since, maybe without it.
 */
static enum neuron_status
keep_failures(struct neuron_journal_reading *reading, struct neuron_error *error)
{
    size_t kept = 0;

    if (reading->failure_count == 0) {
        return NEURON_OK;
    }
    qsort(reading->failures, reading->failure_count, sizeof(*reading->failures), compare_failures);
    note_leases(reading);
    reading->kept_failures = calloc(reading->failure_count, sizeof(*reading->kept_failures));
    if (reading->kept_failures == NULL) {
        return fail_memory(error);
    }
    for (size_t i = 0; i < reading->failure_count; i += 1) {
        const struct neuron_failure_line *line = &reading->failures[i];
        const struct neuron_row_range row = {.first = line->failure.row, .count = 1};
        bool is_known = kept > 0 && reading->kept_failures[kept - 1].row == row.first;

        if (!is_known && line->line > line->lease_line &&
            neuron_row_set_count_in(&reading->done, row) == 1) {
            reading->kept_failures[kept] = line->failure;
            kept += 1;
        }
    }
    reading->contents.failures = reading->kept_failures;
    reading->contents.failure_count = kept;
    return NEURON_OK;
}

enum neuron_status
neuron_journal_reading_finish(struct neuron_journal_reading *reading, struct neuron_error *error)
{
    struct neuron_journal_contents *contents = &reading->contents;

    sort_pieces(reading);
    /* Without its rows the job is unknown: no fingerprint may match. */
    contents->fingerprint =
        reading->has_rows && reading->fingerprint != NULL ? reading->fingerprint : "";
    enum neuron_status status = keep_failures(reading, error);
    if (status == NEURON_OK) {
        status = neuron_lost_rows_find(reading->leases, reading->lease_count, &reading->done,
                                       &reading->lost, error);
    }
    contents->lost = reading->lost.ranges;
    contents->lost_counts = reading->lost.counts;
    contents->lost_count = reading->lost.count;
    return status;
}

void
neuron_journal_reading_destroy(struct neuron_journal_reading *reading)
{
    free(reading->fingerprint);
    neuron_row_set_destroy(&reading->done);
    free(reading->pieces);
    free(reading->sums);
    free(reading->failures);
    free(reading->kept_failures);
    free(reading->leases);
    neuron_lost_rows_destroy(&reading->lost);
    free(reading->line_sums);
    *reading = (struct neuron_journal_reading){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was added and is not known to be on disk is kept in memory: after a failed sync the kernel
 * may have dropped what it could not write, and would call the next sync a success.
 */
#include "score/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/journal_lock.h"
#include "score/journal_read.h"
#include "score/journal_record.h"

struct neuron_journal {
    char *path;
    char *new_path; /* of a file that is to take its place */
    int file;
    bool is_writable;
    uint32_t output_count;
    uint64_t synced_bytes;          /* of the file: behind them stands what `text` holds */
    struct neuron_record_text text; /* what was added since the last sync */
    size_t written_bytes;           /* of it */
    struct neuron_journal_reading reading;
};

static enum neuron_status
fail_system(const char *path, const char *what, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s %s: %s", path, what, strerrordesc_np(errno));
}

static enum neuron_status
create(const char *path, struct neuron_journal **journal, struct neuron_error *error)
{
    struct neuron_journal *made = calloc(1, sizeof(*made));

    if (made != NULL) {
        made->file = -1;
        made->path = strdup(path);
    }
    if (made == NULL || made->path == NULL || asprintf(&made->new_path, "%s.new", path) < 0) {
        if (made != NULL) {
            made->new_path = NULL;
        }
        neuron_journal_destroy(made);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the journal");
    }
    *journal = made;
    return NEURON_OK;
}

static enum neuron_status
read_contents(struct neuron_journal *journal, struct neuron_error *error)
{
    enum neuron_status status = neuron_journal_read_file(
        journal->file, journal->path, &journal->reading, &journal->synced_bytes, error);

    journal->output_count = journal->reading.contents.output_count;
    return status;
}

enum neuron_status
neuron_journal_open(const char *path, pid_t *holder, struct neuron_journal **journal,
                    struct neuron_error *error)
{
    struct neuron_journal *made = NULL;

    enum neuron_status status = create(path, &made, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_journal_lock_open(path, &made->file, holder, error);
    if (status == NEURON_OK) {
        made->is_writable = true;
        status = read_contents(made, error);
    }
    if (status != NEURON_OK) {
        neuron_journal_destroy(made);
        return status;
    }
    *journal = made;
    return NEURON_OK;
}

enum neuron_status
neuron_journal_read(const char *path, struct neuron_journal **journal, struct neuron_error *error)
{
    struct neuron_journal *made = NULL;
    struct stat state = {0};

    enum neuron_status status = create(path, &made, error);
    if (status != NEURON_OK) {
        return status;
    }
    made->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (made->file < 0) {
        status = fail_system(path, "cannot be opened", error);
    } else if (fstat(made->file, &state) != 0 || !S_ISREG(state.st_mode)) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s is no regular file", path);
    } else {
        status = read_contents(made, error);
    }
    if (status != NEURON_OK) {
        neuron_journal_destroy(made);
        return status;
    }
    *journal = made;
    return NEURON_OK;
}

const struct neuron_journal_contents *
neuron_journal_contents(const struct neuron_journal *journal)
{
    return &journal->reading.contents;
}

/* Adds a line of the fingerprint for each line of the text. */
static enum neuron_status
add_fingerprint(const char *fingerprint, struct neuron_record_text *text,
                struct neuron_error *error)
{
    while (fingerprint[0] != '\0') {
        size_t length = strcspn(fingerprint, "\n");
        const struct neuron_record line = {
            .kind = NEURON_RECORD_IS, .text = fingerprint, .text_bytes = length};

        enum neuron_status status = neuron_record_append(&line, text, error);
        if (status != NEURON_OK) {
            return status;
        }
        fingerprint += length + (fingerprint[length] == '\n' ? 1 : 0);
    }
    return NEURON_OK;
}

/* The first lines of a journal. */
static enum neuron_status
write_head(const char *fingerprint, uint64_t rows, uint32_t output_count,
           struct neuron_record_text *text, struct neuron_error *error)
{
    const struct neuron_record version = {.kind = NEURON_RECORD_VERSION,
                                          .version = NEURON_JOURNAL_VERSION};
    const struct neuron_record size = {
        .kind = NEURON_RECORD_ROWS, .rows.count = rows, .sum_count = output_count};

    enum neuron_status status = neuron_record_append(&version, text, error);
    if (status == NEURON_OK) {
        status = neuron_record_append(&size, text, error);
    }
    if (status == NEURON_OK) {
        status = add_fingerprint(fingerprint, text, error);
    }
    return status;
}

enum neuron_status
neuron_journal_begin(struct neuron_journal *journal, const char *fingerprint, uint64_t rows,
                     uint32_t output_count, struct neuron_error *error)
{
    struct neuron_record_text head = {0};
    bool is_new = false;

    enum neuron_status status = write_head(fingerprint, rows, output_count, &head, error);
    if (status == NEURON_OK) {
        const struct neuron_journal_bytes content = {.bytes = head.bytes,
                                                     .size_bytes = head.size_bytes};
        int old_file = journal->file;

        status = neuron_journal_lock_replace(&journal->file, journal->path, journal->new_path,
                                             &content, error);
        is_new = journal->file != old_file;
    }
    if (is_new) {
        journal->output_count = output_count;
        journal->synced_bytes = head.size_bytes;
        journal->written_bytes = 0;
        neuron_record_text_destroy(&journal->text);
        neuron_journal_reading_destroy(&journal->reading);
    }
    neuron_record_text_destroy(&head);
    return status;
}

static enum neuron_status
add_rows(struct neuron_journal *journal, enum neuron_record_kind kind, struct neuron_row_range rows,
         uint32_t rank, struct neuron_error *error)
{
    const struct neuron_record record = {.kind = kind, .rows = rows, .rank = rank};

    return neuron_record_append(&record, &journal->text, error);
}

enum neuron_status
neuron_journal_add_lease(struct neuron_journal *journal, struct neuron_row_range rows,
                         uint32_t rank, struct neuron_error *error)
{
    return add_rows(journal, NEURON_RECORD_LEASE, rows, rank, error);
}

enum neuron_status
neuron_journal_add_copy(struct neuron_journal *journal, struct neuron_row_range rows, uint32_t rank,
                        struct neuron_error *error)
{
    return add_rows(journal, NEURON_RECORD_COPY, rows, rank, error);
}

enum neuron_status
neuron_journal_add_back(struct neuron_journal *journal, struct neuron_row_range rows, uint32_t rank,
                        struct neuron_error *error)
{
    return add_rows(journal, NEURON_RECORD_BACK, rows, rank, error);
}

enum neuron_status
neuron_journal_add_done(struct neuron_journal *journal, const struct neuron_journal_piece *piece,
                        struct neuron_error *error)
{
    const struct neuron_record record = {.kind = NEURON_RECORD_DONE,
                                         .rows = piece->rows,
                                         .rank = piece->rank,
                                         .sums = piece->sums,
                                         .sum_count = journal->output_count};

    return neuron_record_append(&record, &journal->text, error);
}

enum neuron_status
neuron_journal_add_failure(struct neuron_journal *journal, const struct neuron_row_failure *failure,
                           struct neuron_error *error)
{
    const struct neuron_record record = {.kind = NEURON_RECORD_BAD, .failure = *failure};

    return neuron_record_append(&record, &journal->text, error);
}

enum neuron_status
neuron_journal_add_seal(struct neuron_journal *journal, uint64_t text_sum,
                        struct neuron_error *error)
{
    const struct neuron_record record = {.kind = NEURON_RECORD_SEALED, .text_sum = text_sum};

    return neuron_record_append(&record, &journal->text, error);
}

enum neuron_status
neuron_journal_add_end(struct neuron_journal *journal, struct neuron_error *error)
{
    const struct neuron_record record = {.kind = NEURON_RECORD_END};

    return neuron_record_append(&record, &journal->text, error);
}

/* Cuts off what stands behind the last line that was written whole. */
static enum neuron_status
cut(const struct neuron_journal *journal, uint64_t size_bytes, struct neuron_error *error)
{
    struct stat state = {0};

    if (fstat(journal->file, &state) != 0 || ((uint64_t)state.st_size > size_bytes &&
                                              ftruncate(journal->file, (off_t)size_bytes) != 0)) {
        return fail_system(journal->path, "cannot be cut back to its last whole line", error);
    }
    return NEURON_OK;
}

/* Writes what is not written in one piece. */
static enum neuron_status
write_text(struct neuron_journal *journal, struct neuron_error *error)
{
    uint64_t end_bytes = journal->synced_bytes + journal->written_bytes;
    size_t rest_bytes = journal->text.size_bytes - journal->written_bytes;
    ssize_t done = 0;

    enum neuron_status status = cut(journal, end_bytes, error);
    if (status != NEURON_OK) {
        return status;
    }
    do {
        done = pwrite(journal->file, journal->text.bytes + journal->written_bytes, rest_bytes,
                      (off_t)end_bytes);
    } while (done < 0 && errno == EINTR);
    if (done >= 0 && (size_t)done == rest_bytes) {
        journal->written_bytes = journal->text.size_bytes;
        return NEURON_OK;
    }
    errno = done >= 0 ? ENOSPC : errno;
    status = fail_system(journal->path, "cannot be written", error);
    neuron_ignore(cut(journal, end_bytes, NULL));
    return status;
}

enum neuron_status
neuron_journal_flush(struct neuron_journal *journal, enum neuron_journal_depth depth,
                     struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (journal->written_bytes < journal->text.size_bytes) {
        status = write_text(journal, error);
    }
    if (status != NEURON_OK || depth == NEURON_JOURNAL_TO_KERNEL || journal->text.size_bytes == 0) {
        return status;
    }
    if (fdatasync(journal->file) != 0) {
        status = fail_system(journal->path, "cannot be synced to disk", error);
        journal->written_bytes = 0;
        neuron_ignore(cut(journal, journal->synced_bytes, NULL));
        return status;
    }
    journal->synced_bytes += journal->text.size_bytes;
    journal->text.size_bytes = 0;
    journal->written_bytes = 0;
    return NEURON_OK;
}

void
neuron_journal_discard(struct neuron_journal *journal)
{
    (void)unlink(journal->new_path);
    if (neuron_journal_lock_is_in_place(journal->file, journal->path)) {
        (void)unlink(journal->path);
    }
}

/* A file that was made, and in which nothing was begun. */
static bool
is_empty(const struct neuron_journal *journal)
{
    struct stat state = {0};

    return fstat(journal->file, &state) == 0 && state.st_size == 0 &&
           neuron_journal_lock_is_in_place(journal->file, journal->path);
}

void
neuron_journal_destroy(struct neuron_journal *journal)
{
    if (journal == NULL) {
        return;
    }
    if (journal->is_writable && is_empty(journal)) {
        (void)unlink(journal->path);
    }
    if (journal->file >= 0) {
        (void)close(journal->file);
    }
    neuron_record_text_destroy(&journal->text);
    neuron_journal_reading_destroy(&journal->reading);
    free(journal->new_path);
    free(journal->path);
    free(journal);
}

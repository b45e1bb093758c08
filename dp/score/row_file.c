/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "score/positioned_io.h"

static bool
is_same(const struct stat *left, const struct stat *right)
{
    return left->st_size == right->st_size && left->st_mtim.tv_sec == right->st_mtim.tv_sec &&
           left->st_mtim.tv_nsec == right->st_mtim.tv_nsec;
}

static enum neuron_status
refuse_change(const struct neuron_row_file *file, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "%s was changed while it was read; score again when it is complete",
                       file->path);
}

enum neuron_status
neuron_row_file_open(struct neuron_row_file *file, struct neuron_error *error)
{
    struct stat status = {0};

    if (file->descriptor >= 0) {
        return NEURON_OK;
    }
    /* Not blocking, as opening a pipe would; it is refused below. */
    file->descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file->descriptor < 0 || fstat(file->descriptor, &status) != 0) {
        int reason = errno;

        neuron_row_file_close(file);
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be opened: %s", file->path,
                           strerrordesc_np(reason));
    }
    if (!S_ISREG(status.st_mode)) {
        neuron_row_file_close(file);
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; save the rows as a file", file->path);
    }
    if (file->is_known && !is_same(&status, &file->status)) {
        neuron_row_file_close(file);
        return refuse_change(file, error);
    }
    file->status = status;
    file->is_known = true;
    return NEURON_OK;
}

enum neuron_status
neuron_row_file_check(const struct neuron_row_file *file, struct neuron_error *error)
{
    struct stat now = {0};

    if (file->was_changed || (file->descriptor >= 0 && (fstat(file->descriptor, &now) != 0 ||
                                                        !is_same(&now, &file->status)))) {
        return refuse_change(file, error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_row_file_start_text(struct neuron_row_file *file, enum neuron_text_form form,
                           struct neuron_error *error)
{
    static const char mark[] = {'\xEF', '\xBB', '\xBF'};
    char start[sizeof(mark)] = "";
    uint64_t size_bytes = (uint64_t)file->status.st_size;

    neuron_text_records_destroy(&file->records);
    file->records = (struct neuron_text_records){
        .file = file->descriptor, .path = file->path, .form = form, .file_bytes = size_bytes};
    errno = 0;
    if (size_bytes >= sizeof(mark) && !neuron_read_at(file->descriptor, start, sizeof(start), 0)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", file->path,
                           errno == 0 ? "it was cut" : strerrordesc_np(errno));
    }
    file->text_start = memcmp(start, mark, sizeof(mark)) == 0 ? sizeof(mark) : 0;
    file->next_row = UINT64_MAX;
    (void)posix_fadvise(file->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    neuron_text_records_seek(&file->records, file->text_start);
    return NEURON_OK;
}

enum neuron_status
neuron_row_file_next(struct neuron_row_file *file, struct neuron_text_record *record,
                     struct neuron_error *error)
{
    bool is_found = false;
    enum neuron_status status = neuron_text_records_next(&file->records, record, &is_found, error);

    if (status == NEURON_OK && !is_found) {
        return refuse_change(file, error);
    }
    file->next_row = status == NEURON_OK ? file->next_row + 1 : UINT64_MAX;
    return status;
}

enum neuron_status
neuron_row_file_seek(struct neuron_row_file *file, enum neuron_text_form form, uint64_t row,
                     struct neuron_error *error)
{
    const struct neuron_text_mark *mark = neuron_text_index_find(&file->index, row);
    struct neuron_text_record record = {0};
    enum neuron_status status = NEURON_OK;

    if (file->records.path == NULL) {
        status = neuron_row_file_start_text(file, form, error);
    }
    if (status == NEURON_OK && (file->next_row > row || file->next_row < mark->row)) {
        neuron_text_records_seek(&file->records, mark->offset);
        file->next_row = mark->row;
    }
    while (status == NEURON_OK && file->next_row < row) {
        status = neuron_row_file_next(file, &record, error);
    }
    return status;
}

void
neuron_row_file_close(struct neuron_row_file *file)
{
    if (file->descriptor >= 0) {
        file->was_changed = file->is_known && neuron_row_file_check(file, NULL) != NEURON_OK;
        (void)close(file->descriptor);
    }
    file->descriptor = -1;
    neuron_array_unmap(&file->mapping);
    neuron_deflated_member_destroy(file->member);
    file->member = NULL;
    neuron_text_records_destroy(&file->records);
    file->records = (struct neuron_text_records){0};
}

void
neuron_row_file_destroy(struct neuron_row_file *file)
{
    neuron_row_file_close(file);
    neuron_text_index_destroy(&file->index);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members are stored, not deflated: weights hardly get smaller, and so they can be used where they
 * lie. An extra field of zeros before each, as Android's packages have it, moves its payload to a
 * multiple of 64. Numbers of 64 bits stand only where others do not suffice.
 */
#include "npy/npz_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npy/inflate.h"
#include "npy/npy_file.h"
#include "npy/zip_format.h"

enum {
    ALIGNMENT = 64,
    NAME_LIMIT_BYTES = 60000,
    SUFFIX_BYTES = 4,
    EXTRA_ALIGNMENT = 0xD935, /* an extra field that only takes room */
    LARGE_LOCAL_BYTES = NEURON_ZIP_EXTRA_HEAD_BYTES + 16,
    LARGE_ENTRY_BYTES = NEURON_ZIP_EXTRA_HEAD_BYTES + 24,
    FIRST_DATE = 1 << 5 | 1, /* the first of January of 1980 */
    FLAG_UTF8 = 1 << 11
};

/* A member that was written. */
struct written {
    uint64_t offset;
    uint64_t size_bytes; /* of the npy file */
    uint32_t checksum;
};

/* An archive on its way to a file. */
struct writing {
    struct neuron_whole_file *file;
    const struct neuron_npz_entry *entries;
    struct written *members;
    uint32_t count;
    uint64_t end;          /* of what was written */
    unsigned char *record; /* room for a record with its name and extra fields */
};

enum { RECORD_ROOM = NEURON_ZIP_ENTRY_BYTES + NAME_LIMIT_BYTES + SUFFIX_BYTES + 4 * ALIGNMENT };

static void
put(unsigned char *bytes, uint64_t number, uint32_t byte_count)
{
    for (uint32_t i = 0; i < byte_count; i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i) & 0xFF);
    }
}

/* A number of 32 bits, or all ones where it stands elsewhere. */
static void
put_small(unsigned char *bytes, uint64_t number, bool is_elsewhere)
{
    put(bytes, is_elsewhere ? NEURON_ZIP_SMALL_SIZE_LIMIT : number, 4);
}

static bool
is_large(const struct written *member)
{
    return member->size_bytes >= NEURON_ZIP_SMALL_SIZE_LIMIT ||
           member->offset >= NEURON_ZIP_SMALL_SIZE_LIMIT;
}

static enum neuron_status
append(struct writing *writing, const void *bytes, size_t size_bytes, struct neuron_error *error)
{
    enum neuron_status status =
        neuron_whole_file_write(writing->file, bytes, size_bytes, writing->end, error);

    writing->end += size_bytes;
    return status;
}

/* Puts the name behind a record; returns the length of both. */
static size_t
put_name(unsigned char *record, size_t record_bytes, const char *name)
{
    /* The zero at the end is overwritten, or not written to the file. */
    return record_bytes + (size_t)snprintf((char *)record + record_bytes,
                                           RECORD_ROOM - record_bytes, "%s.npy", name);
}

/* The head of the field that holds a member's sizes, and in the directory also its place. */
static void
put_large(unsigned char *extra, const struct written *member, size_t extra_bytes)
{
    put(extra, NEURON_ZIP_EXTRA_LARGE, 2);
    put(extra + 2, extra_bytes - NEURON_ZIP_EXTRA_HEAD_BYTES, 2);
    put(extra + 4, member->size_bytes, 8);
    put(extra + 12, member->size_bytes, 8);
    if (extra_bytes == LARGE_ENTRY_BYTES) {
        put(extra + 20, member->offset, 8);
    }
}

/* Writes what comes before the bytes of a member, which begin at a multiple of the alignment. */
static enum neuron_status
write_local(struct writing *writing, const struct written *member, const char *name,
            struct neuron_error *error)
{
    unsigned char *local = writing->record;
    bool has_large = is_large(member);
    size_t extra_start = 0;

    memset(local, 0, RECORD_ROOM);
    put(local, NEURON_ZIP_LOCAL_MARK, 4);
    put(local + NEURON_ZIP_LOCAL_VERSION, has_large ? NEURON_ZIP_VERSION_LARGE : NEURON_ZIP_VERSION,
        2);
    put(local + NEURON_ZIP_LOCAL_FLAGS, FLAG_UTF8, 2);
    put(local + NEURON_ZIP_LOCAL_DATE, FIRST_DATE, 2);
    put(local + NEURON_ZIP_LOCAL_CHECKSUM, member->checksum, 4);
    put_small(local + NEURON_ZIP_LOCAL_STORED_SIZE, member->size_bytes, has_large);
    put_small(local + NEURON_ZIP_LOCAL_SIZE, member->size_bytes, has_large);
    extra_start = put_name(local, NEURON_ZIP_LOCAL_BYTES, name);
    put(local + NEURON_ZIP_LOCAL_NAME_LENGTH, extra_start - NEURON_ZIP_LOCAL_BYTES, 2);
    size_t length = extra_start;
    if (has_large) {
        put_large(local + length, member, LARGE_LOCAL_BYTES);
        length += LARGE_LOCAL_BYTES;
    }
    size_t begun = (size_t)((writing->end + length + NEURON_ZIP_EXTRA_HEAD_BYTES) % ALIGNMENT);
    size_t padding = (ALIGNMENT - begun) % ALIGNMENT;
    put(local + length, EXTRA_ALIGNMENT, 2);
    put(local + length + 2, padding, 2);
    length += NEURON_ZIP_EXTRA_HEAD_BYTES + padding;
    put(local + NEURON_ZIP_LOCAL_EXTRA_LENGTH, length - extra_start, 2);
    return append(writing, local, length, error);
}

/* Writes an array as a member. */
static enum neuron_status
write_member(struct writing *writing, uint32_t index, struct neuron_error *error)
{
    const struct neuron_npz_entry *entry = &writing->entries[index];
    struct written *member = &writing->members[index];
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&entry->tensor);
    size_t payload_bytes = neuron_tensor_shape_size_bytes(&shape);
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES];
    size_t header_bytes = 0;
    enum neuron_status status = neuron_npy_format(&shape, header, &header_bytes, error);

    if (status != NEURON_OK) {
        return status;
    }
    member->offset = writing->end;
    member->size_bytes = (uint64_t)header_bytes + payload_bytes;
    member->checksum = neuron_inflate_checksum(0, header, header_bytes);
    if (payload_bytes > 0) {
        member->checksum =
            neuron_inflate_checksum(member->checksum, entry->tensor.data, payload_bytes);
    }
    status = write_local(writing, member, entry->name, error);
    if (status == NEURON_OK) {
        status = append(writing, header, header_bytes, error);
    }
    return status == NEURON_OK ? append(writing, entry->tensor.data, payload_bytes, error) : status;
}

/* Writes the entry of a member. */
static enum neuron_status
write_entry(struct writing *writing, uint32_t index, struct neuron_error *error)
{
    const struct written *member = &writing->members[index];
    unsigned char *entry = writing->record;
    bool has_large = is_large(member);
    unsigned version = has_large ? NEURON_ZIP_VERSION_LARGE : NEURON_ZIP_VERSION;

    memset(entry, 0, RECORD_ROOM);
    put(entry, NEURON_ZIP_ENTRY_MARK, 4);
    put(entry + NEURON_ZIP_ENTRY_VERSION_MADE, version, 2);
    put(entry + NEURON_ZIP_ENTRY_VERSION, version, 2);
    put(entry + NEURON_ZIP_ENTRY_FLAGS, FLAG_UTF8, 2);
    put(entry + NEURON_ZIP_ENTRY_DATE, FIRST_DATE, 2);
    put(entry + NEURON_ZIP_ENTRY_CHECKSUM, member->checksum, 4);
    put_small(entry + NEURON_ZIP_ENTRY_STORED_SIZE, member->size_bytes, has_large);
    put_small(entry + NEURON_ZIP_ENTRY_SIZE, member->size_bytes, has_large);
    put_small(entry + NEURON_ZIP_ENTRY_OFFSET, member->offset, has_large);
    size_t length = put_name(entry, NEURON_ZIP_ENTRY_BYTES, writing->entries[index].name);
    put(entry + NEURON_ZIP_ENTRY_NAME_LENGTH, length - NEURON_ZIP_ENTRY_BYTES, 2);
    if (has_large) {
        put_large(entry + length, member, LARGE_ENTRY_BYTES);
        put(entry + NEURON_ZIP_ENTRY_EXTRA_LENGTH, LARGE_ENTRY_BYTES, 2);
        length += LARGE_ENTRY_BYTES;
    }
    return append(writing, entry, length, error);
}

/* Writes the end with numbers of 64 bits, and what leads to it. */
static enum neuron_status
write_large_end(struct writing *writing, uint64_t directory_offset, struct neuron_error *error)
{
    unsigned char bytes[NEURON_ZIP_LARGE_END_BYTES + NEURON_ZIP_LOCATOR_BYTES] = {0};
    unsigned char *locator = bytes + NEURON_ZIP_LARGE_END_BYTES;

    put(bytes, NEURON_ZIP_LARGE_END_MARK, 4);
    put(bytes + NEURON_ZIP_LARGE_END_SIZE, NEURON_ZIP_LARGE_END_BYTES - 12, 8);
    put(bytes + NEURON_ZIP_LARGE_END_VERSION_MADE, NEURON_ZIP_VERSION_LARGE, 2);
    put(bytes + NEURON_ZIP_LARGE_END_VERSION, NEURON_ZIP_VERSION_LARGE, 2);
    put(bytes + NEURON_ZIP_LARGE_END_DISK_COUNT, writing->count, 8);
    put(bytes + NEURON_ZIP_LARGE_END_COUNT, writing->count, 8);
    put(bytes + NEURON_ZIP_LARGE_END_DIRECTORY_SIZE, writing->end - directory_offset, 8);
    put(bytes + NEURON_ZIP_LARGE_END_DIRECTORY_OFFSET, directory_offset, 8);
    put(locator, NEURON_ZIP_LOCATOR_MARK, 4);
    put(locator + NEURON_ZIP_LOCATOR_OFFSET, writing->end, 8);
    put(locator + NEURON_ZIP_LOCATOR_DISKS, 1, 4);
    return append(writing, bytes, sizeof(bytes), error);
}

static enum neuron_status
write_directory(struct writing *writing, struct neuron_error *error)
{
    unsigned char end[NEURON_ZIP_END_BYTES] = {0};
    uint64_t offset = writing->end;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < writing->count; i += 1) {
        status = write_entry(writing, i, error);
    }
    uint64_t size_bytes = writing->end - offset;
    bool has_large = writing->count >= NEURON_ZIP_SMALL_COUNT_LIMIT ||
                     writing->end >= NEURON_ZIP_SMALL_SIZE_LIMIT;
    if (status == NEURON_OK && has_large) {
        status = write_large_end(writing, offset, error);
    }
    put(end, NEURON_ZIP_END_MARK, 4);
    put(end + NEURON_ZIP_END_DISK_COUNT, has_large ? NEURON_ZIP_SMALL_COUNT_LIMIT : writing->count,
        2);
    put(end + NEURON_ZIP_END_COUNT, has_large ? NEURON_ZIP_SMALL_COUNT_LIMIT : writing->count, 2);
    put_small(end + NEURON_ZIP_END_DIRECTORY_SIZE, size_bytes, has_large);
    put_small(end + NEURON_ZIP_END_DIRECTORY_OFFSET, offset, has_large);
    return status == NEURON_OK ? append(writing, end, sizeof(end), error) : status;
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Every name is there, fits and is unique; `names` has room for all. */
static enum neuron_status
check_names(const struct neuron_npz_entry *entries, uint32_t count, const char **names,
            struct neuron_error *error)
{
    for (uint32_t i = 0; i < count; i += 1) {
        size_t length = strlen(entries[i].name);

        if (length == 0 || length > NAME_LIMIT_BYTES) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "array %u has a name of %zu bytes; give it 1 to %d", i, length,
                               NAME_LIMIT_BYTES);
        }
        names[i] = entries[i].name;
    }
    qsort(names, count, sizeof(char *), compare_names);
    for (uint32_t i = 1; i < count; i += 1) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "two arrays are named %.60s; give each a name of its own", names[i]);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_npz_write(const struct neuron_npz_entry *entries, uint32_t count,
                 struct neuron_whole_file *file, struct neuron_error *error)
{
    struct writing writing = {.file = file,
                              .entries = entries,
                              .members = calloc((size_t)count + 1, sizeof(*writing.members)),
                              .count = count,
                              .record = malloc(RECORD_ROOM)};
    const char **names = calloc((size_t)count + 1, sizeof(char *));
    enum neuron_status status = NEURON_OK;

    if (writing.members == NULL || writing.record == NULL || names == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %s", file->path);
    } else {
        status = check_names(entries, count, names, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = write_member(&writing, i, error);
    }
    if (status == NEURON_OK) {
        status = write_directory(&writing, error);
    }
    free(names);
    free(writing.members);
    free(writing.record);
    return status == NEURON_OK ? neuron_whole_file_settle(file, error) : status;
}

enum neuron_status
neuron_npz_save(const struct neuron_npz_entry *entries, uint32_t count, const char *path,
                struct neuron_error *error)
{
    struct neuron_whole_file file = {0};
    enum neuron_status status = neuron_whole_file_open(&file, path, error);

    if (status == NEURON_OK) {
        status = neuron_npz_write(entries, count, &file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&file, error);
    }
    neuron_whole_file_close(&file);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members are stored, not deflated: weights hardly get smaller, and so they can be used where they
 * lie. An extra field of zeros before each, as Android's packages have it, moves its payload to a
 * multiple of 64. Numbers of 64 bits stand only where others do not suffice. The lengths of all
 * records follow from names and shapes; a record is made when it is asked for.
 */
#include "neuron/npz_layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/npy.h"
#include "npy/inflate.h"
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

/* An array, and its place as a file in the archive. */
struct placed {
    const char *name;
    size_t name_bytes; /* with ".npy" */
    char header[NEURON_NPY_WRITTEN_LIMIT_BYTES];
    size_t header_bytes;
    uint64_t offset;      /* of the record before it */
    size_t padding_bytes; /* behind that record */
    uint64_t payload_bytes;
    uint64_t payload_offset;
    uint64_t size_bytes; /* of the npy file */
    uint32_t checksum;
};

struct neuron_npz_layout {
    struct placed *members;
    uint32_t count;
    uint64_t directory_offset;
    uint64_t size_bytes;
    unsigned char *record; /* room for the longest piece */
    size_t record_room_bytes;
};

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
is_large(const struct placed *member)
{
    return member->size_bytes >= NEURON_ZIP_SMALL_SIZE_LIMIT ||
           member->offset >= NEURON_ZIP_SMALL_SIZE_LIMIT;
}

/* Puts the name behind a record; returns the length of both. */
static size_t
put_name(unsigned char *record, size_t record_bytes, const struct placed *member)
{
    size_t stem_bytes = member->name_bytes - SUFFIX_BYTES;

    memcpy(record + record_bytes, member->name, stem_bytes);
    memcpy(record + record_bytes + stem_bytes, ".npy", SUFFIX_BYTES);
    return record_bytes + member->name_bytes;
}

/* The head of the field that holds a member's sizes, and in the directory also its place. */
static void
put_large(unsigned char *extra, const struct placed *member, size_t extra_bytes)
{
    put(extra, NEURON_ZIP_EXTRA_LARGE, 2);
    put(extra + 2, extra_bytes - NEURON_ZIP_EXTRA_HEAD_BYTES, 2);
    put(extra + 4, member->size_bytes, 8);
    put(extra + 12, member->size_bytes, 8);
    if (extra_bytes == LARGE_ENTRY_BYTES) {
        put(extra + 20, member->offset, 8);
    }
}

/* The length of what comes before the padding of a member. */
static size_t
local_bytes(const struct placed *member)
{
    return NEURON_ZIP_LOCAL_BYTES + member->name_bytes +
           (is_large(member) ? LARGE_LOCAL_BYTES : 0) + NEURON_ZIP_EXTRA_HEAD_BYTES;
}

static size_t
entry_bytes(const struct placed *member)
{
    return NEURON_ZIP_ENTRY_BYTES + member->name_bytes + (is_large(member) ? LARGE_ENTRY_BYTES : 0);
}

static bool
has_large_end(const struct neuron_npz_layout *layout, uint64_t entries_end)
{
    return layout->count >= NEURON_ZIP_SMALL_COUNT_LIMIT ||
           entries_end >= NEURON_ZIP_SMALL_SIZE_LIMIT;
}

struct neuron_npz_frame
neuron_npz_layout_head(struct neuron_npz_layout *layout, uint32_t index)
{
    const struct placed *member = &layout->members[index];
    unsigned char *local = layout->record;
    bool has_large = is_large(member);

    memset(local, 0, layout->record_room_bytes);
    put(local, NEURON_ZIP_LOCAL_MARK, 4);
    put(local + NEURON_ZIP_LOCAL_VERSION, has_large ? NEURON_ZIP_VERSION_LARGE : NEURON_ZIP_VERSION,
        2);
    put(local + NEURON_ZIP_LOCAL_FLAGS, FLAG_UTF8, 2);
    put(local + NEURON_ZIP_LOCAL_DATE, FIRST_DATE, 2);
    put(local + NEURON_ZIP_LOCAL_CHECKSUM, member->checksum, 4);
    put_small(local + NEURON_ZIP_LOCAL_STORED_SIZE, member->size_bytes, has_large);
    put_small(local + NEURON_ZIP_LOCAL_SIZE, member->size_bytes, has_large);
    put(local + NEURON_ZIP_LOCAL_NAME_LENGTH, member->name_bytes, 2);
    size_t extra_start = put_name(local, NEURON_ZIP_LOCAL_BYTES, member);
    size_t length = extra_start;
    if (has_large) {
        put_large(local + length, member, LARGE_LOCAL_BYTES);
        length += LARGE_LOCAL_BYTES;
    }
    put(local + length, EXTRA_ALIGNMENT, 2);
    put(local + length + 2, member->padding_bytes, 2);
    length += NEURON_ZIP_EXTRA_HEAD_BYTES + member->padding_bytes;
    put(local + NEURON_ZIP_LOCAL_EXTRA_LENGTH, length - extra_start, 2);
    memcpy(local + length, member->header, member->header_bytes);
    return (struct neuron_npz_frame){
        .bytes = local, .size_bytes = length + member->header_bytes, .offset = member->offset};
}

/* Makes the entry of a member; returns its length. */
static size_t
put_entry(unsigned char *entry, const struct placed *member)
{
    bool has_large = is_large(member);
    unsigned version = has_large ? NEURON_ZIP_VERSION_LARGE : NEURON_ZIP_VERSION;

    put(entry, NEURON_ZIP_ENTRY_MARK, 4);
    put(entry + NEURON_ZIP_ENTRY_VERSION_MADE, version, 2);
    put(entry + NEURON_ZIP_ENTRY_VERSION, version, 2);
    put(entry + NEURON_ZIP_ENTRY_FLAGS, FLAG_UTF8, 2);
    put(entry + NEURON_ZIP_ENTRY_DATE, FIRST_DATE, 2);
    put(entry + NEURON_ZIP_ENTRY_CHECKSUM, member->checksum, 4);
    put_small(entry + NEURON_ZIP_ENTRY_STORED_SIZE, member->size_bytes, has_large);
    put_small(entry + NEURON_ZIP_ENTRY_SIZE, member->size_bytes, has_large);
    put_small(entry + NEURON_ZIP_ENTRY_OFFSET, member->offset, has_large);
    put(entry + NEURON_ZIP_ENTRY_NAME_LENGTH, member->name_bytes, 2);
    size_t length = put_name(entry, NEURON_ZIP_ENTRY_BYTES, member);
    if (has_large) {
        put_large(entry + length, member, LARGE_ENTRY_BYTES);
        put(entry + NEURON_ZIP_ENTRY_EXTRA_LENGTH, LARGE_ENTRY_BYTES, 2);
        length += LARGE_ENTRY_BYTES;
    }
    return length;
}

/* Makes the end with numbers of 64 bits, and what leads to it; returns their length. */
static size_t
put_large_end(unsigned char *bytes, const struct neuron_npz_layout *layout, uint64_t entries_end)
{
    unsigned char *locator = bytes + NEURON_ZIP_LARGE_END_BYTES;

    put(bytes, NEURON_ZIP_LARGE_END_MARK, 4);
    put(bytes + NEURON_ZIP_LARGE_END_SIZE, NEURON_ZIP_LARGE_END_BYTES - 12, 8);
    put(bytes + NEURON_ZIP_LARGE_END_VERSION_MADE, NEURON_ZIP_VERSION_LARGE, 2);
    put(bytes + NEURON_ZIP_LARGE_END_VERSION, NEURON_ZIP_VERSION_LARGE, 2);
    put(bytes + NEURON_ZIP_LARGE_END_DISK_COUNT, layout->count, 8);
    put(bytes + NEURON_ZIP_LARGE_END_COUNT, layout->count, 8);
    put(bytes + NEURON_ZIP_LARGE_END_DIRECTORY_SIZE, entries_end - layout->directory_offset, 8);
    put(bytes + NEURON_ZIP_LARGE_END_DIRECTORY_OFFSET, layout->directory_offset, 8);
    put(locator, NEURON_ZIP_LOCATOR_MARK, 4);
    put(locator + NEURON_ZIP_LOCATOR_OFFSET, entries_end, 8);
    put(locator + NEURON_ZIP_LOCATOR_DISKS, 1, 4);
    return NEURON_ZIP_LARGE_END_BYTES + NEURON_ZIP_LOCATOR_BYTES;
}

struct neuron_npz_frame
neuron_npz_layout_directory(struct neuron_npz_layout *layout)
{
    uint64_t offset = layout->directory_offset;
    size_t length = 0;

    memset(layout->record, 0, layout->record_room_bytes);
    for (uint32_t i = 0; i < layout->count; i += 1) {
        length += put_entry(layout->record + length, &layout->members[i]);
    }
    size_t entries_bytes = length;
    bool has_large = has_large_end(layout, offset + entries_bytes);
    if (has_large) {
        length += put_large_end(layout->record + length, layout, offset + entries_bytes);
    }
    uint32_t count = has_large ? NEURON_ZIP_SMALL_COUNT_LIMIT : layout->count;
    unsigned char *end = layout->record + length;
    put(end, NEURON_ZIP_END_MARK, 4);
    put(end + NEURON_ZIP_END_DISK_COUNT, count, 2);
    put(end + NEURON_ZIP_END_COUNT, count, 2);
    put_small(end + NEURON_ZIP_END_DIRECTORY_SIZE, entries_bytes, has_large);
    put_small(end + NEURON_ZIP_END_DIRECTORY_OFFSET, offset, has_large);
    return (struct neuron_npz_frame){
        .bytes = layout->record, .size_bytes = length + NEURON_ZIP_END_BYTES, .offset = offset};
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Every name is there, fits and is unique; `names` has room for all. */
static enum neuron_status
check_names(const struct neuron_npz_member *members, uint32_t count, const char **names,
            struct neuron_error *error)
{
    for (uint32_t i = 0; i < count; i += 1) {
        size_t length = strlen(members[i].name);

        if (length == 0 || length > NAME_LIMIT_BYTES) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "array %u has a name of %zu bytes; give it 1 to %d", i, length,
                               NAME_LIMIT_BYTES);
        }
        names[i] = members[i].name;
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

/* Places a member at `*end`, which moves behind it. */
static enum neuron_status
place_member(struct placed *placed, const struct neuron_npz_member *member, uint64_t *end,
             struct neuron_error *error)
{
    /* What the records of all members may take is far below half of the numbers. */
    const uint64_t limit = (uint64_t)INT64_MAX / 2;
    enum neuron_status status =
        neuron_npy_format(&member->shape, placed->header, &placed->header_bytes, error);

    if (status != NEURON_OK) {
        return status;
    }
    placed->name = member->name;
    placed->name_bytes = strlen(member->name) + SUFFIX_BYTES;
    placed->payload_bytes = neuron_tensor_shape_size_bytes(&member->shape);
    if (placed->payload_bytes > limit || *end > limit) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "array %.60s is larger than any file",
                           member->name);
    }
    placed->offset = *end;
    placed->size_bytes = placed->header_bytes + placed->payload_bytes;
    placed->checksum = neuron_inflate_checksum(0, placed->header, placed->header_bytes);
    uint64_t begun = *end + local_bytes(placed);
    placed->padding_bytes = (size_t)((ALIGNMENT - begun % ALIGNMENT) % ALIGNMENT);
    placed->payload_offset = begun + placed->padding_bytes + placed->header_bytes;
    *end = placed->payload_offset + placed->payload_bytes;
    return NEURON_OK;
}

/* Places all members and the directory, and makes room for the longest piece. */
static enum neuron_status
place_all(struct neuron_npz_layout *layout, const struct neuron_npz_member *members,
          struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    size_t directory_bytes = 0;
    uint64_t end = 0;

    for (uint32_t i = 0; status == NEURON_OK && i < layout->count; i += 1) {
        const struct placed *placed = &layout->members[i];

        status = place_member(&layout->members[i], &members[i], &end, error);
        size_t head_bytes = (size_t)(placed->payload_offset - placed->offset);
        if (head_bytes > layout->record_room_bytes) {
            layout->record_room_bytes = head_bytes;
        }
        directory_bytes += entry_bytes(placed);
    }
    if (status != NEURON_OK) {
        return status;
    }
    layout->directory_offset = end;
    if (has_large_end(layout, end + directory_bytes)) {
        directory_bytes += NEURON_ZIP_LARGE_END_BYTES + NEURON_ZIP_LOCATOR_BYTES;
    }
    directory_bytes += NEURON_ZIP_END_BYTES;
    layout->size_bytes = end + directory_bytes;
    if (directory_bytes > layout->record_room_bytes) {
        layout->record_room_bytes = directory_bytes;
    }
    layout->record = malloc(layout->record_room_bytes);
    return layout->record != NULL
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the directory");
}

enum neuron_status
neuron_npz_layout_create(const struct neuron_npz_member *members, uint32_t count,
                         struct neuron_npz_layout **layout, struct neuron_error *error)
{
    struct neuron_npz_layout *made = calloc(1, sizeof(*made));
    const char **names = calloc((size_t)count + 1, sizeof(char *));
    enum neuron_status status = NEURON_OK;

    if (made != NULL) {
        made->count = count;
        made->record_room_bytes = NEURON_ZIP_END_BYTES;
        made->members = calloc((size_t)count + 1, sizeof(*made->members));
    }
    if (made == NULL || names == NULL || made->members == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the directory");
    } else {
        status = check_names(members, count, names, error);
    }
    if (status == NEURON_OK) {
        status = place_all(made, members, error);
    }
    free(names);
    if (status != NEURON_OK) {
        neuron_npz_layout_destroy(made);
        return status;
    }
    *layout = made;
    return NEURON_OK;
}

uint64_t
neuron_npz_layout_size_bytes(const struct neuron_npz_layout *layout)
{
    return layout->size_bytes;
}

uint64_t
neuron_npz_layout_payload_offset(const struct neuron_npz_layout *layout, uint32_t index)
{
    return layout->members[index].payload_offset;
}

void
neuron_npz_layout_set_checksum(struct neuron_npz_layout *layout, uint32_t index, uint32_t payload)
{
    struct placed *member = &layout->members[index];
    uint32_t header = neuron_inflate_checksum(0, member->header, member->header_bytes);

    member->checksum = neuron_npz_checksum_join(header, payload, member->payload_bytes);
}

void
neuron_npz_layout_destroy(struct neuron_npz_layout *layout)
{
    if (layout == NULL) {
        return;
    }
    free(layout->members);
    free(layout->record);
    free(layout);
}

uint32_t
neuron_npz_checksum(uint32_t checksum, const void *bytes, size_t size_bytes)
{
    return neuron_inflate_checksum(checksum, bytes, size_bytes);
}

uint32_t
neuron_npz_checksum_join(uint32_t left, uint32_t right, uint64_t right_bytes)
{
    return neuron_inflate_checksum_join(left, right, right_bytes);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive is read from its end: the end says where the directory is, whose entries say where the
 * members are. Readers that go from the start, or that take the first of two answers, can be shown
 * other contents than those that do not; so everything must lie where exactly one answer finds it:
 * the directory ends where its end begins, each member agrees with its entry, and no two overlap.
 */
#include "npy/zip_directory.h"

#include <stdlib.h>
#include <string.h>

#include "npy/zip_format.h"

enum {
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_PATCHED = 1 << 5,
    FLAG_STRONGLY_ENCRYPTED = 1 << 6,
    FLAG_MASKED = 1 << 13,
    DEFLATE_FACTOR_LIMIT = 1032, /* no bytes of deflate make more of themselves than this */
    COMMENT_LIMIT_BYTES = 0xFFFF,
    QUOTED_BYTES = 60 /* most of a name that an error repeats */
};

/* The archive, and its directory once that was found. */
struct archive {
    const unsigned char *bytes;
    size_t size_bytes;
    size_t directory_offset;
    size_t directory_size;
    uint64_t member_count;
};

static uint64_t
read_number(const unsigned char *bytes, uint32_t byte_count)
{
    uint64_t number = 0;

    for (uint32_t i = byte_count; i > 0; i -= 1) {
        number = number << 8 | bytes[i - 1];
    }
    return number;
}

static enum neuron_status
refuse_damage(const char *what, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "damaged archive: %s; copy or save it again",
                       what);
}

static enum neuron_status
refuse_member(const struct neuron_zip_member *member, enum neuron_status status, const char *what,
              struct neuron_error *error)
{
    int length = member->name_length < QUOTED_BYTES ? (int)member->name_length : QUOTED_BYTES;

    return NEURON_FAIL(error, status, "array %.*s: %s", length, member->name, what);
}

/* Finds the end: the last mark whose comment reaches exactly to the end of the file. */
static bool
find_end(const struct archive *archive, size_t *offset)
{
    size_t limit = archive->size_bytes < NEURON_ZIP_END_BYTES + (size_t)COMMENT_LIMIT_BYTES
                       ? archive->size_bytes
                       : NEURON_ZIP_END_BYTES + (size_t)COMMENT_LIMIT_BYTES;

    for (size_t tail = NEURON_ZIP_END_BYTES; tail <= limit; tail += 1) {
        const unsigned char *end = archive->bytes + archive->size_bytes - tail;

        if (read_number(end, 4) == NEURON_ZIP_END_MARK &&
            read_number(end + NEURON_ZIP_END_COMMENT_LENGTH, 2) == tail - NEURON_ZIP_END_BYTES) {
            *offset = archive->size_bytes - tail;
            return true;
        }
    }
    return false;
}

/* Takes the directory that an end names, which is to lie directly before that end. */
static enum neuron_status
take_directory(struct archive *archive, uint64_t offset, uint64_t size_bytes, size_t end_offset,
               struct neuron_error *error)
{
    if (size_bytes > end_offset || offset != end_offset - size_bytes) {
        return refuse_damage("its directory does not end where the archive says", error);
    }
    if (archive->member_count > size_bytes / NEURON_ZIP_ENTRY_BYTES ||
        archive->member_count > UINT32_MAX) {
        return refuse_damage("it names more arrays than its directory has room for", error);
    }
    archive->directory_offset = (size_t)offset;
    archive->directory_size = (size_t)size_bytes;
    return NEURON_OK;
}

/* The end with numbers of 64 bits, which a locator before the other end names. */
static enum neuron_status
read_large_end(struct archive *archive, size_t locator_offset, struct neuron_error *error)
{
    const unsigned char *locator = archive->bytes + locator_offset;
    uint64_t offset = read_number(locator + NEURON_ZIP_LOCATOR_OFFSET, 8);

    if (locator_offset < NEURON_ZIP_LARGE_END_BYTES ||
        offset != locator_offset - NEURON_ZIP_LARGE_END_BYTES ||
        read_number(archive->bytes + offset, 4) != NEURON_ZIP_LARGE_END_MARK) {
        return refuse_damage("its zip64 record is not where the archive says", error);
    }
    const unsigned char *end = archive->bytes + offset;
    archive->member_count = read_number(end + NEURON_ZIP_LARGE_END_COUNT, 8);
    if (read_number(locator + NEURON_ZIP_LOCATOR_DISKS, 4) > 1 ||
        read_number(end + NEURON_ZIP_LARGE_END_DISK, 4) != 0 ||
        read_number(end + NEURON_ZIP_LARGE_END_DIRECTORY_DISK, 4) != 0 ||
        read_number(end + NEURON_ZIP_LARGE_END_DISK_COUNT, 8) != archive->member_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "an archive of several volumes; save it as one file");
    }
    return take_directory(archive, read_number(end + NEURON_ZIP_LARGE_END_DIRECTORY_OFFSET, 8),
                          read_number(end + NEURON_ZIP_LARGE_END_DIRECTORY_SIZE, 8), (size_t)offset,
                          error);
}

static bool
has_locator(const struct archive *archive, size_t end_offset)
{
    return end_offset >= NEURON_ZIP_LOCATOR_BYTES &&
           read_number(archive->bytes + end_offset - NEURON_ZIP_LOCATOR_BYTES, 4) ==
               NEURON_ZIP_LOCATOR_MARK;
}

static enum neuron_status
find_directory(struct archive *archive, struct neuron_error *error)
{
    size_t end_offset = 0;

    if (!find_end(archive, &end_offset)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s; save the arrays with numpy.savez()",
                           archive->size_bytes == 0 ? "the file is empty"
                                                    : "no npz file, or one that was cut off");
    }
    if (has_locator(archive, end_offset)) {
        return read_large_end(archive, end_offset - NEURON_ZIP_LOCATOR_BYTES, error);
    }
    const unsigned char *end = archive->bytes + end_offset;
    archive->member_count = read_number(end + NEURON_ZIP_END_COUNT, 2);
    if (read_number(end + NEURON_ZIP_END_DISK, 2) != 0 ||
        read_number(end + NEURON_ZIP_END_DIRECTORY_DISK, 2) != 0 ||
        read_number(end + NEURON_ZIP_END_DISK_COUNT, 2) != archive->member_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "an archive of several volumes; save it as one file");
    }
    return take_directory(archive, read_number(end + NEURON_ZIP_END_DIRECTORY_OFFSET, 4),
                          read_number(end + NEURON_ZIP_END_DIRECTORY_SIZE, 4), end_offset, error);
}

/* An extra field on its way through the numbers that are all ones elsewhere. */
struct large_numbers {
    const unsigned char *next;
    size_t size_bytes;
};

/* Finds the zip64 field among the extra fields; none is one without numbers. */
static struct large_numbers
find_large_numbers(const unsigned char *extra, size_t size_bytes)
{
    while (size_bytes >= NEURON_ZIP_EXTRA_HEAD_BYTES) {
        size_t length = (size_t)read_number(extra + 2, 2);

        if (length > size_bytes - NEURON_ZIP_EXTRA_HEAD_BYTES) {
            break;
        }
        extra += NEURON_ZIP_EXTRA_HEAD_BYTES;
        size_bytes -= NEURON_ZIP_EXTRA_HEAD_BYTES;
        if (read_number(extra - NEURON_ZIP_EXTRA_HEAD_BYTES, 2) == NEURON_ZIP_EXTRA_LARGE) {
            return (struct large_numbers){.next = extra, .size_bytes = length};
        }
        extra += length;
        size_bytes -= length;
    }
    return (struct large_numbers){0};
}

/* Reads a number of 32 bits, or that of 64 bits in its stead; false when that is missing. */
static bool
take_number(const unsigned char *bytes, struct large_numbers *large, uint64_t *number)
{
    *number = read_number(bytes, 4);
    if (*number != NEURON_ZIP_SMALL_SIZE_LIMIT) {
        return true;
    }
    if (large->size_bytes < 8) {
        return false;
    }
    *number = read_number(large->next, 8);
    large->next += 8;
    large->size_bytes -= 8;
    return true;
}

/* Reads the header before a member's bytes, which says where these begin. */
static enum neuron_status
read_local(const struct archive *archive, uint64_t offset, uint64_t stored_size,
           struct neuron_zip_member *member, struct neuron_error *error)
{
    size_t limit = archive->directory_offset;
    const unsigned char *local = archive->bytes + offset;

    if (offset > limit || limit - offset < NEURON_ZIP_LOCAL_BYTES ||
        read_number(local, 4) != NEURON_ZIP_LOCAL_MARK) {
        return refuse_member(member, NEURON_INVALID_SYNTAX, "damaged: it is not where it should be",
                             error);
    }
    size_t name_length = (size_t)read_number(local + NEURON_ZIP_LOCAL_NAME_LENGTH, 2);
    size_t head_bytes = NEURON_ZIP_LOCAL_BYTES + name_length +
                        (size_t)read_number(local + NEURON_ZIP_LOCAL_EXTRA_LENGTH, 2);
    unsigned method = member->is_deflated ? NEURON_ZIP_METHOD_DEFLATED : NEURON_ZIP_METHOD_STORED;
    if (head_bytes > limit - offset || stored_size > limit - offset - head_bytes) {
        return refuse_member(member, NEURON_INVALID_SYNTAX, "damaged: it does not fit the archive",
                             error);
    }
    if (name_length != member->name_length ||
        memcmp(local + NEURON_ZIP_LOCAL_BYTES, member->name, name_length) != 0 ||
        read_number(local + NEURON_ZIP_LOCAL_METHOD, 2) != method) {
        return refuse_member(member, NEURON_INVALID_SYNTAX,
                             "damaged: it does not agree with the directory", error);
    }
    member->start = (size_t)offset;
    member->offset = (size_t)offset + head_bytes;
    member->stored_size = (size_t)stored_size;
    return NEURON_OK;
}

/* Refuses what an entry says of how its member is packed, and of its sizes. */
static enum neuron_status
check_packing(const unsigned char *entry, uint64_t stored_size, uint64_t size_bytes,
              const struct neuron_zip_member *member, struct neuron_error *error)
{
    const uint64_t hidden = FLAG_ENCRYPTED | FLAG_PATCHED | FLAG_STRONGLY_ENCRYPTED | FLAG_MASKED;
    uint64_t method = read_number(entry + NEURON_ZIP_ENTRY_METHOD, 2);

    if ((read_number(entry + NEURON_ZIP_ENTRY_FLAGS, 2) & hidden) != 0) {
        return refuse_member(member, NEURON_INVALID_ARGUMENT,
                             "it is encrypted; save it with numpy.savez()", error);
    }
    if (method != NEURON_ZIP_METHOD_STORED && method != NEURON_ZIP_METHOD_DEFLATED) {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "array %.*s: it is packed by method %u; save it with numpy.savez() or "
            "numpy.savez_compressed()",
            (int)(member->name_length < QUOTED_BYTES ? member->name_length : QUOTED_BYTES),
            member->name, (unsigned)method);
    }
    if (method == NEURON_ZIP_METHOD_STORED ? size_bytes != stored_size
                                           : size_bytes / DEFLATE_FACTOR_LIMIT > stored_size) {
        return refuse_member(member, NEURON_INVALID_SYNTAX,
                             "damaged: its two sizes do not go together", error);
    }
    return NEURON_OK;
}

/* Reads the entry at `*next`, which is left behind it. */
static enum neuron_status
read_entry(const struct archive *archive, size_t *next, struct neuron_zip_member *member,
           struct neuron_error *error)
{
    size_t end = archive->directory_offset + archive->directory_size;
    const unsigned char *entry = archive->bytes + *next;
    uint64_t size_bytes = 0;
    uint64_t stored_size = 0;
    uint64_t offset = 0;

    if (end - *next < NEURON_ZIP_ENTRY_BYTES || read_number(entry, 4) != NEURON_ZIP_ENTRY_MARK) {
        return refuse_damage("its directory is none", error);
    }
    size_t name_length = (size_t)read_number(entry + NEURON_ZIP_ENTRY_NAME_LENGTH, 2);
    size_t extra_length = (size_t)read_number(entry + NEURON_ZIP_ENTRY_EXTRA_LENGTH, 2);
    size_t entry_bytes = NEURON_ZIP_ENTRY_BYTES + name_length + extra_length +
                         (size_t)read_number(entry + NEURON_ZIP_ENTRY_COMMENT_LENGTH, 2);
    const unsigned char *name = entry + NEURON_ZIP_ENTRY_BYTES;
    if (entry_bytes > end - *next || name_length == 0 || memchr(name, 0, name_length) != NULL) {
        return refuse_damage("an array in its directory has no name", error);
    }
    *member = (struct neuron_zip_member){
        .name = (const char *)name,
        .name_length = name_length,
        .checksum = (uint32_t)read_number(entry + NEURON_ZIP_ENTRY_CHECKSUM, 4),
        .is_deflated =
            read_number(entry + NEURON_ZIP_ENTRY_METHOD, 2) == NEURON_ZIP_METHOD_DEFLATED};
    struct large_numbers large = find_large_numbers(name + name_length, extra_length);
    if (!take_number(entry + NEURON_ZIP_ENTRY_SIZE, &large, &size_bytes) ||
        !take_number(entry + NEURON_ZIP_ENTRY_STORED_SIZE, &large, &stored_size) ||
        !take_number(entry + NEURON_ZIP_ENTRY_OFFSET, &large, &offset) ||
        read_number(entry + NEURON_ZIP_ENTRY_DISK, 2) != 0) {
        return refuse_member(member, NEURON_INVALID_SYNTAX, "damaged: its size or place is missing",
                             error);
    }
    *next += entry_bytes;
    member->size_bytes = (size_t)size_bytes;
    enum neuron_status status = check_packing(entry, stored_size, size_bytes, member, error);
    return status == NEURON_OK ? read_local(archive, offset, stored_size, member, error) : status;
}

static enum neuron_status
read_entries(const struct archive *archive, struct neuron_zip_directory *directory,
             struct neuron_error *error)
{
    size_t next = archive->directory_offset;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < directory->count; i += 1) {
        status = read_entry(archive, &next, &directory->members[i], error);
    }
    if (status == NEURON_OK && next != archive->directory_offset + archive->directory_size) {
        return refuse_damage("there is more in its directory than it names", error);
    }
    return status;
}

static int
compare_places(const void *left, const void *right)
{
    const struct neuron_zip_member *l = *(const struct neuron_zip_member *const *)left;
    const struct neuron_zip_member *r = *(const struct neuron_zip_member *const *)right;

    return l->offset < r->offset ? -1 : l->offset > r->offset;
}

static int
compare_names(const void *left, const void *right)
{
    const struct neuron_zip_member *l = *(const struct neuron_zip_member *const *)left;
    const struct neuron_zip_member *r = *(const struct neuron_zip_member *const *)right;
    size_t common = l->name_length < r->name_length ? l->name_length : r->name_length;
    int order = memcmp(l->name, r->name, common);

    return order != 0 ? order
                      : (l->name_length > r->name_length) - (l->name_length < r->name_length);
}

/* No two members share a byte, or a name; `sorted` has room for all. */
static enum neuron_status
check_apart(const struct neuron_zip_directory *directory, const struct neuron_zip_member **sorted,
            struct neuron_error *error)
{
    uint32_t count = directory->count;

    for (uint32_t i = 0; i < count; i += 1) {
        sorted[i] = &directory->members[i];
    }
    qsort(sorted, count, sizeof(struct neuron_zip_member *), compare_places);
    for (uint32_t i = 1; i < count; i += 1) {
        if (sorted[i]->start < sorted[i - 1]->offset + sorted[i - 1]->stored_size) {
            return refuse_member(sorted[i], NEURON_INVALID_SYNTAX,
                                 "damaged: it overlaps another array", error);
        }
    }
    qsort(sorted, count, sizeof(struct neuron_zip_member *), compare_names);
    for (uint32_t i = 1; i < count; i += 1) {
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0) {
            return refuse_member(sorted[i], NEURON_INVALID_SYNTAX,
                                 "the archive has two of that name; save it again", error);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_members(const struct neuron_zip_directory *directory, struct neuron_error *error)
{
    const struct neuron_zip_member **sorted =
        calloc((size_t)directory->count + 1, sizeof(struct neuron_zip_member *));

    if (sorted == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its directory");
    }
    enum neuron_status status = check_apart(directory, sorted, error);
    free(sorted);
    return status;
}

enum neuron_status
neuron_zip_directory_parse(const unsigned char *bytes, size_t size_bytes,
                           struct neuron_zip_directory *directory, struct neuron_error *error)
{
    struct archive archive = {.bytes = bytes, .size_bytes = size_bytes};
    enum neuron_status status = find_directory(&archive, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_zip_directory parsed = {
        .members = calloc((size_t)archive.member_count + 1, sizeof(*parsed.members)),
        .count = (uint32_t)archive.member_count};
    if (parsed.members == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its directory");
    }
    status = read_entries(&archive, &parsed, error);
    if (status == NEURON_OK) {
        status = check_members(&parsed, error);
    }
    if (status != NEURON_OK) {
        neuron_zip_directory_destroy(&parsed);
        return status;
    }
    *directory = parsed;
    return NEURON_OK;
}

void
neuron_zip_directory_destroy(struct neuron_zip_directory *directory)
{
    free(directory->members);
    *directory = (struct neuron_zip_directory){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives in memory, made field by field: two members of which each may have one field changed.
 * All of them are parsed by the one function that also the reader of files calls.
 */
#include "check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npy/inflate.h"
#include "npy/npz_file.h"
#include "npy/zip_format.h"

enum { ARCHIVE_BYTES = 2048, MEMBER_COUNT = 2, NPY_BYTES = 74 };

/* An npy file of two float32. */
static const unsigned char npy[NPY_BYTES + 1] =
    "\x93NUMPY\x01\x00\x38\x00"
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n"
    "12345678";

struct archive {
    unsigned char bytes[ARCHIVE_BYTES];
    size_t size_bytes;
    size_t locals[MEMBER_COUNT];
    size_t entries[MEMBER_COUNT];
    size_t end;
};

static void
put(unsigned char *bytes, uint64_t number, uint32_t byte_count)
{
    for (uint32_t i = 0; i < byte_count; i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i) & 0xFF);
    }
}

static void
add_local(struct archive *archive, int member, const char *name)
{
    unsigned char *local = archive->bytes + archive->size_bytes;
    size_t length = strlen(name);

    archive->locals[member] = archive->size_bytes;
    put(local, NEURON_ZIP_LOCAL_MARK, 4);
    put(local + NEURON_ZIP_LOCAL_NAME_LENGTH, length, 2);
    (void)snprintf((char *)local + NEURON_ZIP_LOCAL_BYTES, length + 1, "%s", name);
    memcpy(local + NEURON_ZIP_LOCAL_BYTES + length, npy, NPY_BYTES);
    archive->size_bytes += NEURON_ZIP_LOCAL_BYTES + length + NPY_BYTES;
}

static void
add_entry(struct archive *archive, int member, const char *name)
{
    unsigned char *entry = archive->bytes + archive->size_bytes;
    size_t length = strlen(name);

    archive->entries[member] = archive->size_bytes;
    put(entry, NEURON_ZIP_ENTRY_MARK, 4);
    put(entry + NEURON_ZIP_ENTRY_CHECKSUM, neuron_inflate_checksum(0, npy, NPY_BYTES), 4);
    put(entry + NEURON_ZIP_ENTRY_STORED_SIZE, NPY_BYTES, 4);
    put(entry + NEURON_ZIP_ENTRY_SIZE, NPY_BYTES, 4);
    put(entry + NEURON_ZIP_ENTRY_NAME_LENGTH, length, 2);
    put(entry + NEURON_ZIP_ENTRY_OFFSET, archive->locals[member], 4);
    (void)snprintf((char *)entry + NEURON_ZIP_ENTRY_BYTES, length + 1, "%s", name);
    archive->size_bytes += NEURON_ZIP_ENTRY_BYTES + length;
}

/* Two members with these names, both as they should be. */
static struct archive
make_archive(const char *first, const char *second)
{
    struct archive archive = {.size_bytes = 0};

    add_local(&archive, 0, first);
    add_local(&archive, 1, second);
    size_t directory = archive.size_bytes;
    add_entry(&archive, 0, first);
    add_entry(&archive, 1, second);
    unsigned char *end = archive.bytes + archive.size_bytes;
    put(end, NEURON_ZIP_END_MARK, 4);
    put(end + NEURON_ZIP_END_DISK_COUNT, MEMBER_COUNT, 2);
    put(end + NEURON_ZIP_END_COUNT, MEMBER_COUNT, 2);
    put(end + NEURON_ZIP_END_DIRECTORY_SIZE, archive.size_bytes - directory, 4);
    put(end + NEURON_ZIP_END_DIRECTORY_OFFSET, directory, 4);
    archive.end = archive.size_bytes;
    archive.size_bytes += NEURON_ZIP_END_BYTES;
    return archive;
}

/* Parses a copy that ends where its memory ends, so that a sanitizer sees what reads on. */
static void
expect_refusal(const struct archive *archive, enum neuron_status status, const char *text)
{
    struct neuron_npz *npz = NULL;
    struct neuron_error error = {0};
    unsigned char *copy = malloc(archive->size_bytes + 1);

    assert_non_null(copy);
    memcpy(copy, archive->bytes, archive->size_bytes);
    assert_status(status, neuron_npz_parse(copy, archive->size_bytes, "w.npz", &npz, &error),
                  &error);
    assert_contains(error.text, "w.npz: ");
    assert_contains(error.text, text);
    assert_null(npz);
    free(copy);
}

static void
expect_two_arrays(const struct archive *archive)
{
    struct neuron_npz *npz = NULL;
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_npz_parse(archive->bytes, archive->size_bytes, "w.npz", &npz, &error), &error);
    assert_int_equal(neuron_npz_array_count(npz), 2);
    assert_ok(neuron_npz_read(npz, 1, &array, &error), &error);
    assert_memory_equal(neuron_npy_array_view(array).data, "12345678", 8);
    neuron_npy_array_destroy(array);
    neuron_npz_destroy(npz);
}

static void
two_members_are_two_arrays(void **state)
{
    struct archive archive = make_archive("a.npy", "b.npy");

    (void)state;
    expect_two_arrays(&archive);
}

static void
a_comment_may_follow(void **state)
{
    struct archive archive = make_archive("a.npy", "b.npy");

    (void)state;
    put(archive.bytes + archive.end + NEURON_ZIP_END_COMMENT_LENGTH, 3, 2);
    archive.size_bytes += 3;
    expect_two_arrays(&archive);
    archive.size_bytes += 1;
    expect_refusal(&archive, NEURON_INVALID_SYNTAX, "cut off");
}

static void
every_shorter_file_is_refused(void **state)
{
    struct archive archive = make_archive("a.npy", "b.npy");

    (void)state;
    while (archive.size_bytes > 0) {
        archive.size_bytes -= 1;
        expect_refusal(&archive, NEURON_INVALID_SYNTAX, "npz");
    }
}

static void
names_are_unique_and_those_of_arrays(void **state)
{
    struct archive same = make_archive("a.npy", "a.npy");
    struct archive text = make_archive("a.npy", "read.me");
    struct archive bare = make_archive("a.npy", ".npy");
    struct archive zero = make_archive("a.npy", "bcd.npy");

    (void)state;
    expect_refusal(&same, NEURON_INVALID_SYNTAX, "array a.npy: the archive has two of that name");
    expect_refusal(&text, NEURON_INVALID_ARGUMENT, "no array: read.me");
    expect_refusal(&bare, NEURON_INVALID_ARGUMENT, "no array: .npy");
    zero.bytes[zero.entries[1] + NEURON_ZIP_ENTRY_BYTES + 1] = 0;
    expect_refusal(&zero, NEURON_INVALID_SYNTAX, "has no name");
}

/* A field that is changed, and what the reason must speak of. */
struct change {
    size_t at;
    uint64_t number;
    uint32_t byte_count;
    enum neuron_status status;
    const char *text;
};

static void
expect_refusals(size_t (*place)(const struct archive *), const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        struct archive archive = make_archive("a.npy", "b.npy");

        put(archive.bytes + place(&archive) + changes[i].at, changes[i].number,
            changes[i].byte_count);
        expect_refusal(&archive, changes[i].status, changes[i].text);
    }
}

static size_t
second_entry(const struct archive *archive)
{
    return archive->entries[1];
}

static void
an_entry_that_lies_is_refused(void **state)
{
    static const struct change changes[] = {
        {0, 0, 1, NEURON_INVALID_SYNTAX, "its directory is none"},
        {NEURON_ZIP_ENTRY_FLAGS, 1, 2, NEURON_INVALID_ARGUMENT, "array b.npy: it is encrypted"},
        {NEURON_ZIP_ENTRY_METHOD, 12, 2, NEURON_INVALID_ARGUMENT,
         "b.npy: it is packed by method 12"},
        {NEURON_ZIP_ENTRY_METHOD, 8, 2, NEURON_INVALID_SYNTAX, "does not agree"},
        {NEURON_ZIP_ENTRY_STORED_SIZE, 73, 4, NEURON_INVALID_SYNTAX, "two sizes"},
        {NEURON_ZIP_ENTRY_SIZE, 0xFFFFFFFE, 4, NEURON_INVALID_SYNTAX, "two sizes"},
        {NEURON_ZIP_ENTRY_SIZE, 0xFFFFFFFF, 4, NEURON_INVALID_SYNTAX, "size or place is missing"},
        {NEURON_ZIP_ENTRY_NAME_LENGTH, 0, 2, NEURON_INVALID_SYNTAX, "has no name"},
        {NEURON_ZIP_ENTRY_NAME_LENGTH, 0xFFFF, 2, NEURON_INVALID_SYNTAX, "has no name"},
        {NEURON_ZIP_ENTRY_EXTRA_LENGTH, 1, 2, NEURON_INVALID_SYNTAX, "has no name"},
        {NEURON_ZIP_ENTRY_DISK, 1, 2, NEURON_INVALID_SYNTAX, "size or place is missing"},
        {NEURON_ZIP_ENTRY_OFFSET, 0xFFFFFFFE, 4, NEURON_INVALID_SYNTAX, "not where it should be"},
        {NEURON_ZIP_ENTRY_OFFSET, 1, 4, NEURON_INVALID_SYNTAX, "not where it should be"},
        {NEURON_ZIP_ENTRY_OFFSET, 0, 4, NEURON_INVALID_SYNTAX, "does not agree"},
    };

    (void)state;
    expect_refusals(second_entry, changes, sizeof(changes) / sizeof(changes[0]));
}

static size_t
second_local(const struct archive *archive)
{
    return archive->locals[1];
}

static void
a_member_that_does_not_go_with_its_entry_is_refused(void **state)
{
    static const struct change changes[] = {
        {0, 0, 1, NEURON_INVALID_SYNTAX, "array b.npy: damaged: it is not where it should be"},
        {NEURON_ZIP_LOCAL_METHOD, 8, 2, NEURON_INVALID_SYNTAX, "does not agree"},
        {NEURON_ZIP_LOCAL_NAME_LENGTH, 4, 2, NEURON_INVALID_SYNTAX, "does not agree"},
        {NEURON_ZIP_LOCAL_BYTES, 'c', 1, NEURON_INVALID_SYNTAX, "does not agree"},
        {NEURON_ZIP_LOCAL_NAME_LENGTH, 0xFFFF, 2, NEURON_INVALID_SYNTAX, "does not fit"},
        {NEURON_ZIP_LOCAL_EXTRA_LENGTH, 1, 2, NEURON_INVALID_SYNTAX, "does not fit"},
    };

    (void)state;
    expect_refusals(second_local, changes, sizeof(changes) / sizeof(changes[0]));
}

static size_t
end_of(const struct archive *archive)
{
    return archive->end;
}

static void
an_end_that_lies_is_refused(void **state)
{
    static const struct change changes[] = {
        {NEURON_ZIP_END_DISK, 1, 2, NEURON_INVALID_ARGUMENT, "several volumes"},
        {NEURON_ZIP_END_DIRECTORY_DISK, 1, 2, NEURON_INVALID_ARGUMENT, "several volumes"},
        {NEURON_ZIP_END_DISK_COUNT, 1, 2, NEURON_INVALID_ARGUMENT, "several volumes"},
        {NEURON_ZIP_END_DIRECTORY_SIZE, 0xFFFFFFFF, 4, NEURON_INVALID_SYNTAX, "directory does not"},
        {NEURON_ZIP_END_DIRECTORY_SIZE, 1, 4, NEURON_INVALID_SYNTAX, "directory does not"},
        {NEURON_ZIP_END_DIRECTORY_OFFSET, 0xFFFFFFFF, 4, NEURON_INVALID_SYNTAX,
         "directory does not"},
        {NEURON_ZIP_END_DIRECTORY_OFFSET, 0, 4, NEURON_INVALID_SYNTAX, "directory does not"},
        {NEURON_ZIP_END_DISK_COUNT, 0x00010001, 4, NEURON_INVALID_SYNTAX, "more in its directory"},
        {NEURON_ZIP_END_DISK_COUNT, 0x00030003, 4, NEURON_INVALID_SYNTAX, "more arrays than"},
    };

    (void)state;
    expect_refusals(end_of, changes, sizeof(changes) / sizeof(changes[0]));
}

static void
members_that_overlap_are_refused(void **state)
{
    struct archive archive = make_archive("a.npy", "b.npy");
    unsigned char *first = archive.bytes + archive.entries[0];

    (void)state;
    /* The first one reaches into the second, which a bomb does many times over. */
    put(first + NEURON_ZIP_ENTRY_STORED_SIZE, NPY_BYTES + 40, 4);
    put(first + NEURON_ZIP_ENTRY_SIZE, NPY_BYTES + 40, 4);
    expect_refusal(&archive, NEURON_INVALID_SYNTAX, "overlaps");
}

static void
an_array_with_another_checksum_is_refused_when_it_is_read(void **state)
{
    struct archive archive = make_archive("a.npy", "b.npy");
    struct neuron_npz *npz = NULL;
    struct neuron_npy_array *array = NULL;
    struct neuron_error error = {0};

    (void)state;
    archive.bytes[archive.locals[1] + NEURON_ZIP_LOCAL_BYTES + 5 + NPY_BYTES - 1] ^= 1;
    assert_ok(neuron_npz_parse(archive.bytes, archive.size_bytes, "w.npz", &npz, &error), &error);
    assert_status(NEURON_INVALID_SYNTAX, neuron_npz_read(npz, 1, &array, &error), &error);
    assert_contains(error.text, "w.npz: array b: damaged: its checksum does not match");
    assert_null(array);
    neuron_npz_destroy(npz);
}

/* Makes a deflated member of the second: one block that is stored, of so many bytes. */
static void
deflate_second(struct archive *archive, size_t block_bytes)
{
    unsigned char *local = archive->bytes + archive->locals[1];
    unsigned char *entry = archive->bytes + archive->entries[1];
    unsigned char *block = local + NEURON_ZIP_LOCAL_BYTES + 5;

    put(local + NEURON_ZIP_LOCAL_METHOD, 8, 2);
    put(entry + NEURON_ZIP_ENTRY_METHOD, 8, 2);
    put(entry + NEURON_ZIP_ENTRY_SIZE, NPY_BYTES - 5, 4);
    block[0] = 1;
    put(block + 1, block_bytes, 2);
    put(block + 3, ~block_bytes & 0xFFFF, 2);
    memcpy(block + 5, npy, NPY_BYTES - 5);
}

static void
deflated_bytes_that_end_too_soon_are_refused(void **state)
{
    struct archive archive = make_archive("a.npy", "b.npy");

    (void)state;
    deflate_second(&archive, NPY_BYTES - 6);
    expect_refusal(&archive, NEURON_INVALID_SYNTAX, "b: damaged: it is shorter");
    deflate_second(&archive, NPY_BYTES);
    expect_refusal(&archive, NEURON_INVALID_SYNTAX, "b: holds");
    archive.bytes[archive.locals[1] + NEURON_ZIP_LOCAL_BYTES + 5] = 7;
    expect_refusal(&archive, NEURON_INVALID_SYNTAX, "b: damaged: it cannot be unpacked");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_members_are_two_arrays),
        cmocka_unit_test(a_comment_may_follow),
        cmocka_unit_test(every_shorter_file_is_refused),
        cmocka_unit_test(names_are_unique_and_those_of_arrays),
        cmocka_unit_test(an_entry_that_lies_is_refused),
        cmocka_unit_test(a_member_that_does_not_go_with_its_entry_is_refused),
        cmocka_unit_test(an_end_that_lies_is_refused),
        cmocka_unit_test(members_that_overlap_are_refused),
        cmocka_unit_test(an_array_with_another_checksum_is_refused_when_it_is_read),
        cmocka_unit_test(deflated_bytes_that_end_too_soon_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A header, the entries, and from the next page on the weights. It never leaves the machine, so
 * that numbers are in its own order of bytes.
 */
#include "engine/packed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whole_file.h"

enum { VERSION = 1, PAGE_BYTES = 4096, ALIGNMENT = 64, ENTRY_LIMIT = 1 << 20 };

static const char magic[8] = "NEURONPK";

struct packed_header {
    char magic[8];
    uint64_t version;
    uint64_t file_bytes;
    uint64_t entry_count;
    struct neuron_neff_checksum key;
    struct neuron_neff_checksum checksum; /* of the header with zeros here, and of all entries */
};

static uint64_t
align_up(uint64_t offset, uint64_t alignment)
{
    return (offset + alignment - 1) / alignment * alignment;
}

static struct neuron_neff_checksum
checksum_of(const void *bytes, uint64_t entry_count)
{
    struct packed_header header;
    struct neuron_neff_checksum parts[2];

    memcpy(&header, bytes, sizeof(header));
    memset(&header.checksum, 0, sizeof(header.checksum));
    parts[0] = neuron_neff_checksum_of(&header, sizeof(header));
    parts[1] = neuron_neff_checksum_of((const unsigned char *)bytes + sizeof(header),
                                       entry_count * sizeof(struct neuron_packed_entry));
    return neuron_neff_checksum_of(parts, sizeof(parts));
}

/* Header and entries as they stand at the beginning of the file; NULL when there is no memory. */
static unsigned char *
make_index(const struct neuron_neff_checksum *key, const struct neuron_packed_part *parts,
           uint64_t part_count, uint64_t *index_bytes, uint64_t *file_bytes)
{
    struct packed_header header = {.version = VERSION, .entry_count = part_count, .key = *key};

    *index_bytes = sizeof(header) + part_count * sizeof(struct neuron_packed_entry);
    unsigned char *index = calloc(1, *index_bytes);
    uint64_t offset = align_up(*index_bytes, PAGE_BYTES);

    for (uint64_t i = 0; index != NULL && i < part_count; i += 1) {
        const struct neuron_packed_entry entry = {.storage = parts[i].storage,
                                                  .offset = offset,
                                                  .size_bytes = parts[i].size_bytes,
                                                  .signature = parts[i].signature};

        memcpy(index + sizeof(header) + i * sizeof(entry), &entry, sizeof(entry));
        offset = align_up(offset + parts[i].size_bytes, ALIGNMENT);
    }
    if (index != NULL) {
        memcpy(header.magic, magic, sizeof(magic));
        header.file_bytes = offset;
        memcpy(index, &header, sizeof(header));
        header.checksum = checksum_of(index, part_count);
        memcpy(index, &header, sizeof(header));
    }
    *file_bytes = offset;
    return index;
}

static enum neuron_status
write_parts(const struct neuron_whole_file *file, const struct neuron_packed_part *parts,
            uint64_t part_count, uint64_t offset, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint64_t i = 0; status == NEURON_OK && i < part_count; i += 1) {
        status = neuron_whole_file_write(file, parts[i].bytes, (size_t)parts[i].size_bytes, offset,
                                         error);
        offset = align_up(offset + parts[i].size_bytes, ALIGNMENT);
    }
    return status;
}

enum neuron_status
neuron_packed_file_write(const char *path, const struct neuron_neff_checksum *key,
                         const struct neuron_packed_part *parts, uint64_t part_count,
                         struct neuron_error *error)
{
    struct neuron_whole_file file = {.descriptor = -1};
    uint64_t index_bytes = 0;
    uint64_t file_bytes = 0;
    unsigned char *index = make_index(key, parts, part_count, &index_bytes, &file_bytes);

    if (index == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a file of weights");
    }
    enum neuron_status status = neuron_whole_file_open(&file, path, error);
    if (status == NEURON_OK) {
        status = neuron_whole_file_resize(&file, file_bytes, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_write(&file, index, (size_t)index_bytes, 0, error);
    }
    if (status == NEURON_OK) {
        status = write_parts(&file, parts, part_count, align_up(index_bytes, PAGE_BYTES), error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_settle(&file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&file, error);
    }
    neuron_whole_file_close(&file);
    free(index);
    return status;
}

/* Says whether a file is one that only this user, or root, can have written. */
static bool
is_trusted(const struct stat *status)
{
    return S_ISREG(status->st_mode) && (status->st_uid == geteuid() || status->st_uid == 0) &&
           (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static enum neuron_status
refuse_file(const char *path, const char *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "%s: %s", path, reason);
}

/* Says whether each entry lies inside of the file, and they are in order. */
static bool
entries_fit(const struct neuron_packed_entry *entries, uint64_t count, uint64_t file_bytes)
{
    for (uint64_t i = 0; i < count; i += 1) {
        const struct neuron_packed_entry *entry = &entries[i];

        if (entry->offset % ALIGNMENT != 0 || entry->offset > file_bytes ||
            entry->size_bytes > file_bytes - entry->offset ||
            (i > 0 && entry->storage <= entries[i - 1].storage)) {
            return false;
        }
    }
    return true;
}

/* Checks what is mapped. */
static enum neuron_status
check_mapped(const char *path, const struct neuron_neff_checksum *key,
             struct neuron_packed_file *file, struct neuron_error *error)
{
    const unsigned char *bytes = file->mapping.address;
    struct packed_header header;

    memcpy(&header, bytes, sizeof(header));
    if (memcmp(header.magic, magic, sizeof(magic)) != 0 || header.version != VERSION) {
        return refuse_file(path, "it is no file of packed weights of this version", error);
    }
    if (header.file_bytes != file->mapping.size_bytes || header.entry_count > ENTRY_LIMIT ||
        header.entry_count * sizeof(struct neuron_packed_entry) >
            file->mapping.size_bytes - sizeof(header)) {
        return refuse_file(path, "it is cut off", error);
    }
    struct neuron_neff_checksum checksum = checksum_of(bytes, header.entry_count);
    if (memcmp(&checksum, &header.checksum, sizeof(checksum)) != 0) {
        return refuse_file(path, "its checksum does not match", error);
    }
    if (memcmp(&header.key, key, sizeof(*key)) != 0) {
        return refuse_file(path, "it belongs to another plan", error);
    }
    /* Aligned: the header is a multiple of 8 bytes, and the mapping begins with a page. */
    file->entries = (const void *)(bytes + sizeof(header));
    file->entry_count = header.entry_count;
    return entries_fit(file->entries, header.entry_count, header.file_bytes)
               ? NEURON_OK
               : refuse_file(path, "its entries do not fit", error);
}

static enum neuron_status
map_open(int descriptor, const char *path, struct neuron_packed_file *file,
         struct neuron_error *error)
{
    struct stat status;

    if (fstat(descriptor, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    if (!is_trusted(&status)) {
        return refuse_file(path, "others may write to it", error);
    }
    if ((uint64_t)status.st_size < sizeof(struct packed_header)) {
        return refuse_file(path, "it is cut off", error);
    }
    void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapping == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    file->mapping =
        (struct neuron_file_mapping){.address = mapping, .size_bytes = (size_t)status.st_size};
    return NEURON_OK;
}

enum neuron_status
neuron_packed_file_map(const char *path, const struct neuron_neff_checksum *key,
                       struct neuron_packed_file *file, struct neuron_error *error)
{
    struct neuron_packed_file mapped = {0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (descriptor < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    enum neuron_status status = map_open(descriptor, path, &mapped, error);
    (void)close(descriptor);
    if (status == NEURON_OK) {
        status = check_mapped(path, key, &mapped, error);
    }
    if (status != NEURON_OK) {
        neuron_packed_file_close(&mapped);
        return status;
    }
    *file = mapped;
    return NEURON_OK;
}

void
neuron_packed_file_close(struct neuron_packed_file *file)
{
    if (file->mapping.address != NULL) {
        (void)munmap(file->mapping.address, file->mapping.size_bytes);
    }
    *file = (struct neuron_packed_file){0};
}

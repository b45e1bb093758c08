/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/neff_backing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neff/maps_line.h"
#include "neff/neff_graph.h"

/* A piece of a mapped file. */
struct mapped_piece {
    struct neuron_maps_cover cover;
    char *path; /* as the kernel has it, which need not lead to the file any more */
};

/* Follows the lines until they cover the range, and keeps the path of the first one that does. */
static bool
read_lines(FILE *maps, struct mapped_piece *piece)
{
    struct neuron_maps_cover *cover = &piece->cover;
    struct neuron_maps_line parsed = {0};
    size_t capacity = 0;
    char *line = NULL;

    while (cover->reached < cover->end && getline(&line, &capacity, maps) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (!neuron_maps_line_parse(line, &parsed) || !neuron_maps_cover_extend(cover, &parsed)) {
            break;
        }
        if (cover->reached > cover->start && piece->path == NULL) {
            piece->path = strdup(parsed.path);
        }
    }
    free(line);
    return cover->reached == cover->end && piece->path != NULL;
}

/* Says which piece of a file a range of our memory is; false when it is none. The caller frees the
   path in both cases. */
static bool
find_piece(const void *bytes, size_t size_bytes, struct mapped_piece *piece)
{
    const uint64_t start = (uintptr_t)bytes;

    *piece = (struct mapped_piece){.cover = {.start = start, .reached = start}};
    if (__builtin_add_overflow(start, (uint64_t)size_bytes, &piece->cover.end)) {
        return false;
    }
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) {
        return false;
    }
    bool is_found = read_lines(maps, piece);
    (void)fclose(maps);
    return is_found;
}

/* Maps the piece of an open file; false when the file has no such piece or cannot be mapped. */
static bool
map_piece(int descriptor, uint64_t offset, size_t size_bytes, struct neuron_neff_backing *backing)
{
    const uint64_t lead_bytes = offset % (uint64_t)sysconf(_SC_PAGESIZE);
    struct stat status;
    uint64_t end = 0;

    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
        __builtin_add_overflow(offset, (uint64_t)size_bytes, &end) ||
        end > (uint64_t)status.st_size) {
        return false;
    }
    size_t mapping_bytes = size_bytes + (size_t)lead_bytes;
    void *mapping =
        mmap(NULL, mapping_bytes, PROT_READ, MAP_SHARED, descriptor, (off_t)(offset - lead_bytes));
    if (mapping == MAP_FAILED) {
        return false;
    }
    *backing = (struct neuron_neff_backing){.mapping = mapping,
                                            .mapping_bytes = mapping_bytes,
                                            .bytes = (const unsigned char *)mapping + lead_bytes,
                                            .is_file_backed = true};
    return true;
}

/*
 * The path may lead to another file by now. Device and inode are compared as the kernel lists them
 * for both mappings, since fstat() names others for one and the same file on overlayfs and btrfs.
 */
static bool
is_same_file(const struct mapped_piece *piece, const struct neuron_neff_backing *backing)
{
    struct mapped_piece ours;
    bool is_same = find_piece(backing->mapping, backing->mapping_bytes, &ours) &&
                   ours.cover.device_major == piece->cover.device_major &&
                   ours.cover.device_minor == piece->cover.device_minor &&
                   ours.cover.inode == piece->cover.inode;

    free(ours.path);
    return is_same;
}

/* Maps the piece of the file under its path. */
static bool
open_piece(const struct mapped_piece *piece, size_t size_bytes, struct neuron_neff_backing *backing)
{
    /* O_NONBLOCK, so that a pipe that took the name does not keep the caller waiting. */
    int descriptor = open(piece->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (descriptor < 0) {
        return false;
    }
    bool is_mapped = map_piece(descriptor, piece->cover.offset, size_bytes, backing);
    (void)close(descriptor);
    return is_mapped;
}

/* Memory that was mapped privately may have been changed since, which the file knows nothing of. */
static bool
map_again(const void *bytes, size_t size_bytes, struct neuron_neff_backing *backing)
{
    struct neuron_neff_backing mapped = {0};
    struct mapped_piece piece;
    bool is_mapped =
        find_piece(bytes, size_bytes, &piece) && open_piece(&piece, size_bytes, &mapped);

    if (is_mapped &&
        (!is_same_file(&piece, &mapped) || memcmp(mapped.bytes, bytes, size_bytes) != 0)) {
        (void)munmap(mapped.mapping, mapped.mapping_bytes);
        is_mapped = false;
    }
    free(piece.path);
    if (is_mapped) {
        *backing = mapped;
    }
    return is_mapped;
}

static enum neuron_status
copy(const void *bytes, size_t size_bytes, struct neuron_neff_backing *backing,
     struct neuron_error *error)
{
    void *mapping =
        mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapping == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no room for a copy of %zu bytes: %s",
                           size_bytes, strerrordesc_np(errno));
    }
    memcpy(mapping, bytes, size_bytes);
    /* As a mapped file is; nothing depends on it. */
    (void)mprotect(mapping, size_bytes, PROT_READ);
    *backing = (struct neuron_neff_backing){
        .mapping = mapping, .mapping_bytes = size_bytes, .bytes = mapping};
    return NEURON_OK;
}

enum neuron_status
neuron_neff_backing_create(const void *bytes, size_t size_bytes,
                           struct neuron_neff_backing *backing, struct neuron_error *error)
{
    /* Sections and constants are aligned in the file, so they are where the file begins aligned. */
    if ((uintptr_t)bytes % NEURON_NEFF_CONSTANT_ALIGNMENT == 0 &&
        map_again(bytes, size_bytes, backing)) {
        return NEURON_OK;
    }
    return copy(bytes, size_bytes, backing, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is written beside its place under a name of its own, and only takes its place when all
 * of it is on the disk. Its header is written last, when the checksums are known.
 */
#include "neff/neff_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "neff/neff_graph.h"
#include "neff/neff_header.h"

/* A constant is written as it lies in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the weights of a NEFF file are little-endian");

enum { PART_NAME_LIMIT = 100 };

/* A file on its way to its place. */
struct part_file {
    const char *path; /* where it is to be */
    char *part_path;  /* where it is written */
    int descriptor;   /* -1 when not open */
    bool exists;
};

/* Refuses with the reason of a system call that failed. */
static enum neuron_status
refuse_write(const struct part_file *part, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "cannot write %s: %s; name a place with room that you may write to",
                       part->path, strerrordesc_np(reason));
}

/* What is no regular file, such as /dev/null, is not to be replaced by one. */
static enum neuron_status
check_place(const char *path, struct neuron_error *error)
{
    struct stat place;

    if (stat(path, &place) == 0 && !S_ISREG(place.st_mode)) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot write %s: it exists and is no regular file; name another place",
                           path);
    }
    return NEURON_OK;
}

/* Two threads may compile to one place, and a process that died may have left its part. */
static enum neuron_status
open_part(struct part_file *part, struct neuron_error *error)
{
    const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    size_t room_bytes = strlen(part->path) + 64;

    part->part_path = malloc(room_bytes);
    if (part->part_path == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the name of a file");
    }
    errno = EEXIST;
    for (int i = 0; part->descriptor < 0 && errno == EEXIST && i < PART_NAME_LIMIT; i += 1) {
        (void)snprintf(part->part_path, room_bytes, "%s.part-%ld-%d", part->path, (long)getpid(),
                       i);
        part->descriptor = open(part->part_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    }
    if (part->descriptor < 0) {
        return refuse_write(part, errno, error);
    }
    part->exists = true;
    return NEURON_OK;
}

/* Leaves nothing behind unless the part has taken its place. */
static void
close_part(struct part_file *part)
{
    if (part->descriptor >= 0) {
        (void)close(part->descriptor);
    }
    if (part->exists) {
        (void)unlink(part->part_path);
    }
    free(part->part_path);
}

static enum neuron_status
write_at(const struct part_file *part, const void *bytes, size_t size_bytes, uint64_t offset,
         struct neuron_error *error)
{
    const unsigned char *next = bytes;

    while (size_bytes > 0) {
        ssize_t written = pwrite(part->descriptor, next, size_bytes, (off_t)offset);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return refuse_write(part, written < 0 ? errno : ENOSPC, error);
        }
        next += written;
        offset += (uint64_t)written;
        size_bytes -= (size_t)written;
    }
    return NEURON_OK;
}

/* Writes each constant to its place, and hashes the section with the zeros that lie between. */
static enum neuron_status
write_constants(const struct part_file *part, const struct neuron_graph *graph,
                const uint64_t *offsets, const struct neuron_neff_section *section,
                XXH3_state_t *hash, struct neuron_error *error)
{
    static const unsigned char zeros[NEURON_NEFF_CONSTANT_ALIGNMENT] = {0};
    enum neuron_status status = NEURON_OK;
    uint64_t end = 0;

    for (uint32_t i = 0; status == NEURON_OK && i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);

        if (value->origin != NEURON_VALUE_CONSTANT) {
            continue;
        }
        (void)XXH3_128bits_update(hash, zeros, (size_t)(offsets[i] - end));
        if (size_bytes > 0) {
            (void)XXH3_128bits_update(hash, value->constant, size_bytes);
        }
        status = write_at(part, value->constant, size_bytes, section->offset + offsets[i], error);
        end = offsets[i] + size_bytes;
    }
    return status;
}

static enum neuron_status
write_weights(const struct part_file *part, const struct neuron_graph *graph,
              const uint64_t *offsets, struct neuron_neff_section *section,
              struct neuron_error *error)
{
    XXH3_state_t *hash = XXH3_createState();

    if (hash == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a checksum");
    }
    (void)XXH3_128bits_reset(hash);
    enum neuron_status status = write_constants(part, graph, offsets, section, hash, error);
    if (status == NEURON_OK) {
        XXH128_canonical_t canonical;

        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash));
        memcpy(section->checksum.bytes, canonical.digest, sizeof(section->checksum.bytes));
    }
    (void)XXH3_freeState(hash);
    return status;
}

/* Fills in where the sections lie. All sizes are bounded where they come from. */
static void
lay_out(struct neuron_neff_header *header, size_t graph_bytes, uint64_t weights_bytes)
{
    const uint64_t mask = NEURON_NEFF_WEIGHTS_ALIGNMENT - 1;

    header->graph.offset = NEURON_NEFF_HEADER_BYTES;
    header->graph.size_bytes = graph_bytes;
    header->weights.offset = (header->graph.offset + graph_bytes + mask) & ~mask;
    header->weights.size_bytes = weights_bytes;
    header->file_bytes = header->weights.offset + weights_bytes;
}

/* Writes everything; the part is open. */
static enum neuron_status
write_sections(const struct part_file *part, const struct neuron_graph *graph,
               const uint64_t *offsets, struct neuron_neff_header *header,
               struct neuron_error *error)
{
    unsigned char header_bytes[NEURON_NEFF_HEADER_BYTES];
    unsigned char *graph_bytes = NULL;
    size_t graph_size = 0;
    enum neuron_status status =
        neuron_neff_graph_encode(graph, offsets, &graph_bytes, &graph_size, error);

    if (status != NEURON_OK) {
        return status;
    }
    lay_out(header, graph_size, header->weights.size_bytes);
    header->graph.checksum = neuron_neff_checksum_of(graph_bytes, graph_size);
    /* All bytes between the sections are zero from now on. */
    if (ftruncate(part->descriptor, (off_t)header->file_bytes) != 0) {
        status = refuse_write(part, errno, error);
    }
    if (status == NEURON_OK) {
        status = write_at(part, graph_bytes, graph_size, header->graph.offset, error);
    }
    if (status == NEURON_OK) {
        status = write_weights(part, graph, offsets, &header->weights, error);
    }
    if (status == NEURON_OK) {
        header->uuid = neuron_neff_header_uuid(header);
        neuron_neff_header_encode(header, header_bytes);
        status = write_at(part, header_bytes, sizeof(header_bytes), 0, error);
    }
    free(graph_bytes);
    return status;
}

/* Makes the new name of the file last. Some file systems cannot; the name is there all the same. */
static enum neuron_status
sync_folder(const struct part_file *part, struct neuron_error *error)
{
    char *folder = strdup(part->path);
    enum neuron_status status = NEURON_OK;

    if (folder == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the name of a folder");
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    int descriptor = open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (descriptor < 0) {
        return NEURON_OK;
    }
    if (fsync(descriptor) != 0 && errno == EIO) {
        status = refuse_write(part, EIO, error);
    }
    (void)close(descriptor);
    return status;
}

/* Puts the part, which is written, into its place. */
static enum neuron_status
finish_part(struct part_file *part, struct neuron_error *error)
{
    int descriptor = part->descriptor;

    if (fsync(descriptor) != 0) {
        return refuse_write(part, errno, error);
    }
    /* Some file systems say only here that there was no room. */
    part->descriptor = -1;
    if (close(descriptor) != 0) {
        return refuse_write(part, errno, error);
    }
    if (rename(part->part_path, part->path) != 0) {
        return refuse_write(part, errno, error);
    }
    part->exists = false;
    return sync_folder(part, error);
}

/* Writes a graph whose constants have their offsets and a header that has its texts. */
static enum neuron_status
write_file(const struct neuron_graph *graph, const uint64_t *offsets,
           struct neuron_neff_header *header, const char *path, struct neuron_error *error)
{
    struct part_file part = {.path = path, .descriptor = -1};
    enum neuron_status status = check_place(path, error);

    if (status == NEURON_OK) {
        status = open_part(&part, error);
    }
    if (status == NEURON_OK) {
        status = write_sections(&part, graph, offsets, header, error);
    }
    if (status == NEURON_OK) {
        status = finish_part(&part, error);
    }
    close_part(&part);
    return status;
}

enum neuron_status
neuron_neff_write(const struct neuron_graph *graph, const char *name, const char *path,
                  struct neuron_error *error)
{
    struct neuron_neff_header header = {.version_major = NEURON_NEFF_VERSION_MAJOR,
                                        .version_minor = NEURON_NEFF_VERSION_MINOR,
                                        .core_count = 1,
                                        .build = "neuron " NEURON_VERSION_TEXT};

    if (snprintf(header.name, sizeof(header.name), "%s", name) >= (int)sizeof(header.name)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the name of the model has more than %zu bytes: %.60s...",
                           sizeof(header.name) - 1, name);
    }
    uint64_t *offsets = calloc((size_t)graph->value_count + 1, sizeof(*offsets));
    if (offsets == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    enum neuron_status status =
        neuron_neff_place_constants(graph, offsets, &header.weights.size_bytes, error);
    if (status == NEURON_OK) {
        status = write_file(graph, offsets, &header, path, error);
    }
    free(offsets);
    return status;
}

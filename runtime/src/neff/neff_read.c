/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/neff_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/weight.h"
#include "neff/foreign_neff.h"
#include "neff/neff_backing.h"
#include "neff/neff_graph.h"
#include "neff/neff_header.h"

/* Constants are used where they lie in the file. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the weights of a NEFF file are little-endian");

/* How errors name a file that has no path. */
static const char memory_name[] = "the model in memory";

/* Puts the name of the file before a reason, and what to do behind it. */
static enum neuron_status
blame_file(const char *path, const struct neuron_error *reason, struct neuron_error *error)
{
    const char *advice = "";

    if (reason->status == NEURON_DAMAGED_MODEL) {
        advice = "; compile the model again";
    } else if (reason->status == NEURON_UNSUPPORTED_MODEL) {
        advice = "; compile the model with this version, or update";
    } else {
        return NEURON_FAIL(error, reason->status, "cannot load %s: %s", path, reason->text);
    }
    return NEURON_FAIL(error, reason->status, "%s %s%s", path, reason->text, advice);
}

static enum neuron_status
refuse_short(const char *name, intmax_t size_bytes, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                       "%s is no NEFF file: it is %" PRIdMAX
                       " bytes long, and its header alone takes %d; compile the model again",
                       name, size_bytes, NEURON_NEFF_HEADER_BYTES);
}

/* The same name, but a program for other hardware: its advice is another, too. */
static enum neuron_status
refuse_foreign(const char *name, const unsigned char *bytes, size_t size_bytes,
               struct neuron_error *error)
{
    struct neuron_foreign_neff foreign = {0};

    if (!neuron_foreign_neff_recognize(bytes, size_bytes, &foreign)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                       "%s is a NEFF of version %" PRIu64 ".%" PRIu64
                       " for NeuronCores, which CPU cores cannot run; compile the ONNX file anew "
                       "with neuron-cc",
                       name, foreign.version_major, foreign.version_minor);
}

/* Maps the whole of an open file, which is a regular one and long enough for a header. */
static enum neuron_status
map_file(int descriptor, const char *path, struct neuron_neff_file *file,
         struct neuron_error *error)
{
    struct stat status;

    if (fstat(descriptor, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read %s: %s", path,
                           strerrordesc_np(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "%s is no NEFF file: it is no regular file; name a compiled model",
                           path);
    }
    if (status.st_size < NEURON_NEFF_HEADER_BYTES) {
        return refuse_short(path, (intmax_t)status.st_size, error);
    }
    void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapping == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot map %s: %s", path, strerrordesc_np(errno));
    }
    file->mapping = mapping;
    file->size_bytes = (size_t)status.st_size;
    file->is_file_backed = true;
    return NEURON_OK;
}

static enum neuron_status
open_and_map(const char *path, struct neuron_neff_file *file, struct neuron_error *error)
{
    /* O_NONBLOCK, so that a pipe of that name does not keep the caller waiting. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (descriptor < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open %s: %s; name a compiled model", path,
                           strerrordesc_np(errno));
    }
    enum neuron_status status = map_file(descriptor, path, file, error);
    (void)close(descriptor);
    return status;
}

static bool
is_zero(const unsigned char *bytes, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i += 1) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static enum neuron_status
check_section(const unsigned char *bytes, const struct neuron_neff_section *section,
              const char *name, struct neuron_error *error)
{
    struct neuron_neff_checksum checksum =
        neuron_neff_checksum_of(bytes + section->offset, (size_t)section->size_bytes);

    if (memcmp(checksum.bytes, section->checksum.bytes, sizeof(checksum.bytes)) != 0) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: the checksum of its %s does not match", name);
    }
    return NEURON_OK;
}

/* Checks what lies between the sections, too: no byte of the file goes unchecked. */
static enum neuron_status
check_contents(const unsigned char *bytes, const struct neuron_neff_header *header,
               struct neuron_error *error)
{
    uint64_t graph_end = header->graph.offset + header->graph.size_bytes;

    if (!is_zero(bytes, NEURON_NEFF_HEADER_BYTES, header->graph.offset) ||
        !is_zero(bytes, graph_end, header->weights.offset)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: there is something between its sections");
    }
    enum neuron_status status = check_section(bytes, &header->graph, "graph", error);
    if (status == NEURON_OK) {
        status = check_section(bytes, &header->weights, "weights", error);
    }
    return status;
}

/* Errors are texts to follow the name of the file, here and below. */
static enum neuron_status
check_header(const unsigned char *bytes, size_t size_bytes, struct neuron_neff_header *header,
             struct neuron_error *error)
{
    enum neuron_status status = neuron_neff_header_decode(bytes, header, error);

    return status == NEURON_OK ? neuron_neff_header_check_sizes(header, size_bytes, error) : status;
}

/* Refuses a header that speaks of other cores than the graph. */
static enum neuron_status
check_core_count(const struct neuron_neff_header *header, const struct neuron_graph *graph,
                 struct neuron_error *error)
{
    uint32_t core_count = neuron_core_split_core_count(&graph->split);

    if (header->core_count != core_count) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its header says that it takes %u cores, and its graph is "
                           "for %u",
                           header->core_count, core_count);
    }
    return NEURON_OK;
}

/* Reads what lies in the mapping of the file. */
static enum neuron_status
read_mapped(const unsigned char *bytes, size_t size_bytes, struct neuron_neff_file *file,
            struct neuron_error *error)
{
    struct neuron_neff_header header = {0};
    enum neuron_status status = check_header(bytes, size_bytes, &header, error);

    if (status == NEURON_OK) {
        status = check_contents(bytes, &header, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_neff_sections sections = {
        .graph = bytes + header.graph.offset,
        .graph_bytes = (size_t)header.graph.size_bytes,
        .weights = bytes + header.weights.offset,
        .weights_bytes = (size_t)header.weights.size_bytes,
    };
    memcpy(file->name, header.name, sizeof(file->name));
    file->uuid = neuron_neff_header_uuid(&header);
    file->bytes = bytes;
    file->sections[0] = header.graph;
    file->sections[1] = header.weights;
    status = neuron_neff_graph_decode(&sections, &file->graph, error);
    if (status == NEURON_OK) {
        file->graph->has_identity = neuron_weight_check_all(file->graph, NULL) == NEURON_OK;
        memcpy(file->graph->identity, file->uuid.bytes, sizeof(file->graph->identity));
    }
    if (status == NEURON_OK && file->is_file_backed) {
        file->graph->mapping =
            (struct neuron_file_mapping){.address = file->mapping, .size_bytes = file->size_bytes};
        for (uint32_t i = 0; i < file->graph->bucket_count; i += 1) {
            file->graph->buckets[i]->mapping = file->graph->mapping;
        }
    }
    return status == NEURON_OK ? check_core_count(&header, file->graph, error) : status;
}

enum neuron_status
neuron_neff_read(const char *path, struct neuron_neff_file *file, struct neuron_error *error)
{
    struct neuron_neff_file opened = {0};
    struct neuron_error reason = {0};
    enum neuron_status status = open_and_map(path, &opened, error);

    if (status != NEURON_OK) {
        return status;
    }
    status = refuse_foreign(path, opened.mapping, opened.size_bytes, error);
    if (status != NEURON_OK) {
        neuron_neff_close(&opened);
        return status;
    }
    status = read_mapped(opened.mapping, opened.size_bytes, &opened, &reason);
    if (status != NEURON_OK) {
        neuron_neff_close(&opened);
        return blame_file(path, &reason, error);
    }
    *file = opened;
    return NEURON_OK;
}

/* Gives the bytes a place that outlives the caller's, and reads them there. */
static enum neuron_status
read_backed(const void *bytes, size_t size_bytes, struct neuron_neff_file *file,
            struct neuron_error *error)
{
    struct neuron_neff_backing backing = {0};
    struct neuron_neff_header header = {0};
    /* First where they are: a wrong size leads no further than to the header. */
    enum neuron_status status = check_header(bytes, size_bytes, &header, error);

    if (status == NEURON_OK) {
        status = neuron_neff_backing_create(bytes, size_bytes, &backing, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    file->mapping = backing.mapping;
    file->size_bytes = backing.mapping_bytes;
    file->is_file_backed = backing.is_file_backed;
    return read_mapped(backing.bytes, size_bytes, file, error);
}

enum neuron_status
neuron_neff_read_bytes(const void *bytes, size_t size_bytes, struct neuron_neff_file *file,
                       struct neuron_error *error)
{
    struct neuron_neff_file opened = {0};
    struct neuron_error reason = {0};

    if (size_bytes < NEURON_NEFF_HEADER_BYTES) {
        return refuse_short(memory_name, (intmax_t)size_bytes, error);
    }
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "%s is no NEFF file: its address is NULL; give the bytes of a compiled "
                           "model",
                           memory_name);
    }
    enum neuron_status status = refuse_foreign(memory_name, bytes, size_bytes, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = read_backed(bytes, size_bytes, &opened, &reason);
    if (status != NEURON_OK) {
        neuron_neff_close(&opened);
        return blame_file(memory_name, &reason, error);
    }
    *file = opened;
    return NEURON_OK;
}

enum neuron_status
neuron_neff_check(const struct neuron_neff_file *file, struct neuron_error *error)
{
    static const char *const names[] = {"graph", "weights"};
    struct neuron_error reason = {0};

    for (size_t i = 0; file->is_file_backed && i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (check_section(file->bytes, &file->sections[i], names[i], &reason) != NEURON_OK) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "the model %s %s: its file was changed while it is loaded; load it "
                               "again, and replace files by renaming others",
                               file->name, reason.text);
        }
    }
    return NEURON_OK;
}

void
neuron_neff_close(struct neuron_neff_file *file)
{
    neuron_graph_destroy(file->graph);
    if (file->mapping != NULL) {
        (void)munmap(file->mapping, file->size_bytes);
    }
    *file = (struct neuron_neff_file){0};
}

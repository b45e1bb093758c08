/* SPDX-License-Identifier: Apache-2.0 */
/* The header is written last, when the checksums are known. */
#include "neff/neff_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "neff/neff_graph.h"
#include "neff/neff_header.h"
#include "whole_file.h"

/* A constant is written as it lies in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the weights of a NEFF file are little-endian");

/* A file on its way: the graphs of all buckets, largest first, and its header. */
struct writing {
    struct neuron_whole_file part;
    struct neuron_neff_placed_graph *placed;
    struct neuron_neff_bytes *encoded; /* one per graph; that of the first has all in it */
    uint32_t count;
    struct neuron_neff_header header;
};

/* Writes each constant of a graph to its place, unless it is there, and hashes the section with the
   zeros that lie between. */
static enum neuron_status
write_constants(const struct writing *writing, const struct neuron_neff_placed_graph *placed,
                uint64_t *end, XXH3_state_t *hash, struct neuron_error *error)
{
    static const unsigned char zeros[NEURON_NEFF_CONSTANT_ALIGNMENT] = {0};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < placed->graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &placed->graph->values[i];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);
        uint64_t offset = placed->offsets[i];

        if (value->origin != NEURON_VALUE_CONSTANT || value->is_replaceable || offset < *end) {
            continue;
        }
        (void)XXH3_128bits_update(hash, zeros, (size_t)(offset - *end));
        if (size_bytes > 0) {
            (void)XXH3_128bits_update(hash, value->constant, size_bytes);
        }
        status = neuron_whole_file_write(&writing->part, value->constant, size_bytes,
                                         writing->header.weights.offset + offset, error);
        *end = offset + size_bytes;
    }
    return status;
}

static enum neuron_status
write_weights(struct writing *writing, struct neuron_error *error)
{
    XXH3_state_t *hash = XXH3_createState();
    enum neuron_status status = NEURON_OK;
    uint64_t end = 0;

    if (hash == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a checksum");
    }
    (void)XXH3_128bits_reset(hash);
    for (uint32_t i = 0; status == NEURON_OK && i < writing->count; i += 1) {
        status = write_constants(writing, &writing->placed[i], &end, hash, error);
    }
    if (status == NEURON_OK) {
        struct neuron_neff_section *section = &writing->header.weights;
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

/* Encodes all graphs, the largest last, which has the others in it. */
static enum neuron_status
encode_graphs(struct writing *writing, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = writing->count; status == NEURON_OK && i > 0; i -= 1) {
        status = neuron_neff_graph_encode(&writing->placed[i - 1], &writing->encoded[1],
                                          i == 1 ? writing->count - 1 : 0, &writing->encoded[i - 1],
                                          error);
    }
    return status;
}

/* Writes everything; the part is open, and the graphs are encoded. */
static enum neuron_status
write_sections(struct writing *writing, struct neuron_error *error)
{
    unsigned char header_bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_neff_header *header = &writing->header;
    const struct neuron_neff_bytes *graph = &writing->encoded[0];

    lay_out(header, graph->size_bytes, header->weights.size_bytes);
    header->graph.checksum = neuron_neff_checksum_of(graph->bytes, graph->size_bytes);
    /* All bytes between the sections are zero from now on. */
    enum neuron_status status = neuron_whole_file_resize(&writing->part, header->file_bytes, error);
    if (status == NEURON_OK) {
        status = neuron_whole_file_write(&writing->part, graph->bytes, graph->size_bytes,
                                         header->graph.offset, error);
    }
    if (status == NEURON_OK) {
        status = write_weights(writing, error);
    }
    if (status == NEURON_OK) {
        header->uuid = neuron_neff_header_uuid(header);
        neuron_neff_header_encode(header, header_bytes);
        status =
            neuron_whole_file_write(&writing->part, header_bytes, sizeof(header_bytes), 0, error);
    }
    return status;
}

/* Writes graphs whose constants have their offsets, and a header that has its texts, to an open
   file. */
static enum neuron_status
write_open(struct writing *writing, struct neuron_error *error)
{
    enum neuron_status status = encode_graphs(writing, error);

    return status == NEURON_OK ? write_sections(writing, error) : status;
}

/* Writes the same to a file of that name. */
static enum neuron_status
write_file(struct writing *writing, const char *path, struct neuron_error *error)
{
    enum neuron_status status = neuron_whole_file_open(&writing->part, path, error);

    if (status == NEURON_OK) {
        status = write_open(writing, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_settle(&writing->part, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&writing->part, error);
    }
    neuron_whole_file_close(&writing->part);
    return status;
}

/* Makes room for the offsets of the graph and of its buckets. */
static enum neuron_status
take_graphs(const struct writing *writing, const struct neuron_graph *graph,
            struct neuron_error *error)
{
    for (uint32_t i = 0; i < writing->count; i += 1) {
        struct neuron_neff_placed_graph *placed = &writing->placed[i];

        placed->graph = i == 0 ? graph : graph->buckets[i - 1];
        placed->offsets = calloc((size_t)placed->graph->value_count + 1, sizeof(*placed->offsets));
        if (placed->offsets == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
        }
    }
    return NEURON_OK;
}

/* Writes a graph with its buckets; there is room for what is made of them. `path` is NULL where the
   part is open already. */
static enum neuron_status
write_graphs(struct writing *writing, const struct neuron_graph *graph, const char *path,
             struct neuron_error *error)
{
    enum neuron_status status = take_graphs(writing, graph, error);

    if (status == NEURON_OK) {
        status = neuron_neff_place_constants(writing->placed, writing->count,
                                             &writing->header.weights.size_bytes, error);
    }
    if (status == NEURON_OK) {
        status = path == NULL ? write_open(writing, error) : write_file(writing, path, error);
    }
    for (uint32_t i = 0; i < writing->count; i += 1) {
        free(writing->placed[i].offsets);
        free(writing->encoded[i].bytes);
    }
    return status;
}

/* What a reader must know of the graph. */
static uint64_t
features_of(const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].is_replaceable) {
            return NEURON_NEFF_WEIGHTS_APART;
        }
    }
    return 0;
}

/* Writes a model to a path, or for NULL to a descriptor. */
static enum neuron_status
write_model(const struct neuron_graph *graph, const char *name, const char *path, int descriptor,
            struct neuron_error *error)
{
    struct writing writing = {.part = {.path = "the copy of a model", .descriptor = descriptor},
                              .count = graph->bucket_count + 1,
                              .header = {.version_major = NEURON_NEFF_VERSION_MAJOR,
                                         .version_minor = NEURON_NEFF_VERSION_MINOR,
                                         .core_count = neuron_core_split_core_count(&graph->split),
                                         .features = features_of(graph),
                                         .build = "neuron " NEURON_VERSION_TEXT}};
    struct neuron_neff_header *header = &writing.header;

    if (snprintf(header->name, sizeof(header->name), "%s", name) >= (int)sizeof(header->name)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the name of the model has more than %zu bytes: %.60s...",
                           sizeof(header->name) - 1, name);
    }
    enum neuron_status status = NEURON_OUT_OF_MEMORY;
    struct neuron_neff_placed_graph *placed = calloc(writing.count, sizeof(*placed));
    struct neuron_neff_bytes *encoded = calloc(writing.count, sizeof(*encoded));
    writing.placed = placed;
    writing.encoded = encoded;
    if (placed == NULL || encoded == NULL) {
        neuron_error_set(error, status, "out of memory for a graph");
    } else {
        status = write_graphs(&writing, graph, path, error);
    }
    free(placed);
    free(encoded);
    return status;
}

enum neuron_status
neuron_neff_write(const struct neuron_graph *graph, const char *name, const char *path,
                  struct neuron_error *error)
{
    return write_model(graph, name, path, -1, error);
}

enum neuron_status
neuron_neff_write_open(const struct neuron_graph *graph, const char *name, int descriptor,
                       struct neuron_error *error)
{
    return write_model(graph, name, NULL, descriptor, error);
}

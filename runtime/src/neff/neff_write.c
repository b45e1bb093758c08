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

/* Writes each constant to its place, and hashes the section with the zeros that lie between. */
static enum neuron_status
write_constants(const struct neuron_whole_file *part, const struct neuron_graph *graph,
                const uint64_t *offsets, const struct neuron_neff_section *section,
                XXH3_state_t *hash, struct neuron_error *error)
{
    static const unsigned char zeros[NEURON_NEFF_CONSTANT_ALIGNMENT] = {0};
    enum neuron_status status = NEURON_OK;
    uint64_t end = 0;

    for (uint32_t i = 0; status == NEURON_OK && i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&value->shape);

        if (value->origin != NEURON_VALUE_CONSTANT || value->is_replaceable) {
            continue;
        }
        (void)XXH3_128bits_update(hash, zeros, (size_t)(offsets[i] - end));
        if (size_bytes > 0) {
            (void)XXH3_128bits_update(hash, value->constant, size_bytes);
        }
        status = neuron_whole_file_write(part, value->constant, size_bytes,
                                         section->offset + offsets[i], error);
        end = offsets[i] + size_bytes;
    }
    return status;
}

static enum neuron_status
write_weights(const struct neuron_whole_file *part, const struct neuron_graph *graph,
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
write_sections(const struct neuron_whole_file *part, const struct neuron_graph *graph,
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
    status = neuron_whole_file_resize(part, header->file_bytes, error);
    if (status == NEURON_OK) {
        status =
            neuron_whole_file_write(part, graph_bytes, graph_size, header->graph.offset, error);
    }
    if (status == NEURON_OK) {
        status = write_weights(part, graph, offsets, &header->weights, error);
    }
    if (status == NEURON_OK) {
        header->uuid = neuron_neff_header_uuid(header);
        neuron_neff_header_encode(header, header_bytes);
        status = neuron_whole_file_write(part, header_bytes, sizeof(header_bytes), 0, error);
    }
    free(graph_bytes);
    return status;
}

/* Writes a graph whose constants have their offsets and a header that has its texts. */
static enum neuron_status
write_file(const struct neuron_graph *graph, const uint64_t *offsets,
           struct neuron_neff_header *header, const char *path, struct neuron_error *error)
{
    struct neuron_whole_file part = {0};
    enum neuron_status status = neuron_whole_file_open(&part, path, error);

    if (status == NEURON_OK) {
        status = write_sections(&part, graph, offsets, header, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_settle(&part, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&part, error);
    }
    neuron_whole_file_close(&part);
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

enum neuron_status
neuron_neff_write(const struct neuron_graph *graph, const char *name, const char *path,
                  struct neuron_error *error)
{
    struct neuron_neff_header header = {.version_major = NEURON_NEFF_VERSION_MAJOR,
                                        .version_minor = NEURON_NEFF_VERSION_MINOR,
                                        .core_count = 1,
                                        .features = features_of(graph),
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "neff/neff_header.h"

#include <inttypes.h>
#include <string.h>

#include <xxhash.h>

#include "graph/core_split.h"

/* Where the fields lie. All numbers are little-endian; what is not named is 0. */
enum {
    AT_MAGIC = 0,
    AT_VERSION_MAJOR = 8,
    AT_VERSION_MINOR = 12,
    AT_HEADER_BYTES = 16,
    AT_CORE_COUNT = 20,
    AT_FILE_BYTES = 24,
    AT_GRAPH_OFFSET = 32,
    AT_GRAPH_BYTES = 40,
    AT_WEIGHTS_OFFSET = 48,
    AT_WEIGHTS_BYTES = 56,
    AT_GRAPH_CHECKSUM = 64,
    AT_WEIGHTS_CHECKSUM = 80,
    AT_UUID = 96,
    AT_FEATURES = 112,
    AT_NAME = 128,
    AT_BUILD = 384,
    AT_HEADER_CHECKSUM = NEURON_NEFF_HEADER_BYTES - NEURON_NEFF_CHECKSUM_BYTES
};

/* The first byte is no text, and the line ends do not survive a transfer as text. */
static const unsigned char magic[8] = {0x89, 'N', 'E', 'F', 'F', '\r', '\n', 0x1A};

static void
encode_number(unsigned char *bytes, uint64_t number, uint32_t byte_count)
{
    for (uint32_t i = 0; i < byte_count; i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i) & 0xFF);
    }
}

static uint64_t
decode_number(const unsigned char *bytes, uint32_t byte_count)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < byte_count; i += 1) {
        number |= (uint64_t)bytes[i] << (8 * i);
    }
    return number;
}

struct neuron_neff_checksum
neuron_neff_checksum_of(const void *bytes, size_t size_bytes)
{
    struct neuron_neff_checksum checksum;
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size_bytes));
    memcpy(checksum.bytes, canonical.digest, sizeof(checksum.bytes));
    return checksum;
}

struct neuron_neff_checksum
neuron_neff_header_uuid(const struct neuron_neff_header *header)
{
    unsigned char both[2 * NEURON_NEFF_CHECKSUM_BYTES];

    memcpy(both, header->graph.checksum.bytes, NEURON_NEFF_CHECKSUM_BYTES);
    memcpy(both + NEURON_NEFF_CHECKSUM_BYTES, header->weights.checksum.bytes,
           NEURON_NEFF_CHECKSUM_BYTES);
    return neuron_neff_checksum_of(both, sizeof(both));
}

void
neuron_neff_header_encode(const struct neuron_neff_header *header,
                          unsigned char bytes[NEURON_NEFF_HEADER_BYTES])
{
    memset(bytes, 0, NEURON_NEFF_HEADER_BYTES);
    memcpy(bytes + AT_MAGIC, magic, sizeof(magic));
    encode_number(bytes + AT_VERSION_MAJOR, header->version_major, 4);
    encode_number(bytes + AT_VERSION_MINOR, header->version_minor, 4);
    encode_number(bytes + AT_HEADER_BYTES, NEURON_NEFF_HEADER_BYTES, 4);
    encode_number(bytes + AT_CORE_COUNT, header->core_count, 4);
    encode_number(bytes + AT_FILE_BYTES, header->file_bytes, 8);
    encode_number(bytes + AT_GRAPH_OFFSET, header->graph.offset, 8);
    encode_number(bytes + AT_GRAPH_BYTES, header->graph.size_bytes, 8);
    encode_number(bytes + AT_WEIGHTS_OFFSET, header->weights.offset, 8);
    encode_number(bytes + AT_WEIGHTS_BYTES, header->weights.size_bytes, 8);
    memcpy(bytes + AT_GRAPH_CHECKSUM, header->graph.checksum.bytes, NEURON_NEFF_CHECKSUM_BYTES);
    memcpy(bytes + AT_WEIGHTS_CHECKSUM, header->weights.checksum.bytes, NEURON_NEFF_CHECKSUM_BYTES);
    memcpy(bytes + AT_UUID, header->uuid.bytes, NEURON_NEFF_CHECKSUM_BYTES);
    encode_number(bytes + AT_FEATURES, header->features, 8);
    memcpy(bytes + AT_NAME, header->name, strlen(header->name));
    memcpy(bytes + AT_BUILD, header->build, strlen(header->build));
    struct neuron_neff_checksum checksum = neuron_neff_checksum_of(bytes, AT_HEADER_CHECKSUM);
    memcpy(bytes + AT_HEADER_CHECKSUM, checksum.bytes, sizeof(checksum.bytes));
}

/* Refuses bytes that are no header, or not the header that was written. */
static enum neuron_status
check_integrity(const unsigned char *bytes, struct neuron_error *error)
{
    if (memcmp(bytes + AT_MAGIC, magic, sizeof(magic)) != 0) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is no NEFF file: it does not begin as one");
    }
    struct neuron_neff_checksum checksum = neuron_neff_checksum_of(bytes, AT_HEADER_CHECKSUM);
    if (memcmp(bytes + AT_HEADER_CHECKSUM, checksum.bytes, sizeof(checksum.bytes)) != 0) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: the checksum of its header does not match");
    }
    return NEURON_OK;
}

/* The texts of a header that has the right checksum may still come from a foreign writer. */
static enum neuron_status
check_contents(const struct neuron_neff_header *header, struct neuron_error *error)
{
    if ((header->features & ~(uint64_t)NEURON_NEFF_ALL_FEATURES) != 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "was written by a newer version: it needs features 0x%" PRIx64
                           " that this program does not have",
                           header->features);
    }
    if (header->core_count == 0 || header->core_count > NEURON_CORE_LIMIT) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "is compiled for %u cores, and this program runs a model on 1 to %d",
                           header->core_count, NEURON_CORE_LIMIT);
    }
    if (memchr(header->name, '\0', sizeof(header->name)) == NULL ||
        memchr(header->build, '\0', sizeof(header->build)) == NULL) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: a text in its header has no end");
    }
    return NEURON_OK;
}

static struct neuron_neff_section
decode_section(const unsigned char *numbers, const unsigned char *checksum)
{
    struct neuron_neff_section section = {.offset = decode_number(numbers, 8),
                                          .size_bytes = decode_number(numbers + 8, 8)};

    memcpy(section.checksum.bytes, checksum, sizeof(section.checksum.bytes));
    return section;
}

enum neuron_status
neuron_neff_header_decode(const unsigned char *bytes, struct neuron_neff_header *header,
                          struct neuron_error *error)
{
    struct neuron_neff_header decoded = {0};
    enum neuron_status status = check_integrity(bytes, error);

    if (status != NEURON_OK) {
        return status;
    }
    decoded.version_major = (uint32_t)decode_number(bytes + AT_VERSION_MAJOR, 4);
    decoded.version_minor = (uint32_t)decode_number(bytes + AT_VERSION_MINOR, 4);
    if (decoded.version_major > NEURON_NEFF_VERSION_MAJOR) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "was written by a newer version: file %u.%u, this program reads up to "
                           "%d.x",
                           decoded.version_major, decoded.version_minor, NEURON_NEFF_VERSION_MAJOR);
    }
    if (decoded.version_major > 0 && decoded.version_major < NEURON_NEFF_VERSION_MAJOR) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "was written by an older version: file %u.%u, this program reads %d.x",
                           decoded.version_major, decoded.version_minor, NEURON_NEFF_VERSION_MAJOR);
    }
    if (decoded.version_major < 1 ||
        decode_number(bytes + AT_HEADER_BYTES, 4) != NEURON_NEFF_HEADER_BYTES) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: there is no version %u.%u with a header of %u bytes",
                           decoded.version_major, decoded.version_minor,
                           (uint32_t)decode_number(bytes + AT_HEADER_BYTES, 4));
    }
    decoded.core_count = (uint32_t)decode_number(bytes + AT_CORE_COUNT, 4);
    decoded.features = decode_number(bytes + AT_FEATURES, 8);
    decoded.file_bytes = decode_number(bytes + AT_FILE_BYTES, 8);
    decoded.graph = decode_section(bytes + AT_GRAPH_OFFSET, bytes + AT_GRAPH_CHECKSUM);
    decoded.weights = decode_section(bytes + AT_WEIGHTS_OFFSET, bytes + AT_WEIGHTS_CHECKSUM);
    memcpy(decoded.uuid.bytes, bytes + AT_UUID, sizeof(decoded.uuid.bytes));
    memcpy(decoded.name, bytes + AT_NAME, sizeof(decoded.name));
    memcpy(decoded.build, bytes + AT_BUILD, sizeof(decoded.build));
    status = check_contents(&decoded, error);
    if (status == NEURON_OK) {
        *header = decoded;
    }
    return status;
}

enum neuron_status
neuron_neff_header_check_sizes(const struct neuron_neff_header *header, uint64_t file_bytes,
                               struct neuron_error *error)
{
    const struct neuron_neff_section *graph = &header->graph;
    const struct neuron_neff_section *weights = &header->weights;
    uint64_t graph_end = 0;
    uint64_t weights_end = 0;

    if (header->file_bytes != file_bytes) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: it is %" PRIu64 " bytes long and was written with %" PRIu64,
                           file_bytes, header->file_bytes);
    }
    if (graph->offset < NEURON_NEFF_HEADER_BYTES ||
        __builtin_add_overflow(graph->offset, graph->size_bytes, &graph_end) ||
        graph_end > weights->offset) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its graph (%" PRIu64 " bytes at %" PRIu64
                           ") does not lie between header and weights",
                           graph->size_bytes, graph->offset);
    }
    if (weights->offset % NEURON_NEFF_WEIGHTS_ALIGNMENT != 0 ||
        __builtin_add_overflow(weights->offset, weights->size_bytes, &weights_end) ||
        weights_end != file_bytes) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "is damaged: its weights (%" PRIu64 " bytes at %" PRIu64
                           ") are not aligned or do not end with the file",
                           weights->size_bytes, weights->offset);
    }
    return NEURON_OK;
}

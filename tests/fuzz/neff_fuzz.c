/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole NEFF file in memory. Checksums and the file's size are put right before it is read, so
 * that the fuzzer gets past them to what they protect.
 */
#include "neff/neff_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/weight.h"
#include "neff/neff_header.h"

enum { LIMIT_BYTES = 1 << 16 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "neff_fuzz: %s\n", what);
        abort();
    }
}

/* Recomputes a section's checksum where the section lies in the file. */
static void
seal_section(const unsigned char *bytes, size_t size_bytes, struct neuron_neff_section *section)
{
    if (section->offset <= size_bytes && section->size_bytes <= size_bytes - section->offset) {
        section->checksum =
            neuron_neff_checksum_of(bytes + section->offset, (size_t)section->size_bytes);
    }
}

/* Puts right what a fuzzer cannot find: the mark, the header's checksum, and the sections'. */
static void
seal(unsigned char *bytes, size_t size_bytes)
{
    static const unsigned char magic[] = {0x89, 'N', 'E', 'F', 'F', '\r', '\n', 0x1A};
    const size_t covered = NEURON_NEFF_HEADER_BYTES - NEURON_NEFF_CHECKSUM_BYTES;
    struct neuron_neff_header header = {0};

    memcpy(bytes, magic, sizeof(magic));
    struct neuron_neff_checksum checksum = neuron_neff_checksum_of(bytes, covered);
    memcpy(bytes + covered, checksum.bytes, sizeof(checksum.bytes));
    if (neuron_neff_header_decode(bytes, &header, NULL) == NEURON_OK) {
        header.file_bytes = size_bytes;
        seal_section(bytes, size_bytes, &header.graph);
        seal_section(bytes, size_bytes, &header.weights);
        neuron_neff_header_encode(&header, bytes);
    }
}

/* Reads every constant that is there to its end: each lies in the mapping. */
static void
read_constants(const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];

        if (value->origin == NEURON_VALUE_CONSTANT && !neuron_weight_is_missing(value)) {
            (void)neuron_neff_checksum_of(value->constant,
                                          neuron_tensor_shape_size_bytes(&value->shape));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    if (size_bytes > LIMIT_BYTES) {
        return 0;
    }
    /* An odd address: copied at once, without a look at the mappings of the process. */
    unsigned char *memory = malloc(size_bytes + 1);
    require(memory != NULL, "out of memory");
    memcpy(memory + 1, bytes, size_bytes);
    if (size_bytes >= NEURON_NEFF_HEADER_BYTES) {
        seal(memory + 1, size_bytes);
    }
    enum neuron_status status = neuron_neff_read_bytes(memory + 1, size_bytes, &file, &error);
    free(memory);
    if (status == NEURON_OK) {
        require(!file.is_file_backed, "memory of no file is mapped");
        read_constants(file.graph);
        for (uint32_t i = 0; i < file.graph->bucket_count; i += 1) {
            read_constants(file.graph->buckets[i]);
        }
        neuron_neff_close(&file);
    } else {
        require(status == NEURON_DAMAGED_MODEL || status == NEURON_UNSUPPORTED_MODEL,
                "refused for another reason than the file");
        require(error.status == status && error.text[0] != '\0', "a refusal without a reason");
    }
    return 0;
}

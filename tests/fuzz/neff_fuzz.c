/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole NEFF file. Checksums and the file's size are put right before it is read, so that the
 * fuzzer gets past them to what they protect.
 */
#include "neff/neff_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neff/neff_header.h"

enum { ROOM_BYTES = 1 << 16 };

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

/* Reads every constant to its end: each lies in the mapping. */
static void
read_constants(const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        const struct neuron_graph_value *value = &graph->values[i];

        if (value->origin == NEURON_VALUE_CONSTANT) {
            (void)neuron_neff_checksum_of(value->constant,
                                          neuron_tensor_shape_size_bytes(&value->shape));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static unsigned char file_bytes[ROOM_BYTES];
    struct neuron_neff_file file = {0};
    struct neuron_error error;
    char path[64] = "";

    if (size_bytes > sizeof(file_bytes)) {
        return 0;
    }
    memcpy(file_bytes, bytes, size_bytes);
    if (size_bytes >= NEURON_NEFF_HEADER_BYTES) {
        seal(file_bytes, size_bytes);
    }
    int descriptor = memfd_create("fuzz.neff", MFD_CLOEXEC);
    require(descriptor >= 0, "no file in memory");
    require(write(descriptor, file_bytes, size_bytes) == (ssize_t)size_bytes, "a short write");
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    if (neuron_neff_read(path, &file, &error) == NEURON_OK) {
        read_constants(file.graph);
        neuron_neff_close(&file);
    } else {
        require(error.status == NEURON_DAMAGED_MODEL || error.status == NEURON_UNSUPPORTED_MODEL,
                "refused for another reason than the file");
    }
    require(close(descriptor) == 0, "the file does not close");
    return 0;
}

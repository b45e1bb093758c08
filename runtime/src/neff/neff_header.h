/* SPDX-License-Identifier: Apache-2.0 */
/* The first 1024 bytes of a NEFF file: bytes to values and back, and what the values must be. */
#ifndef NEURON_NEFF_NEFF_HEADER_H
#define NEURON_NEFF_NEFF_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

enum {
    NEURON_NEFF_HEADER_BYTES = 1024,
    NEURON_NEFF_VERSION_MAJOR = 2, /* a reader refuses any other one */
    NEURON_NEFF_VERSION_MINOR = 0, /* a reader accepts a larger one */
    NEURON_NEFF_CHECKSUM_BYTES = 16,
    NEURON_NEFF_BUILD_LIMIT_BYTES = 128,
    NEURON_NEFF_WEIGHTS_ALIGNMENT = 4096 /* of the weights section in the file */
};

/* XXH3 of 128 bits, in its canonical order of bytes. */
struct neuron_neff_checksum {
    unsigned char bytes[NEURON_NEFF_CHECKSUM_BYTES];
};

/* What a reader must know to read a file rightly. */
enum neuron_neff_feature {
    NEURON_NEFF_WEIGHTS_APART = 1 << 0, /* constants without bytes, which are given later */
    NEURON_NEFF_ALL_FEATURES = NEURON_NEFF_WEIGHTS_APART
};

/* A part of the file. */
struct neuron_neff_section {
    uint64_t offset;
    uint64_t size_bytes;
    struct neuron_neff_checksum checksum;
};

struct neuron_neff_header {
    uint32_t version_major;
    uint32_t version_minor;
    uint32_t core_count; /* that a run takes */
    uint64_t features;   /* bits of what a reader must know: enum neuron_neff_feature */
    uint64_t file_bytes;
    struct neuron_neff_section graph;
    struct neuron_neff_section weights;
    struct neuron_neff_checksum uuid; /* the same for the same graph and weights */
    char name[NEURON_NAME_LIMIT_BYTES];
    char build[NEURON_NEFF_BUILD_LIMIT_BYTES]; /* what wrote the file */
};

struct neuron_neff_checksum
neuron_neff_checksum_of(const void *bytes, size_t size_bytes);

/*
 * The uuid that belongs to the checksums of both sections. Neither the time nor a name goes into
 * it: the same model has the same one everywhere.
 */
struct neuron_neff_checksum
neuron_neff_header_uuid(const struct neuron_neff_header *header);

/* Writes the header with its own checksum. Both texts are terminated. */
void
neuron_neff_header_encode(const struct neuron_neff_header *header,
                          unsigned char bytes[NEURON_NEFF_HEADER_BYTES]);

/*
 * Reads a header of NEURON_NEFF_HEADER_BYTES bytes. What comes back has the right checksum, a
 * version and features that this program reads, and terminated texts.
 *
 * Returns NEURON_DAMAGED_MODEL or NEURON_UNSUPPORTED_MODEL with what is to follow the name of the
 * file: "is damaged: ...".
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_header_decode(const unsigned char *bytes, struct neuron_neff_header *header,
                          struct neuron_error *error);

/*
 * Checks the sections against the size that the file really has: all inside it, one behind the
 * other, the weights aligned, and nothing behind them. Statuses as above.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_header_check_sizes(const struct neuron_neff_header *header, uint64_t file_bytes,
                               struct neuron_error *error);

#endif

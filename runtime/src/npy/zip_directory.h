/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a zip archive, by its central directory. Nothing is unpacked here. */
#ifndef NEURON_NPY_ZIP_DIRECTORY_H
#define NEURON_NPY_ZIP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* A file in the archive. Its bytes lie inside the archive and share none with another's. */
struct neuron_zip_member {
    const char *name; /* in the archive's bytes, not terminated; holds no zero */
    size_t name_length;
    size_t start;       /* of its header in the archive */
    size_t offset;      /* of its bytes, as they are stored */
    size_t stored_size; /* in bytes */
    size_t size_bytes;  /* once it is unpacked; the stored size where it is not deflated */
    uint32_t checksum;  /* CRC-32 of what is unpacked */
    bool is_deflated;
};

struct neuron_zip_directory {
    struct neuron_zip_member *members; /* in the order of the directory */
    uint32_t count;
};

/*
 * Reads the directory of an archive that anybody may have written: every offset and size is checked
 * before it is used, also those of the zip64 extension, and names are unique. A size that is
 * promised is at most what deflate can make of the stored bytes.
 *
 * bytes      the whole archive; outlives the directory.
 * directory  receives the members, to be destroyed. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX for what is damaged or no archive, NEURON_INVALID_ARGUMENT for one
 * that is encrypted, in several volumes or packed by another method than deflate, or
 * NEURON_OUT_OF_MEMORY; errors are texts to follow the name of the file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_zip_directory_parse(const unsigned char *bytes, size_t size_bytes,
                           struct neuron_zip_directory *directory, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_zip_directory_destroy(struct neuron_zip_directory *directory);

#endif

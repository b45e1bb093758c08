/* SPDX-License-Identifier: Apache-2.0 */
/* The file of packed weights as bytes: written, checked, mapped. */
#ifndef NEURON_ENGINE_PACKED_FILE_H
#define NEURON_ENGINE_PACKED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "memory/file_pages.h"
#include "neff/neff_header.h"
#include "neuron/status.h"

/* Where a storage's bytes are. Entries stand in the order of their numbers. */
struct neuron_packed_entry {
    uint64_t storage;
    uint64_t offset; /* in the file, a multiple of 64 */
    uint64_t size_bytes;
    uint64_t signature;
};

/* What is to be written. */
struct neuron_packed_part {
    uint64_t storage;
    uint64_t size_bytes;
    uint64_t signature;
    const void *bytes;
};

/* A mapped file. Zeroed for none. */
struct neuron_packed_file {
    struct neuron_file_mapping mapping;
    const struct neuron_packed_entry *entries;
    uint64_t entry_count;
};

/*
 * Writes a file, which appears under its name whole or not at all.
 *
 * key  what the file is for; a reader asks for the same.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_packed_file_write(const char *path, const struct neuron_neff_checksum *key,
                         const struct neuron_packed_part *parts, uint64_t part_count,
                         struct neuron_error *error);

/*
 * Maps a file, and checks all of it but the weights themselves: those were on the disk before the
 * file had its name. It has to belong to this user or to root, and nobody else may write to it.
 *
 * file  receives the mapping; to be closed. Unchanged on failure.
 *
 * Returns NEURON_DAMAGED_MODEL for a file that is none, or another one's; NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_packed_file_map(const char *path, const struct neuron_neff_checksum *key,
                       struct neuron_packed_file *file, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_packed_file_close(struct neuron_packed_file *file);

#endif

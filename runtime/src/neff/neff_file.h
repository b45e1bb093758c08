/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled file: writes it, checks it, maps it, also from memory. */
#ifndef NEURON_NEFF_NEFF_FILE_H
#define NEURON_NEFF_NEFF_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph_body.h"
#include "neff/neff_header.h"
#include "neuron/status.h"

/* A checked file, whose weights the graph's constants point into. */
struct neuron_neff_file {
    void *mapping;
    size_t size_bytes;   /* of the mapping */
    bool is_file_backed; /* the mapping shows a file, which processes share; else it is a copy */
    char name[NEURON_NAME_LIMIT_BYTES];
    struct neuron_neff_checksum uuid;       /* of the checksums that were found right */
    const unsigned char *bytes;             /* where the sections lie in, in the mapping */
    struct neuron_neff_section sections[2]; /* graph and weights, with their checksums */
    struct neuron_graph *graph;
};

/*
 * Writes a graph with its buckets. The file appears under its name whole or not at all: written
 * beside it, synced, renamed, and the folder synced.
 */
enum neuron_status
neuron_neff_write(const struct neuron_graph *graph, const char *name, const char *path,
                  struct neuron_error *error);

/* Writes the same to an open file, empty before. Its contents are undefined on failure. */
enum neuron_status
neuron_neff_write_open(const struct neuron_graph *graph, const char *name, int descriptor,
                       struct neuron_error *error);

/*
 * Maps a file read-only, checks header, sizes and checksums, and reads its graph, of which every
 * number is checked: what comes back has passed neuron_operator_infer() node by node. On failure
 * nothing stays mapped.
 */
enum neuron_status
neuron_neff_read(const char *path, struct neuron_neff_file *file, struct neuron_error *error);

/*
 * Does the same with a file that lies in memory. The bytes may be dropped after the call. Where
 * they are the mapping of a file, that file is mapped again; else they are copied
 * (neff/neff_backing.h). Errors name "the model in memory".
 */
enum neuron_status
neuron_neff_read_bytes(const void *bytes, size_t size_bytes, struct neuron_neff_file *file,
                       struct neuron_error *error);

/*
 * Checks the graph and the weights anew, where the mapping shows a file, which may have been
 * changed since it was read; a copy cannot change. Blocks while it reads the file once.
 *
 * Returns NEURON_DAMAGED_MODEL.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_check(const struct neuron_neff_file *file, struct neuron_error *error);

/* Unmaps the file and destroys the graph. Accepts a zeroed one. */
void
neuron_neff_close(struct neuron_neff_file *file);

#endif

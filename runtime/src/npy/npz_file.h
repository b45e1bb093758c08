/* SPDX-License-Identifier: Apache-2.0 */
/* An npz file as bytes in memory, and one that takes its place later, with others. */
#ifndef NEURON_NPY_NPZ_FILE_H
#define NEURON_NPY_NPZ_FILE_H

#include <stddef.h>

#include "memory/file_pages.h"
#include "neuron/npz.h"
#include "whole_file.h"

/*
 * Reads an archive in memory. Errors begin with the path.
 *
 * bytes  the whole archive; outlives the npz.
 * path   how errors name it; copied.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npz_parse(const unsigned char *bytes, size_t size_bytes, const char *path,
                 struct neuron_npz **npz, struct neuron_error *error);

/* The mapping that arrays lie in which were not copied. */
struct neuron_file_mapping
neuron_npz_mapping(const struct neuron_npz *npz);

/*
 * Writes arrays into an open file, and settles that. Publishing is the caller's.
 *
 * Returns as neuron_npz_save().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npz_write(const struct neuron_npz_entry *entries, uint32_t count,
                 struct neuron_whole_file *file, struct neuron_error *error);

#endif

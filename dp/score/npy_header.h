/* SPDX-License-Identifier: Apache-2.0 */
/* The header of an npy file: bytes to a description of the array, and back. */
#ifndef NEURON_SCORE_NPY_HEADER_H
#define NEURON_SCORE_NPY_HEADER_H

#include <stddef.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

enum {
    NEURON_NPY_HEADER_LIMIT_BYTES = 65536, /* longest header that is read */
    NEURON_NPY_WRITTEN_LIMIT_BYTES = 512   /* longest header that is written */
};

/* What the file holds, and where. */
struct neuron_npy_description {
    struct neuron_tensor_shape shape;
    size_t payload_offset_bytes;
    size_t payload_size_bytes;
};

/*
 * Reads the header of an npy file of format version 1.0 to 3.0, and checks the file's size against
 * it. The array is dense, little endian, the last dimension running fastest.
 *
 * bytes        the whole file; only its header is looked at.
 * size_bytes   the size of the whole file.
 * description  unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX for a file that is damaged or no npy file at all, and
 * NEURON_INVALID_ARGUMENT for an array that is well formed, but not of a kind that is read here.
 * The text gives the reason, without the name of the file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_parse(const void *bytes, size_t size_bytes, struct neuron_npy_description *description,
                 struct neuron_error *error);

/*
 * Writes the header of format version 1.0 for an array of this shape, byte for byte as numpy does.
 * The payload follows directly, at a multiple of 64 bytes.
 *
 * bytes       receives the header; NEURON_NPY_WRITTEN_LIMIT_BYTES suffice.
 * size_bytes  receives its length.
 *
 * Returns NEURON_INVALID_ARGUMENT for a type that npy files do not have.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_npy_format(const struct neuron_tensor_shape *shape, char *bytes, size_t *size_bytes,
                  struct neuron_error *error);

#endif

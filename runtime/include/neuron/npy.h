/* SPDX-License-Identifier: Apache-2.0 */
/* The npy files of numpy: headers to descriptions and back, and arrays as whole files. */
#ifndef NEURON_NPY_H
#define NEURON_NPY_H

#include <stddef.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Read are the format versions 1.0 to 3.0, and arrays that are dense, little endian, the last
 * dimension running fastest, of the types float32, float64, float16, int8, uint8, int32, int64 and
 * bool. Written are these and bfloat16, which npy files have no name for: it stands there as '<V2',
 * two bytes without a meaning, as numpy itself writes it; and as that could be anything, it is not
 * read. Everything else is refused.
 */
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

/* An array that was read from a file. It does not change; any thread may read it. */
struct neuron_npy_array;

/*
 * Reads the header of an npy file, and checks the file's size against it.
 *
 * bytes        the start of the file: all of it, or at least the header.
 * size_bytes   the size of the whole file.
 * description  unchanged on failure.
 * error        receives the reason, without the name of the file. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX for a file that is damaged or no npy file at all, and
 * NEURON_INVALID_ARGUMENT for an array that is well formed, but not of a kind that is read here.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npy_parse(const void *bytes, size_t size_bytes, struct neuron_npy_description *description,
                 struct neuron_error *error);

/*
 * Writes the header of format version 1.0 for an array of this shape, byte for byte as numpy does.
 * The payload follows directly, at a multiple of 64 bytes.
 *
 * bytes       receives the header; NEURON_NPY_WRITTEN_LIMIT_BYTES suffice.
 * size_bytes  receives its length.
 *
 * Returns NEURON_INVALID_ARGUMENT for what is no type, or too many dimensions.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npy_format(const struct neuron_tensor_shape *shape, char *bytes, size_t *size_bytes,
                  struct neuron_error *error);

/*
 * Reads a whole npy file into memory, aligned to 64 bytes.
 *
 * array  receives a new array, which the caller destroys. Unchanged on failure.
 * error  receives the reason, which starts with the path. May be NULL.
 *
 * Returns NEURON_SYSTEM when the file cannot be read, NEURON_INVALID_ARGUMENT when it is no regular
 * file, NEURON_OUT_OF_MEMORY, or as neuron_npy_parse().
 * Any thread. Blocks while it reads.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npy_array_load(const char *path, struct neuron_npy_array **array,
                      struct neuron_error *error);

/* The array as a tensor, whose memory lives as long as the array. Any thread. */
NEURON_API struct neuron_tensor_view
neuron_npy_array_view(const struct neuron_npy_array *array);

/* Destroys an array. Accepts NULL. */
NEURON_API void
neuron_npy_array_destroy(struct neuron_npy_array *array);

/*
 * Writes a tensor as an npy file, which appears under its name whole or not at all: it is written
 * beside it, synced to disk, and renamed.
 *
 * path   where to write; a file of that name is replaced.
 * error  receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when the file cannot be written (the text says why, and nothing of it is
 * left), NEURON_OUT_OF_MEMORY, or as neuron_npy_format().
 * Any thread. Blocks while it writes.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npy_save(const struct neuron_tensor_view *tensor, const char *path,
                struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The npz files of numpy: several arrays with names, such as the weights of a model. */
#ifndef NEURON_NPZ_H
#define NEURON_NPZ_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/npy.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An npz file is a zip archive of npy files. Read is what numpy.savez() and savez_compressed()
 * write, also above 4 GiB, of the types that neuron/npy.h reads; and '<V2' is taken for bfloat16,
 * as arrays of that type are saved. Refused is every archive that has something else in it, that
 * is encrypted, or that has two arrays of one name.
 *
 * The file is mapped, not read: do not change it in place while it is open; replace it by renaming
 * another one. It does not change; any thread may call anything here.
 */
struct neuron_npz;

/*
 * Maps a file, and reads its directory and the header of each array.
 *
 * npz    receives the open file, which the caller destroys. Unchanged on failure.
 * error  receives the reason, which starts with the path. May be NULL.
 *
 * Returns NEURON_SYSTEM when the file cannot be read, NEURON_INVALID_SYNTAX when it is damaged or
 * no npz file, NEURON_INVALID_ARGUMENT for what is well formed, but not of a kind that is read
 * here, or NEURON_OUT_OF_MEMORY.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npz_load(const char *path, struct neuron_npz **npz, struct neuron_error *error);

/* Says how many arrays the file has. */
NEURON_API uint32_t
neuron_npz_array_count(const struct neuron_npz *npz);

/* The name of an array, without ".npy". `index` is below their count. Lives as long as the file. */
NEURON_API const char *
neuron_npz_array_name(const struct neuron_npz *npz, uint32_t index);

/* The type and shape of an array. */
NEURON_API struct neuron_tensor_shape
neuron_npz_array_shape(const struct neuron_npz *npz, uint32_t index);

/*
 * Finds an array by its name.
 *
 * index  receives its number. Unchanged when there is none.
 *
 * Returns whether there is one.
 */
NEURON_API bool
neuron_npz_find(const struct neuron_npz *npz, const char *name, uint32_t *index);

/* Where the bytes of an array stand in the file, for those who read parts of it by themselves. */
struct neuron_npz_place {
    uint64_t offset_bytes;         /* in the file, of its npy file as it is stored */
    uint64_t stored_bytes;         /* of its npy file in the archive */
    uint64_t size_bytes;           /* of its npy file, unpacked */
    uint64_t payload_offset_bytes; /* in its npy file, unpacked */
    uint32_t checksum;             /* CRC-32 of its npy file, unpacked */
    bool is_deflated;              /* by deflate without a header; else stored as it is */
};

/* Tells the place of an array, which is checked to lie inside the file. */
NEURON_API struct neuron_npz_place
neuron_npz_array_place(const struct neuron_npz *npz, uint32_t index);

/*
 * Reads an array, and checks its CRC-32. Its memory is that of the mapping where it is stored there
 * as it is, at a multiple of 64 bytes, as neuron_npz_save() does: nothing is copied then, and
 * processes share it. Else it is copied or unpacked.
 *
 * array  receives a new array, which the caller destroys before the file. Unchanged on failure.
 *        Nobody writes to it.
 * error  receives the reason, which starts with the path. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX when the array is damaged, or NEURON_OUT_OF_MEMORY.
 * Blocks while it reads the array once.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npz_read(const struct neuron_npz *npz, uint32_t index, struct neuron_npy_array **array,
                struct neuron_error *error);

/* Destroys an open file, of which no array is left. Accepts NULL. */
NEURON_API void
neuron_npz_destroy(struct neuron_npz *npz);

/* An array to be saved, and its name. */
struct neuron_npz_entry {
    const char *name; /* 1 to 60000 bytes; without ".npy" */
    struct neuron_tensor_view tensor;
};

/*
 * Writes arrays as an npz file that numpy.load() reads, stored as they are, each at a multiple of
 * 64 bytes. The same arrays give the same bytes. The file appears under its name whole or not at
 * all: it is written beside it, synced to disk, and renamed.
 *
 * path   where to write; a file of that name is replaced.
 * error  receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when the file cannot be written (the text says why, and nothing of it is
 * left), NEURON_INVALID_ARGUMENT for a name that is empty, too long, or there twice,
 * NEURON_OUT_OF_MEMORY, or as neuron_npy_format().
 * Any thread. Blocks while it writes.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npz_save(const struct neuron_npz_entry *entries, uint32_t count, const char *path,
                struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

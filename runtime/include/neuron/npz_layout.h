/* SPDX-License-Identifier: Apache-2.0 */
/* Where everything stands in an npz file, before any of its arrays is known. */
#ifndef NEURON_NPZ_LAYOUT_H
#define NEURON_NPZ_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * For those who write the payloads of an npz file themselves, in any order and from several
 * processes: arrays are stored as they are, at multiples of 64 bytes, so that the names and shapes
 * alone say where they stand. Before each payload is its head, and behind the last one is the
 * directory; both hold CRC-32 checksums of the arrays, and so are written at the end. The file is
 * the one that neuron_npz_save() writes. One thread at a time.
 */
struct neuron_npz_layout;

/* An array of the file. */
struct neuron_npz_member {
    const char *name; /* 1 to 60000 bytes; without ".npy"; borrowed until destroy */
    struct neuron_tensor_shape shape;
};

/* Bytes of the file, and where they stand. */
struct neuron_npz_frame {
    const void *bytes;
    size_t size_bytes;
    uint64_t offset;
};

/*
 * Lays a file out.
 *
 * layout  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for a name that is empty, too long, or there twice, for a file
 * that would be larger than any may be, or as neuron_npy_format(); NEURON_OUT_OF_MEMORY. The texts
 * name no file.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_npz_layout_create(const struct neuron_npz_member *members, uint32_t count,
                         struct neuron_npz_layout **layout, struct neuron_error *error);

/* The size of the whole file. */
NEURON_API uint64_t
neuron_npz_layout_size_bytes(const struct neuron_npz_layout *layout);

/* Where the payload of an array begins. */
NEURON_API uint64_t
neuron_npz_layout_payload_offset(const struct neuron_npz_layout *layout, uint32_t index);

/* Notes the CRC-32 of the payload of an array; without it, that of no bytes stands in the file. */
NEURON_API void
neuron_npz_layout_set_checksum(struct neuron_npz_layout *layout, uint32_t index, uint32_t payload);

/* What stands before a payload. The bytes live until the next call on this layout. */
NEURON_API struct neuron_npz_frame
neuron_npz_layout_head(struct neuron_npz_layout *layout, uint32_t index);

/* What stands behind the last payload. The bytes live until the next call on this layout. */
NEURON_API struct neuron_npz_frame
neuron_npz_layout_directory(struct neuron_npz_layout *layout);

/* Destroys a layout. Accepts NULL. */
NEURON_API void
neuron_npz_layout_destroy(struct neuron_npz_layout *layout);

/* Goes on with a CRC-32, which begins as 0. Any thread. */
NEURON_API uint32_t
neuron_npz_checksum(uint32_t checksum, const void *bytes, size_t size_bytes);

/* The CRC-32 of bytes and those behind them, from the two of each. Any thread. */
NEURON_API uint32_t
neuron_npz_checksum_join(uint32_t left, uint32_t right, uint64_t right_bytes);

#ifdef __cplusplus
}
#endif

#endif

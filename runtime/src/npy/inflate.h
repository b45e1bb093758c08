/* SPDX-License-Identifier: Apache-2.0 */
/* Deflated bytes, and the checksum of zip archives: all that is known of zlib. */
#ifndef NEURON_NPY_INFLATE_H
#define NEURON_NPY_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

struct neuron_packed_bytes {
    const unsigned char *bytes;
    size_t size_bytes;
};

/*
 * Unpacks the first bytes, as many as there is room for, or all when there are fewer.
 *
 * room_bytes   of `bytes`.
 * found_bytes  receives how many there were.
 *
 * Returns NEURON_INVALID_SYNTAX when what is packed is damaged, with what is to follow the name of
 * the array, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_inflate(const struct neuron_packed_bytes *packed, void *bytes, size_t room_bytes,
               size_t *found_bytes, struct neuron_error *error);

/* Goes on with a CRC-32, which begins as 0. */
uint32_t
neuron_inflate_checksum(uint32_t checksum, const void *bytes, size_t size_bytes);

/* The CRC-32 of bytes and those behind them, from the two of each. */
uint32_t
neuron_inflate_checksum_join(uint32_t left, uint32_t right, uint64_t right_bytes);

#endif

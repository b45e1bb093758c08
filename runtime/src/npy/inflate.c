/* SPDX-License-Identifier: Apache-2.0 */
#include "npy/inflate.h"

#include <limits.h>

#define ZLIB_CONST /* it does not write to what it unpacks */
#include <zlib.h>

/* As much of a size as fits zlib's counters. */
static uInt
bounded(size_t size_bytes)
{
    return size_bytes < UINT_MAX ? (uInt)size_bytes : UINT_MAX;
}

/* Runs a stream until it ends, fails, or there is no room left. */
static int
run_stream(z_stream *stream, const struct neuron_packed_bytes *packed, unsigned char *bytes,
           size_t room_bytes)
{
    size_t taken = 0;
    size_t made = 0;
    int outcome = Z_OK;

    while (outcome == Z_OK && made < room_bytes) {
        stream->next_in = packed->bytes + taken;
        stream->avail_in = bounded(packed->size_bytes - taken);
        stream->next_out = bytes + made;
        stream->avail_out = bounded(room_bytes - made);
        outcome = inflate(stream, Z_NO_FLUSH);
        taken = (size_t)(stream->next_in - packed->bytes);
        made = (size_t)(stream->next_out - bytes);
    }
    return outcome;
}

enum neuron_status
neuron_inflate(const struct neuron_packed_bytes *packed, void *bytes, size_t room_bytes,
               size_t *found_bytes, struct neuron_error *error)
{
    z_stream stream = {0};
    /* Negative: without the header and checksum of zlib, which zip archives leave out. */
    int outcome = inflateInit2(&stream, -MAX_WBITS);

    if (outcome == Z_OK) {
        outcome = run_stream(&stream, packed, bytes, room_bytes);
        *found_bytes = stream.total_out;
        (void)inflateEnd(&stream);
    }
    if (outcome == Z_MEM_ERROR) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to unpack it");
    }
    if (outcome != Z_OK && outcome != Z_STREAM_END) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "damaged: it cannot be unpacked; copy or save it again");
    }
    return NEURON_OK;
}

uint32_t
neuron_inflate_checksum(uint32_t checksum, const void *bytes, size_t size_bytes)
{
    return (uint32_t)crc32_z(checksum, bytes, size_bytes);
}

uint32_t
neuron_inflate_checksum_join(uint32_t left, uint32_t right, uint64_t right_bytes)
{
    return (uint32_t)crc32_combine(left, right, (z_off_t)right_bytes);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "score/deflated_member.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "neuron/npz_layout.h"

enum { PIECE_BYTES = 64 << 10, ROOM_LIMIT_BYTES = 1 << 30 };

struct neuron_deflated_member {
    int file;
    const char *path;
    struct neuron_npz_place place;
    z_stream stream;
    bool is_open;      /* the stream is */
    uint64_t taken;    /* of the stored bytes, into `packed` */
    uint64_t position; /* of what comes next, unpacked */
    uint64_t read_bytes;
    uint32_t checksum;
    unsigned char packed[PIECE_BYTES];
    unsigned char dropped[PIECE_BYTES];
};

enum neuron_status
neuron_deflated_member_create(int file, const char *path, const struct neuron_npz_place *place,
                              struct neuron_deflated_member **member, struct neuron_error *error)
{
    struct neuron_deflated_member *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory to unpack it", path);
    }
    made->file = file;
    made->path = path;
    made->place = *place;
    *member = made;
    return NEURON_OK;
}

/* Starts at the begin of the member. */
static enum neuron_status
restart(struct neuron_deflated_member *member, struct neuron_error *error)
{
    /* Negative: without the header and checksum of zlib, which zip archives leave out. */
    int outcome =
        member->is_open ? inflateReset(&member->stream) : inflateInit2(&member->stream, -MAX_WBITS);

    if (outcome != Z_OK) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory to unpack it", member->path);
    }
    member->is_open = true;
    member->stream.avail_in = 0;
    member->taken = 0;
    member->position = 0;
    member->checksum = 0;
    return NEURON_OK;
}

static enum neuron_status
refuse_damage(const struct neuron_deflated_member *member, const char *what,
              struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s is damaged: %s; copy or save it again",
                       member->path, what);
}

/* Reads more stored bytes. */
static enum neuron_status
refill(struct neuron_deflated_member *member, struct neuron_error *error)
{
    uint64_t left = member->place.stored_bytes - member->taken;
    size_t wanted = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    ssize_t length = -1;

    if (wanted == 0) {
        return refuse_damage(member, "an array ends too soon", error);
    }
    do {
        length = pread(member->file, member->packed, wanted,
                       (off_t)(member->place.offset_bytes + member->taken));
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", member->path,
                           strerrordesc_np(errno));
    }
    if (length == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s was changed while it was read: it has become shorter; score again "
                           "when it is complete",
                           member->path);
    }
    member->taken += (uint64_t)length;
    member->read_bytes += (uint64_t)length;
    member->stream.next_in = member->packed;
    member->stream.avail_in = (uInt)length;
    return NEURON_OK;
}

/* Unpacks as much as the stored bytes that are known give. */
static enum neuron_status
unpack_some(struct neuron_deflated_member *member, struct neuron_error *error)
{
    z_stream *stream = &member->stream;
    enum neuron_status status = stream->avail_in == 0 ? refill(member, error) : NEURON_OK;

    if (status != NEURON_OK) {
        return status;
    }
    int outcome = inflate(stream, Z_NO_FLUSH);
    if (outcome == Z_MEM_ERROR) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory to unpack it", member->path);
    }
    if (outcome != Z_OK && outcome != Z_STREAM_END) {
        return refuse_damage(member, "an array cannot be unpacked", error);
    }
    if (outcome == Z_STREAM_END && stream->avail_out > 0) {
        return refuse_damage(member, "an array is shorter than the archive says", error);
    }
    return NEURON_OK;
}

/* Unpacks just this many bytes, at most ROOM_LIMIT_BYTES. */
static enum neuron_status
unpack(struct neuron_deflated_member *member, unsigned char *bytes, size_t size_bytes,
       struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    member->stream.next_out = bytes;
    member->stream.avail_out = (uInt)size_bytes;
    while (status == NEURON_OK && member->stream.avail_out > 0) {
        status = unpack_some(member, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    member->checksum = neuron_npz_checksum(member->checksum, bytes, size_bytes);
    member->position += size_bytes;
    if (member->position == member->place.size_bytes &&
        member->checksum != member->place.checksum) {
        return refuse_damage(member, "the checksum of an array does not match", error);
    }
    return NEURON_OK;
}

/* Unpacks bytes, or, for NULL, steps over them. */
static enum neuron_status
advance(struct neuron_deflated_member *member, unsigned char *bytes, uint64_t size_bytes,
        struct neuron_error *error)
{
    size_t limit = bytes == NULL ? PIECE_BYTES : ROOM_LIMIT_BYTES;
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && size_bytes > 0) {
        size_t length = size_bytes < limit ? (size_t)size_bytes : limit;

        status = unpack(member, bytes == NULL ? member->dropped : bytes, length, error);
        bytes = bytes == NULL ? NULL : bytes + length;
        size_bytes -= length;
    }
    return status;
}

enum neuron_status
neuron_deflated_member_read(struct neuron_deflated_member *member, uint64_t offset, void *bytes,
                            size_t size_bytes, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (!member->is_open || offset < member->position) {
        status = restart(member, error);
    }
    if (status == NEURON_OK) {
        status = advance(member, NULL, offset - member->position, error);
    }
    if (status == NEURON_OK && size_bytes > 0) {
        status = advance(member, bytes, size_bytes, error);
    }
    if (status != NEURON_OK && member->is_open) {
        (void)inflateEnd(&member->stream);
        member->is_open = false; /* the next read starts anew */
    }
    return status;
}

uint64_t
neuron_deflated_member_read_bytes(const struct neuron_deflated_member *member)
{
    return member->read_bytes;
}

void
neuron_deflated_member_destroy(struct neuron_deflated_member *member)
{
    if (member == NULL) {
        return;
    }
    if (member->is_open) {
        (void)inflateEnd(&member->stream);
    }
    free(member);
}

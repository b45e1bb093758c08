/* SPDX-License-Identifier: Apache-2.0 */
/* A deflated member of an npz file, unpacked from its begin on as far as it is asked for. */
#ifndef NEURON_SCORE_DEFLATED_MEMBER_H
#define NEURON_SCORE_DEFLATED_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/npz.h"
#include "neuron/status.h"

/* A walk over the bytes of a member. Needs 200 KiB whatever its size. One thread at a time. */
struct neuron_deflated_member;

/*
 * Makes a walk that stands at the begin.
 *
 * file    borrowed until destroy.
 * path    the same; for error texts.
 * member  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_deflated_member_create(int file, const char *path, const struct neuron_npz_place *place,
                              struct neuron_deflated_member **member, struct neuron_error *error);

/*
 * Unpacks the bytes from a place on, which is inside the member with all of them. What stands
 * before it is unpacked and dropped; where the walk is behind it, it starts again. The checksum is
 * compared when the end is reached.
 *
 * Returns NEURON_SYSTEM when the file cannot be read, NEURON_INVALID_SYNTAX when it is damaged, or
 * NEURON_OUT_OF_MEMORY. The text starts with the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_deflated_member_read(struct neuron_deflated_member *member, uint64_t offset, void *bytes,
                            size_t size_bytes, struct neuron_error *error);

/* How many bytes of the file were read so far. */
uint64_t
neuron_deflated_member_read_bytes(const struct neuron_deflated_member *member);

/* Accepts NULL. */
void
neuron_deflated_member_destroy(struct neuron_deflated_member *member);

#endif

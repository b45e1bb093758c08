/* SPDX-License-Identifier: Apache-2.0 */
/* The checksums of a piece whose rows are written block by block. */
#ifndef NEURON_SCORE_OUTPUT_SUMS_H
#define NEURON_SCORE_OUTPUT_SUMS_H

#include <stdint.h>

#include "neuron/status.h"
#include "score/output_set.h"
#include "score/piece_sum.h"

/* One sum an output. One thread at a time. */
struct neuron_output_sums;

/*
 * Begins the sums of a piece.
 *
 * set   says how many outputs there are, and whether a CRC-32 is wanted; borrowed for the call.
 * sums  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_sums_create(const struct neuron_output_set *set, struct neuron_output_sums **sums,
                          struct neuron_error *error);

/* What sums an output; the sums' own. */
struct neuron_summer *
neuron_output_sums_of(struct neuron_output_sums *sums, uint32_t output);

/* How many outputs it has. */
uint32_t
neuron_output_sums_count(const struct neuron_output_sums *sums);

/* Writes the sums of all that was added, one an output. */
void
neuron_output_sums_read(const struct neuron_output_sums *sums, struct neuron_piece_sum *items);

/* Destroys them. Accepts NULL. */
void
neuron_output_sums_destroy(struct neuron_output_sums *sums);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of bytes that come in pieces: all that outputs know of XXH3. */
#ifndef NEURON_SCORE_PIECE_SUM_H
#define NEURON_SCORE_PIECE_SUM_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/status.h"
#include "score/output_set.h"

/* Sums one piece after another. One thread at a time. */
struct neuron_summer;

/* Makes one, which the caller destroys. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_summer_create(struct neuron_summer **summer, struct neuron_error *error);

/* Begins a piece, with its CRC-32, too, or without. */
enum neuron_summer_depth { NEURON_SUM_XXH3 = 0, NEURON_SUM_XXH3_AND_CRC32 = 1 };
void
neuron_summer_begin(struct neuron_summer *summer, enum neuron_summer_depth depth);

/* Goes on with these bytes. */
void
neuron_summer_add(struct neuron_summer *summer, const void *bytes, size_t size_bytes);

/* The sums of all bytes since it was begun. */
struct neuron_piece_sum
neuron_summer_end(const struct neuron_summer *summer);

/* Destroys it. Accepts NULL. */
void
neuron_summer_destroy(struct neuron_summer *summer);

#endif

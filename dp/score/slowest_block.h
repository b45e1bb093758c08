/* SPDX-License-Identifier: Apache-2.0 */
/* Of all blocks of rows the one that took longest, and where its time went. */
#ifndef NEURON_SCORE_SLOWEST_BLOCK_H
#define NEURON_SCORE_SLOWEST_BLOCK_H

#include <stdio.h>

#include "neuron/data_parallel_report.h"
#include "neuron/status.h"
#include "score/rank_identity.h"
#include "score/row_range.h"

/* The report of the slowest block so far. */
struct neuron_slowest_block;

/*
 * Makes one that has seen no block.
 *
 * parallel  borrowed for the call; it runs all the blocks.
 * slowest   receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_slowest_block_create(const struct neuron_data_parallel *parallel,
                            struct neuron_slowest_block **slowest, struct neuron_error *error);

/*
 * Hears that rows were scored with a report. If no block before took as long, it keeps that, and
 * gives the caller another for it.
 */
void
neuron_slowest_block_offer(struct neuron_slowest_block *slowest,
                           struct neuron_data_parallel_report **report,
                           const struct neuron_row_range *rows);

/* Prints, in one piece, which block was the slowest and its chart; or that there was none. */
void
neuron_slowest_block_print(const struct neuron_slowest_block *slowest,
                           const struct neuron_rank_identity *identity, FILE *stream);

/* Destroys one. Accepts NULL and half-built ones. */
void
neuron_slowest_block_destroy(struct neuron_slowest_block *slowest);

#endif

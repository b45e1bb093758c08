/* SPDX-License-Identifier: Apache-2.0 */
/* The block size of a rank, from its files, cores and options. */
#ifndef NEURON_SCORE_BLOCK_PLAN_H
#define NEURON_SCORE_BLOCK_PLAN_H

#include <stdint.h>

#include "score/job_files.h"
#include "score/rank_cores.h"

/* Blocks that are in memory at a time: two that run, one that is written, one that is read ahead.
 */
enum { NEURON_BLOCKS_IN_MEMORY = 4 };

/* How many rows a block of this rank has. */
uint64_t
neuron_block_plan_rows(const struct neuron_job_files *files, const struct neuron_rank_cores *cores);

#endif

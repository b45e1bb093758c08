/* SPDX-License-Identifier: Apache-2.0 */
/* Copies runs of bytes that stand at equal distances. */
#ifndef NEURON_DP_RUN_COPY_H
#define NEURON_DP_RUN_COPY_H

#include <stddef.h>

/* Runs of the same length. Those of one side do not overlap each other, nor the other side. */
struct neuron_run_copy {
    unsigned char *target;
    const unsigned char *source;
    size_t target_stride; /* from one run to the next */
    size_t source_stride;
    size_t run_bytes; /* at least 1 */
    size_t run_count; /* at least 1 */
};

enum { NEURON_TILE_BYTES = 4096 }; /* what is put together in the first cache */

/* Copies runs through the caches. Nothing outside of the runs is written, here as below. */
void
neuron_run_copy(const struct neuron_run_copy *copy);

/* The same for runs that are written far apart in memory that the caches do not hold: the lines
   that they fill in part are asked for ahead of time. */
void
neuron_run_copy_spread(const struct neuron_run_copy *copy);

/*
 * Copies runs past the caches: what is written is not read first, and stands in memory only. What
 * is to be read is asked for ahead of time, as the processor by itself sees neither where a run
 * ends nor where the next one begins.
 */
void
neuron_run_copy_stream(const struct neuron_run_copy *copy);

/*
 * The same for runs of up to NEURON_TILE_BYTES that are no whole lines, and are written one behind
 * the other: target_stride is run_bytes.
 */
void
neuron_run_copy_stream_packed(const struct neuron_run_copy *copy);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Weights in the form that a kernel reads them in: found on the disk, or made in memory of the
   plan's. */
#ifndef NEURON_ENGINE_PACKED_WEIGHTS_H
#define NEURON_ENGINE_PACKED_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/lowering.h"

/*
 * Makes a buffer the constant that is kept on the disk for it, if there is one; in an outline a
 * constant that is nowhere.
 *
 * signature  of its layout, which is kept with it.
 *
 * Returns false where there is none.
 */
bool
neuron_packed_weights_find(struct neuron_plan *plan, uint32_t buffer, uint64_t signature);

/*
 * Makes a buffer a constant that is about to be written.
 *
 * bytes  as many as the buffer has, and some behind them, aligned as kernels want; the plan's.
 */
enum neuron_status
neuron_packed_weights_allocate(struct neuron_lowering *lowering, uint32_t buffer, void **bytes);

/* Lets the system take the pages of a file that a buffer of weights was read from: it is packed. */
void
neuron_packed_weights_release(const struct neuron_plan *plan, uint32_t raw);

#endif

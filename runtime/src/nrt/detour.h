/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors that a run cannot use where they are, and the memory that it uses in their place. */
#ifndef NEURON_NRT_DETOUR_H
#define NEURON_NRT_DETOUR_H

#include "nrt/libnrt.h"

/*
 * Leads a bound run to memory of its own in the place of outputs that overlap inputs, since a run
 * reads what was there before, and of tensors whose elements are not aligned to their size.
 *
 * Returns NRT_INVALID for outputs that overlap, or NRT_RESOURCE; both are logged.
 */
NRT_STATUS
libnrt_detour_prepare(const char *call, struct libnrt_binding *binding);

/* Copies inputs from where they are, right before the run. Any thread, also an executor's. */
void
libnrt_detour_enter(const struct libnrt_binding *binding);

/* Copies outputs to where they belong, after a run. */
void
libnrt_detour_leave(const struct libnrt_binding *binding);

#endif

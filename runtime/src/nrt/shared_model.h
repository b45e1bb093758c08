/* SPDX-License-Identifier: Apache-2.0 */
/* Equal models that a program loads are one neuron_model, so that weights are packed only once. */
#ifndef NEURON_NRT_SHARED_MODEL_H
#define NEURON_NRT_SHARED_MODEL_H

#include "nrt/libnrt.h"

/*
 * Opens a NEFF file in memory, or counts up the uses of an equal one that is open.
 *
 * shared  receives it; its use is the caller's to drop. Unchanged on failure.
 *
 * Errors as neuron_model_load_bytes().
 * Any thread that has entered. Blocks while it reads the bytes once.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_shared_model_open(const void *bytes, size_t size_bytes, struct libnrt_shared_model **shared,
                         struct neuron_error *error);

const struct neuron_model *
libnrt_shared_model_of(const struct libnrt_shared_model *shared);

/* Drops a use; with the last one the model goes. Accepts NULL. Any thread. */
void
libnrt_shared_model_drop(struct libnrt_shared_model *shared);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One replica's runs over the tensors of a batch: in place, or through buffers of its own. */
#ifndef NEURON_DP_STAGING_H
#define NEURON_DP_STAGING_H

#include <stdint.h>

#include "neuron/module.h"
#include "neuron/status.h"

#include "batch_split.h"
#include "batch_tensors.h"

/*
 * What a replica needs beside the tensors themselves: the addresses of the run under way, and one
 * compiled batch of every tensor, for runs that are not full. The thread of the replica's executor
 * makes all of it, so that the memory is near its core, and alone uses it: there are no locks.
 */
struct neuron_staging;

/*
 * Makes the staging of a replica, on the replica's executor, and waits for it.
 *
 * module          outlives the staging.
 * compiled_batch  the rows of a full run, or 0 for a module that is only given whole tensors of
 *                 the compiled shape, which needs no buffers.
 *
 * Returns NEURON_OUT_OF_MEMORY, or what submitting returns.
 */
enum neuron_status
neuron_staging_create(struct neuron_module *module, uint32_t replica, int64_t compiled_batch,
                      struct neuron_staging **staging, struct neuron_error *error);

/*
 * Runs rows of a batch, in as many runs as it takes. A full run reads and writes the tensors where
 * they are; the last one, if it is not full, is padded with its last row, and its outputs are
 * trimmed. Inputs that all rows share go whole into each run. The executor's thread.
 */
enum neuron_status
neuron_staging_run_rows(struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
                        struct neuron_row_range rows, struct neuron_error *error);

/*
 * Runs the part of each tensor that stands `index` compiled shapes behind its start, and all of
 * those inputs that rows share. The executor's thread.
 */
enum neuron_status
neuron_staging_run_part(struct neuron_staging *staging, const struct neuron_batch_tensors *tensors,
                        int64_t index, struct neuron_error *error);

/* Destroys a staging that no run uses. Accepts NULL and half-built ones. Any thread. */
void
neuron_staging_destroy(struct neuron_staging *staging);

#endif

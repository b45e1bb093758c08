/* SPDX-License-Identifier: Apache-2.0 */
/* Hands the chunks of a batch to the cores, and gathers one answer. */
#ifndef NEURON_DP_SCATTER_GATHER_H
#define NEURON_DP_SCATTER_GATHER_H

#include <stdint.h>

#include "neuron/module.h"
#include "neuron/status.h"

#include "batch_split.h"
#include "batch_tensors.h"

/* The replicas of a module, and what any number of batches over them share. */
struct neuron_scatter_gather;

/* Who runs which chunk. */
enum neuron_chunk_order {
    NEURON_CHUNK_TO_FREE_CORE, /* whoever is free takes the next chunk */
    NEURON_CHUNK_TO_OWN_CORE   /* chunk i, a part of the compiled shape, goes to replica i */
};

/* One batch, checked: the tensors fit the model and the split. */
struct neuron_batch_plan {
    struct neuron_batch_tensors tensors;
    struct neuron_batch_split split; /* with one chunk a replica for NEURON_CHUNK_TO_OWN_CORE */
    enum neuron_chunk_order order;
};

/*
 * Prepares batches over all replicas of a module.
 *
 * module          outlives the new object.
 * compiled_batch  the rows of a full run; 0 when all batches will be NEURON_CHUNK_TO_OWN_CORE.
 *
 * Returns NEURON_OUT_OF_MEMORY, NEURON_QUEUE_FULL, NEURON_STOPPED or NEURON_SYSTEM.
 * Any thread but an executor's. Blocks while the executors make their buffers.
 */
enum neuron_status
neuron_scatter_gather_create(struct neuron_module *module, int64_t compiled_batch,
                             struct neuron_scatter_gather **scatter_gather,
                             struct neuron_error *error);

/*
 * Runs a batch and waits for it.
 *
 * Returns the status of the first chunk that failed, in the order of rows, with its number, rows
 * and core before its own text; or what submitting returned, when no core could be asked.
 * Any thread but an executor's. Blocks until no core uses the plan any more.
 */
enum neuron_status
neuron_scatter_gather_run(struct neuron_scatter_gather *scatter_gather,
                          const struct neuron_batch_plan *plan, struct neuron_error *error);

/* Destroys the object. Accepts NULL and half-built ones. No batch is under way. */
void
neuron_scatter_gather_destroy(struct neuron_scatter_gather *scatter_gather);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a batch over the cores of the process, and puts the answers together in order. */
#ifndef NEURON_DATA_PARALLEL_H
#define NEURON_DATA_PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/model.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A replica of the model stands on every core of the process, or on those chosen. A call cuts its
 * inputs along dimension 0 into chunks; the next chunk goes to the core that is free first. A chunk
 * reads the caller's inputs and writes the caller's outputs in place; only a chunk that does not
 * fill the compiled batch goes through a buffer, where it is padded with its last row and trimmed.
 *
 * Rows keep their order, and a row's result does not depend on the batch around it.
 *
 * Any thread may call, several at once: their chunks share the replicas.
 */
struct neuron_data_parallel;

/* A zeroed one asks for all cores and for dynamic batching where the model allows it. */
struct neuron_data_parallel_options {
    const char *const *device_ids; /* "3" or "nc:3", the process's numbers; NULL for all cores */
    uint32_t device_id_count;
    bool without_dynamic_batching; /* refuse all but device_id_count times the compiled batch */
};

/*
 * Puts a replica of the model on each core.
 *
 * runtime, model  outlive the new object.
 * options         borrowed for the call. May be NULL for all defaults.
 * parallel        receives a new object, which the caller destroys. Unchanged on failure.
 * error           receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX for a device id of neither form, NEURON_NO_SUCH_CORE for a core
 * that the process does not own, NEURON_INVALID_ARGUMENT for one named twice,
 * NEURON_UNSUPPORTED_MODEL for a model of several cores; else as neuron_module_create().
 * Any thread but an executor's. Blocks while the model is loaded to the cores.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                            const struct neuron_data_parallel_options *options,
                            struct neuron_data_parallel **parallel, struct neuron_error *error);

/*
 * Runs a batch of any number of rows, and waits for it.
 *
 * inputs   as many as the model has, in its order: compiled type and shape but for dimension 0,
 *          the rows, which is the same in all. Inputs that all rows share
 *          (neuron_model_input_is_shared()) have exactly the compiled shape, and go whole to every
 *          core. Read in place.
 * outputs  as many as the model has, with the same number of rows. Written in place. They overlap
 *          neither each other nor an input.
 *
 * Zero rows are allowed, and run nothing. Without dynamic batching the rows must be the number of
 * cores used times the compiled dimension 0.
 *
 * Returns NEURON_INVALID_ARGUMENT when a count, type, shape or number of rows does not fit: the
 * text gives what is and what must be; NEURON_QUEUE_FULL; NEURON_SYSTEM, NEURON_TIMED_OUT or
 * NEURON_NUMERICAL_ERROR as neuron_module_run(), with the chunk, its rows and its core. Outputs are
 * undefined after a failure.
 * Any thread but an executor's. Blocks until the batch is done.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_run(struct neuron_data_parallel *parallel,
                         const struct neuron_tensor_view *inputs, uint32_t input_count,
                         const struct neuron_tensor_view *outputs, uint32_t output_count,
                         struct neuron_error *error);

/*
 * Sets how many rows a chunk of later calls has. 0, as at first, cuts at the compiled batch, which
 * ends no later than chunks of max(1, rows / cores) would. Any thread.
 */
NEURON_API void
neuron_data_parallel_set_split_size(struct neuron_data_parallel *parallel, uint32_t rows);

/* Switches dynamic batching off for later calls. Any thread. */
NEURON_API void
neuron_data_parallel_disable_dynamic_batching(struct neuron_data_parallel *parallel);

/*
 * Says whether later calls take any number of rows; where not, writes why to `error`, which may be
 * NULL. Any thread.
 */
NEURON_API bool
neuron_data_parallel_has_dynamic_batching(const struct neuron_data_parallel *parallel,
                                          struct neuron_error *error);

/* Says how many cores a batch is cut over. At least 1. Any thread. */
NEURON_API uint32_t
neuron_data_parallel_core_count(const struct neuron_data_parallel *parallel);

/* Destroys the object. Accepts NULL. No call is under way. */
NEURON_API void
neuron_data_parallel_destroy(struct neuron_data_parallel *parallel);

#ifdef __cplusplus
}
#endif

#endif

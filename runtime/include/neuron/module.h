/* SPDX-License-Identifier: Apache-2.0 */
/* A model loaded to cores: replicas, called round robin. */
#ifndef NEURON_MODULE_H
#define NEURON_MODULE_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A module keeps its runtime and its model; both outlive it. */
struct neuron_module;

/* Where the replicas go. A zeroed one puts a single replica on nc:0. */
struct neuron_module_options {
    const uint32_t *cores; /* the process's core numbers, one replica each; NULL for 0, 1, ... */
    uint32_t core_count;   /* how many; 0 for one */
};

/*
 * Loads a model to cores: packs its weights once, and makes a replica on each core, in the memory
 * near it.
 *
 * options  borrowed for the call. May be NULL for all defaults.
 * module   receives a new module, which the caller destroys. Unchanged on failure.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_NO_SUCH_CORE for a core that the process does not own, NEURON_INVALID_ARGUMENT for
 * one named twice, NEURON_UNSUPPORTED_MODEL, NEURON_OUT_OF_MEMORY, or NEURON_SYSTEM.
 * Any thread but an executor's. Blocks while it loads.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                     const struct neuron_module_options *options, struct neuron_module **module,
                     struct neuron_error *error);

/*
 * Runs the model once on the next replica, and waits. Shapes are exactly the compiled ones.
 *
 * inputs   as many as the model has, in its order, read in place.
 * outputs  as many as the model has, written in place; they overlap nothing.
 *
 * Returns NEURON_INVALID_ARGUMENT when a count, type or shape does not fit (the text gives both),
 * NEURON_QUEUE_FULL, NEURON_STOPPED or NEURON_SYSTEM. Outputs are undefined after a failure.
 * Any thread but an executor's. Blocks until the run is done.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  uint32_t input_count, const struct neuron_tensor_view *outputs,
                  uint32_t output_count, struct neuron_error *error);

/* The model that a module runs. Any thread. */
NEURON_API const struct neuron_model *
neuron_module_model(const struct neuron_module *module);

/* Says how many replicas a module has. At least 1. Any thread. */
NEURON_API uint32_t
neuron_module_replica_count(const struct neuron_module *module);

/* The executor of a replica; work submitted there may call neuron_module_run_replica(). */
NEURON_API struct neuron_executor *
neuron_module_replica_executor(const struct neuron_module *module, uint32_t replica);

/*
 * Runs one replica on the calling thread, which is that of the replica's executor. Locks nothing,
 * and allocates nothing but the maps of arguments that oneDNN makes and frees in each of its calls.
 *
 * inputs, outputs  the addresses of dense tensors of the compiled shapes, in the model's order.
 *
 * Returns NEURON_SYSTEM when a kernel fails.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_run_replica(struct neuron_module *module, uint32_t replica, void *const *inputs,
                          void *const *outputs, struct neuron_error *error);

/* Destroys a module. Accepts NULL. No run is under way. */
NEURON_API void
neuron_module_destroy(struct neuron_module *module);

#ifdef __cplusplus
}
#endif

#endif

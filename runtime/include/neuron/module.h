/* SPDX-License-Identifier: Apache-2.0 */
/* A model loaded to cores: replicas, called round robin. */
#ifndef NEURON_MODULE_H
#define NEURON_MODULE_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/module_placement.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A module keeps its runtime and its model; both outlive it. */
struct neuron_module;

/*
 * Loads a model to cores: packs its weights once per device, whatever the number of modules and
 * replicas of that model there, and makes the replicas, each in the memory near its core.
 *
 * placement  where the replicas go. Borrowed for the call. NULL for the default.
 * module     receives a new module, which the caller destroys. Unchanged on failure.
 * error      receives the reason on failure. May be NULL.
 *
 * A model that was compiled as lazy is loaded to a core by the first run there, and one that is
 * async by the executors, while the caller goes on; runs wait for it. Of one that is both, the
 * first neuron_module_run() has all replicas loaded at once. The cores are claimed in any case.
 * What then fails is returned by the run that waited for it, and tried again by the next.
 *
 * Returns NEURON_NO_SUCH_CORE for a core that the process does not own, NEURON_INVALID_ARGUMENT for
 * one named twice, a number of cores that is no multiple of the model's, or a weight that is
 * missing; NEURON_DEVICE_MEMORY_FULL, NEURON_UNSUPPORTED_MODEL, NEURON_OUT_OF_MEMORY, or
 * NEURON_SYSTEM. Any thread but an executor's. Blocks while it loads, unless the model says
 * otherwise.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                     const struct neuron_module_placement *placement, struct neuron_module **module,
                     struct neuron_error *error);

/*
 * Moves a loaded module to other cores, as set_neuron_cores and set_multicore of the original do:
 * loads it there, lets later runs go there, waits until those under way are done, and unloads it
 * from where it was. Rounds start anew at the first replica.
 *
 * placement  as above; it alone decides, what the module had before does not count.
 *
 * Returns what neuron_module_create() does, or NEURON_INVALID_ARGUMENT where somebody keeps the
 * module (neuron_module_keep()); it is then where it was.
 * Any thread but an executor's, also while others run the module. Blocks as said. Not while a
 * caller of neuron_module_run_replica() uses the module.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_place(struct neuron_module *module, const struct neuron_module_placement *placement,
                    struct neuron_error *error);

/*
 * Keeps a module where it is: neuron_module_place() returns NEURON_INVALID_ARGUMENT until as many
 * calls of neuron_module_let_go() were made. For who calls replicas by their number.
 *
 * placement  where it is to be; it is moved there first, unless it is there. NULL for where it is.
 *
 * Returns what neuron_module_place() does; the module is then where it was, and not kept.
 * Any thread; blocks while the module moves.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_keep(struct neuron_module *module, const struct neuron_module_placement *placement,
                   struct neuron_error *error);

/* Takes one neuron_module_keep() back. Any thread. */
NEURON_API void
neuron_module_let_go(struct neuron_module *module);

/*
 * Lets neuron_module_run() take batches of any size from now on, smaller and larger than compiled,
 * as dynamic_batch of the original does; it changes the module in place. docs/dynamic-batching.md
 * says what a model must be for that. Enabled once more, nothing changes; a move keeps it.
 *
 * error  receives on refusal what stands in the way: the operator that mixes rows, the inputs that
 *        disagree in dimension 0, or that no input carries a batch. May be NULL.
 *
 * Returns NEURON_UNSUPPORTED_MODEL or NEURON_OUT_OF_MEMORY, and the module is then as it was.
 * Any thread, also while others run the module: runs that begin later are batched.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_enable_dynamic_batching(struct neuron_module *module, struct neuron_error *error);

/*
 * Runs the model once on the next replica, and waits. Shapes are exactly the compiled ones; of a
 * model with buckets, those that fit one of them, with the outputs that belong to them
 * (neuron/model_buckets.h). Tensors that do not have the bucket's shape are copied then.
 *
 * With dynamic batching, dimension 0 of the inputs that carry a batch and of all outputs is any one
 * number, and inputs that rows share are whole. The batch is cut into chunks of the compiled one:
 * each goes to the next replica, in place; the last one, where it is not full, is padded with its
 * last row, in the smallest bucket that has room, and its outputs are trimmed. All that are under
 * way share the replicas. No rows are no run, and a success.
 *
 * inputs   as many as the model has, in its order, read in place.
 * outputs  as many as the model has, written in place; they overlap nothing.
 *
 * On a model of several cores, each of its stages works on another run at the same time: so many
 * threads that call are needed to keep all cores busy.
 *
 * Returns NEURON_INVALID_ARGUMENT when a count, type or shape does not fit (the text gives both),
 * NEURON_QUEUE_FULL, NEURON_STOPPED or NEURON_SYSTEM; NEURON_TIMED_OUT when the run took longer
 * than the runtime allows: it ended after the kernel that was running then, and the core goes on
 * with what is next. Outputs are undefined after these. NEURON_NUMERICAL_ERROR when the runtime
 * searches for NaN and an output holds one: the outputs are all there. Of several chunks, the first
 * one in the order of rows that failed decides, and its rows stand in the text; a NaN counts only
 * where nothing else failed. Padding is never to blame. Where the run loads the
 * model, also what neuron_module_create() returns for that. Any thread but an executor's. Blocks
 * until the run is done.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  uint32_t input_count, const struct neuron_tensor_view *outputs,
                  uint32_t output_count, struct neuron_error *error);

/* The model that a module runs. Any thread. */
NEURON_API const struct neuron_model *
neuron_module_model(const struct neuron_module *module);

/* The runtime whose cores a module runs on. Any thread. */
NEURON_API struct neuron_runtime *
neuron_module_runtime(const struct neuron_module *module);

/* Says how many replicas a module has; a move changes it. At least 1. Any thread. */
NEURON_API uint32_t
neuron_module_replica_count(struct neuron_module *module);

/* The process's number of the first core of a replica, below the count. Any thread. */
NEURON_API uint32_t
neuron_module_replica_core(struct neuron_module *module, uint32_t replica);

/* The replica whose turn it is; the turn goes on to the next one. Any thread. */
NEURON_API uint32_t
neuron_module_next_replica(struct neuron_module *module);

/* The executor of the first core of a replica, below the count; work submitted there may call
   neuron_module_run_replica(). Any thread. */
NEURON_API struct neuron_executor *
neuron_module_replica_executor(struct neuron_module *module, uint32_t replica);

/*
 * Runs one replica on the calling thread, which is that of the replica's executor. Locks nothing,
 * and allocates nothing but the maps of arguments that oneDNN makes and frees in each of its calls.
 *
 * inputs, outputs  the addresses of dense tensors of the compiled shapes, in the model's order.
 *
 * Returns NEURON_SYSTEM when a kernel fails, or NEURON_TIMED_OUT or NEURON_NUMERICAL_ERROR as
 * neuron_module_run() does; NEURON_UNSUPPORTED_MODEL for a replica of several cores, which no one
 * thread can run: it is submitted.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_run_replica(struct neuron_module *module, uint32_t replica, void *const *inputs,
                          void *const *outputs, struct neuron_error *error);

/*
 * Runs one replica as above, but begins no kernel after a time of CLOCK_MONOTONIC, to some
 * milliseconds: NEURON_TIMED_OUT. 0 for no such time.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_run_replica_until(struct neuron_module *module, uint32_t replica, void *const *inputs,
                                void *const *outputs, uint64_t deadline_ns,
                                struct neuron_error *error);

/*
 * Hears that a submitted run is done, with what neuron_module_run() would have returned. On the
 * thread of an executor, or of another one that submits: it waits for no executor.
 *
 * error  lives until the function returns.
 */
typedef void
neuron_run_done_fn(void *argument, enum neuron_status status, const struct neuron_error *error);

struct neuron_replica_run {
    void *const *inputs;  /* as for neuron_module_run_replica(); the arrays are borrowed for the */
    void *const *outputs; /* call, and what they name until the run is done */
    neuron_run_done_fn *done;
    void *argument;       /* handed to `done` */
    uint64_t deadline_ns; /* as for neuron_module_run_replica_until(), from the submission on */
};

/*
 * Submits a run of one replica, of any number of cores, and does not wait for it. Runs of one
 * thread begin in its order. Those of a replica of one core end in it, too; in one of several
 * cores, whose stages work on several runs at a time, a run that fails ends early.
 *
 * Returns NEURON_QUEUE_FULL, NEURON_STOPPED, NEURON_SYSTEM or NEURON_OUT_OF_MEMORY: then the run
 * is not done, and nobody will be told that it is.
 * Any thread. Allocates nothing but for more runs under way than there were ever before.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_module_submit_replica(struct neuron_module *module, uint32_t replica,
                             const struct neuron_replica_run *run, struct neuron_error *error);

/* Destroys a module. Accepts NULL. No run is under way. Blocks while the model is loading. */
NEURON_API void
neuron_module_destroy(struct neuron_module *module);

#ifdef __cplusplus
}
#endif

#endif

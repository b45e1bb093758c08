/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a batch over the cores of the process, and puts the answers together in order. */
#ifndef NEURON_DATA_PARALLEL_H
#define NEURON_DATA_PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/custom_program.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A replica of the model stands on every core of the process, or on those chosen. A call cuts its
 * tensors along one dimension into chunks; the next chunk goes to the core that is free first, so a
 * core that is slower, or has other work, gets fewer. Calls of several threads share the cores:
 * after each chunk a core turns to the call, or the other work, that has waited longest.
 *
 * A chunk reads the caller's inputs and writes the caller's outputs in place, where it is a whole
 * compiled batch of dimension 0. Otherwise the core that runs it copies: the last rows, which are
 * padded with the last of them and trimmed, and the strided slices of another dimension.
 *
 * Rows keep their order, and a row's result does not depend on the batch around it.
 *
 * What the documents of the original leave open is decided so:
 *   fewer rows than cores      as many cores work as there are chunks, the idle ones first
 *   rows that fill no batch    padded with the last row; what comes of the padding is cut off
 *   no rows                    the call succeeds, and runs nothing
 *   inputs without a batch     said of the model when it is traced or imported
 *                              (neuron_model_input_is_shared()), never guessed from shapes
 *   a chunk fails              the call fails with that of the first rows; chunks that were begun
 *                              are awaited, no other begins; the object stays usable
 *   dim != 0                   nobody pads: extents must be the compiled ones times the replicas
 *   changing an attribute      holds for later calls; a call keeps what it began with
 */
struct neuron_data_parallel;

/* Where the replicas run. */
enum neuron_isolation {
    NEURON_ISOLATION_NONE = 0,   /* on executors of this process */
    NEURON_ISOLATION_PROCESS = 1 /* in a child process for each core, which costs this one two
                                    threads, some 10 descriptors and copies of all tensors a core,
                                    and some 86 us a run (docs/isolation.md) */
};

/* A zeroed one asks for all cores, dimension 0, and dynamic batching where the model allows it. */
struct neuron_data_parallel_options {
    /* "3" or "nc:3", the process's numbers; NULL for all cores. For a model of several cores each
       names the first core of a replica. */
    const char *const *device_ids;
    uint32_t device_id_count;
    bool without_dynamic_batching; /* refuse all but the replicas times the compiled extent */
    int32_t dim;                   /* which dimension is cut; below 0 it counts from the last */
    uint32_t num_workers;          /* most chunks of a call in flight; 0 for 2 x cores */
    uint32_t split_size;           /* as for neuron_data_parallel_set_split_size() */
    /* Most submitted calls at a time; 0 for 64. Beyond NEURON_INBOX_LIMIT the inboxes are full. */
    uint32_t queue_limit;
    enum neuron_isolation isolation;
    /* Only with NEURON_ISOLATION_PROCESS: how long a run may take before its process counts as hung
       and is killed; 0 for no limit. */
    uint32_t hang_limit_ms;
};

/*
 * Puts a replica of the model on each core; a model of k cores takes k consecutive ones a replica,
 * and as many replicas as fit where no device ids are given.
 *
 * Where dynamic batching is asked for and the model cannot have it, the object takes exact shapes
 * only, a line on stderr says so once, and neuron_data_parallel_has_dynamic_batching() says why.
 *
 * runtime, model  outlive the new object.
 * options         borrowed for the call. May be NULL for all defaults.
 * parallel        receives a new object, which the caller destroys. Unchanged on failure.
 * error           receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_SYNTAX for a device id of neither form, NEURON_NO_SUCH_CORE for a core
 * that the process does not own, NEURON_INVALID_ARGUMENT for one named twice, a `dim` that a tensor
 * of the model lacks, or options that contradict each other; else as neuron_module_create();
 * NEURON_SYSTEM when a child process cannot be started, NEURON_PEER_LOST when one ends or hangs
 * while it loads. Any thread but an executor's. Blocks while the model is loaded to the cores.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                            const struct neuron_data_parallel_options *options,
                            struct neuron_data_parallel **parallel, struct neuron_error *error);

/*
 * Uses the replicas of a module where they stand, or, with device ids, moves the module there first
 * (neuron_module_place()). The module outlives the new object, and is not moved as long as that
 * lives; it may be run meanwhile. Isolation is refused: the module's replicas are in this process.
 *
 * Else as neuron_data_parallel_create().
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_create_on_module(struct neuron_module *module,
                                      const struct neuron_data_parallel_options *options,
                                      struct neuron_data_parallel **parallel,
                                      struct neuron_error *error);

/*
 * Runs a program of the caller's in place of a model, one instance a core
 * (neuron/custom_program.h). `dim` is 0, and a run gets any number of rows up to the split size.
 * With isolation the program comes from a shared library, and a run has no more rows than go into 4
 * MiB, unless one row takes more.
 *
 * runtime, program  outlive the new object.
 *
 * Returns also what the program's own create() returns. Else as neuron_data_parallel_create().
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_create_custom(struct neuron_runtime *runtime,
                                   const struct neuron_custom_program *program,
                                   const struct neuron_data_parallel_options *options,
                                   struct neuron_data_parallel **parallel,
                                   struct neuron_error *error);

/* The tensors of a call, as neuron_data_parallel_run() takes them. */
struct neuron_batch_tensors {
    const struct neuron_tensor_view *inputs;
    const struct neuron_tensor_view *outputs;
    uint32_t input_count;
    uint32_t output_count;
};

/*
 * Runs a batch of any number of rows, and waits for it.
 *
 * inputs   as many as the model has, in its order: compiled type and shape but for the dimension
 *          that is cut, which is the same in all. Inputs that all rows share
 *          (neuron_model_input_is_shared()) have exactly the compiled shape, and go whole to every
 *          core. Read in place.
 * outputs  as many as the model has, with the same extent. Written in place, each byte once. They
 *          overlap neither each other nor an input.
 *
 * Zero rows are allowed, and run nothing. Without dynamic batching the extent must be the compiled
 * one times the number of replicas.
 *
 * Returns NEURON_INVALID_ARGUMENT when a count, type, shape or number of rows does not fit: the
 * text gives what is and what must be; NEURON_QUEUE_FULL; NEURON_SYSTEM, NEURON_TIMED_OUT or
 * NEURON_NUMERICAL_ERROR as neuron_module_run(), or what a custom program returned: the text gives
 * the chunk, its rows, its core in both numberings, and the reason. With isolation NEURON_PEER_LOST
 * for rows at which two processes died or hung; all other chunks are then done. Outputs are
 * undefined after a failure, but for NEURON_NUMERICAL_ERROR, which is told only where nothing else
 * failed: all of them are there.
 * Any thread but an executor's. Blocks until the batch is done.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_data_parallel_run(struct neuron_data_parallel *parallel,
                         const struct neuron_tensor_view *inputs, uint32_t input_count,
                         const struct neuron_tensor_view *outputs, uint32_t output_count,
                         struct neuron_error *error);

/*
 * Sets how many rows a chunk of later calls has. 0, as at first, cuts at the compiled batch, which
 * ends no later than chunks of max(1, rows / cores) would; for a custom program, which has none,
 * at max(1, rows / cores), or less so that each core gets several. Without effect on exact shapes.
 * Any thread.
 */
NEURON_API void
neuron_data_parallel_set_split_size(struct neuron_data_parallel *parallel, uint32_t rows);

/* What was set; 0 for the automatic cut. Any thread. */
NEURON_API uint32_t
neuron_data_parallel_split_size(const struct neuron_data_parallel *parallel);

/*
 * Sets how many chunks of a later call are in flight at most; 0 for 2 x cores, which binds nothing.
 * A replica has one chunk in flight, one of several cores one more than it has cores. Any thread.
 */
NEURON_API void
neuron_data_parallel_set_num_workers(struct neuron_data_parallel *parallel, uint32_t chunks);

/* What holds for the next call: at least 1. Any thread. */
NEURON_API uint32_t
neuron_data_parallel_num_workers(const struct neuron_data_parallel *parallel);

/* Switches dynamic batching off for later calls. Any thread. */
NEURON_API void
neuron_data_parallel_disable_dynamic_batching(struct neuron_data_parallel *parallel);

/*
 * Says whether later calls take any number of rows; where not, writes why to `error`, which may be
 * NULL: for a model that mixes rows, the operator that does. Any thread.
 */
NEURON_API bool
neuron_data_parallel_has_dynamic_batching(const struct neuron_data_parallel *parallel,
                                          struct neuron_error *error);

/* Says how many cores a batch is cut over. At least 1. Any thread. */
NEURON_API uint32_t
neuron_data_parallel_core_count(const struct neuron_data_parallel *parallel);

/* Says how many replicas there are: the cores, over those that one replica takes. Any thread. */
NEURON_API uint32_t
neuron_data_parallel_replica_count(const struct neuron_data_parallel *parallel);

/*
 * Destroys the object. Accepts NULL. No call is under way, and each that was submitted was waited
 * for: else it blocks for good. Blocks while an executor looks at a call, and with isolation until
 * the processes have ended.
 */
NEURON_API void
neuron_data_parallel_destroy(struct neuron_data_parallel *parallel);

#ifdef __cplusplus
}
#endif

#endif

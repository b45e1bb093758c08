/* SPDX-License-Identifier: Apache-2.0 */
/* Where on the cores of the process a module goes, and what holds where nothing is said. */
#ifndef NEURON_MODULE_PLACEMENT_H
#define NEURON_MODULE_PLACEMENT_H

#include <stdint.h>

#include "neuron/runtime.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Core numbers here are the process's: nc:0 is the first core that it owns. A model made for k
 * cores (neuron_model_core_count) takes k consecutive cores a replica.
 *
 * The least used core is the one with the fewest replicas of all modules of the process on it. Runs
 * of several cores compare by their fullest core, then by all replicas on them. Among equals the
 * lowest number comes first.
 */
enum { NEURON_AUTOMATIC = -1 };

enum neuron_placement_kind {
    NEURON_PLACEMENT_DEFAULT = 0,  /* the innermost context of the calling thread; else automatic */
    NEURON_PLACEMENT_RUN = 1,      /* `nc_count` consecutive cores from `start_nc` on */
    NEURON_PLACEMENT_ALL = 2,      /* every core of the process, as many replicas as fit */
    NEURON_PLACEMENT_SELECTION = 3 /* a replica at each of `cores`, in that order */
};

/* A zeroed one is the default: outside of any context one replica on the least used cores. */
struct neuron_module_placement {
    enum neuron_placement_kind kind;
    int32_t start_nc;      /* RUN: the first core, or NEURON_AUTOMATIC for the least used run */
    int32_t nc_count;      /* RUN: a multiple of the model's cores, or NEURON_AUTOMATIC for these */
    const uint32_t *cores; /* SELECTION: the first core of each replica */
    uint32_t core_count;   /* SELECTION: how many */
};

/*
 * The placement of loads inside a context, as the pair neuron_cores_context / multicore_context of
 * the original has it, but of the calling thread alone: threads do not disturb each other. A
 * context covers the one that it was entered in, until it is left. It takes effect only when a
 * module is created in its runtime, or moved, with the default placement; runs need no context.
 *
 * The memory is the caller's, and stays where it is until the context is left. Its fields are the
 * library's.
 */
struct neuron_cores_context {
    struct neuron_module_placement placement;
    struct neuron_runtime *runtime;
    struct neuron_cores_context *outer;
};

/*
 * Enters a context that loads to `nc_count` cores from `start_nc` on.
 *
 * start_nc, nc_count  as in struct neuron_module_placement.
 *
 * Returns NEURON_NO_SUCH_CORE where the process owns no such cores, NEURON_INVALID_ARGUMENT for
 * numbers that can name none; NEURON_OUT_OF_MEMORY. The context is then not entered.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_cores_context_enter(struct neuron_runtime *runtime, int32_t start_nc, int32_t nc_count,
                           struct neuron_cores_context *context, struct neuron_error *error);

/* Enters a context that loads to every core of the process. Else as the above. */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_multicore_context_enter(struct neuron_runtime *runtime, struct neuron_cores_context *context,
                               struct neuron_error *error);

/*
 * Leaves a context of either kind: the outer one holds again.
 *
 * Returns NEURON_INVALID_ARGUMENT, and leaves none, where it is not the innermost context that the
 * calling thread entered.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_cores_context_leave(struct neuron_cores_context *context, struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

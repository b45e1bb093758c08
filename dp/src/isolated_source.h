/* SPDX-License-Identifier: Apache-2.0 */
/* What executors in processes of their own are started from: one for all cores of an object. */
#ifndef NEURON_DP_ISOLATED_SOURCE_H
#define NEURON_DP_ISOLATED_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/custom_program.h"
#include "neuron/model.h"
#include "neuron/runtime.h"
#include "neuron/status.h"

#include "isolated_setup.h"
#include "isolated_tensors.h"

/* A source never changes. Any thread may call anything here, where nothing else is said. */
struct neuron_isolated_source;

/* A custom program, and where the children find it. */
struct neuron_isolated_library {
    const struct neuron_custom_program *program; /* checked; outlives the source */
    const char *path;   /* as for neuron_custom_library_open(), which the child calls */
    const char *config; /* likewise; NULL for none */
};

/*
 * Prepares replicas of a model: writes its NEFF, with the weights that it has now, to a file in
 * memory that its children share, and that none of them can change.
 *
 * runtime, model  outlive the new source.
 * executor_path   the program that children run; NULL to find it (executor_path.h).
 * source          receives a new source, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM when the program is not there, or memory cannot be shared;
 * NEURON_INVALID_ARGUMENT for a model that lacks weights; NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_source_create(const struct neuron_runtime *runtime,
                              const struct neuron_model *model, const char *executor_path,
                              struct neuron_isolated_source **source, struct neuron_error *error);

/*
 * Prepares instances of a custom program.
 *
 * library  borrowed for the call, but for the program.
 *
 * Returns NEURON_INVALID_ARGUMENT for a program that comes from no library: `path` is NULL; or for
 * a path or config that is too long; else as the above.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_source_create_custom(const struct neuron_runtime *runtime,
                                     const struct neuron_isolated_library *library,
                                     const char *executor_path,
                                     struct neuron_isolated_source **source,
                                     struct neuron_error *error);

/* Refuses in a forked child, whose executors are its parent's. Returns NEURON_STOPPED there. */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_source_check_process(const struct neuron_isolated_source *source,
                                     struct neuron_error *error);

/* What the source was made with. */
const struct neuron_runtime *
neuron_isolated_source_runtime(const struct neuron_isolated_source *source);
const char *
neuron_isolated_source_executor_path(const struct neuron_isolated_source *source);

/* Says how many cores a replica takes: more than one for some models. */
uint32_t
neuron_isolated_source_core_count(const struct neuron_isolated_source *source);

/* The most rows of a run, where so many are asked for: a custom program may want fewer. */
int64_t
neuron_isolated_source_limit_rows(const struct neuron_isolated_source *source, int64_t rows);

/* Says whether all runs have the same number of rows, as those of a model do. */
bool
neuron_isolated_source_pads(const struct neuron_isolated_source *source);

/* The NEFF's file, or -1. Stays the source's. */
int
neuron_isolated_source_model_file(const struct neuron_isolated_source *source);

/*
 * Lists the tensors of runs of at most so many rows, which a model has as it was compiled.
 *
 * tensors  receives a list, which the caller frees. Zeroed on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_source_list_tensors(const struct neuron_isolated_source *source, int64_t rows,
                                    struct neuron_isolated_tensors *tensors,
                                    struct neuron_error *error);

/*
 * Writes the setup of a child, which is one of the calling process.
 *
 * nc          of the first of its cores.
 * address     where it is to connect to.
 * descriptor  receives a file, which the caller closes.
 *
 * Returns as neuron_isolated_setup_write().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_source_write_setup(const struct neuron_isolated_source *source, uint32_t nc,
                                   int64_t rows, const char *address, int *descriptor,
                                   struct neuron_error *error);

/* Destroys a source that no program uses any more. Accepts NULL. */
void
neuron_isolated_source_destroy(struct neuron_isolated_source *source);

#endif

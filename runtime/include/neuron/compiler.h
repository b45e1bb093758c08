/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles a graph to a NEFF file. */
#ifndef NEURON_COMPILER_H
#define NEURON_COMPILER_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every field may be left zero. */
struct neuron_compiler_options {
    const char *model_name;  /* stands in the file; NULL for the file's own name */
    const char *dump_folder; /* receives the graph after each pass, as text and DOT; NULL for none.
                                It is made if it is not there */
    bool weights_apart; /* leaves out of the file the constants that have a name, which are given
                           when it is loaded (neuron/model_weights.h) */
    bool lazy_load;     /* a module loads the model at its first run */
    bool async_load;    /* a module loads the model while its caller goes on */
    const char *weights_path; /* receives what is left out, as an npz file; NULL for nowhere */
};

/*
 * Folds, fuses, and writes the graph as a NEFF file. The file appears under its name whole or not
 * at all: it is written beside it, synced to disk, and renamed.
 *
 * options  borrowed for the call. May be NULL for all defaults.
 * Weights that are left out are not folded into others, as far as that can be told from the graph:
 * one that was imported has to keep them (neuron/onnx.h). That is done when they are given.
 *
 * path     where to write; a file of that name is replaced.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT when weights are to be left out and none has a name,
 * NEURON_SYSTEM when the file cannot be written (the text says why, and nothing of it is left), or
 * the graphs of the passes cannot, or NEURON_OUT_OF_MEMORY. Any thread. Blocks while it writes.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_compile(const struct neuron_graph *graph, const struct neuron_compiler_options *options,
               const char *path, struct neuron_error *error);

/*
 * Compiles graphs of one network for several shapes to one file (neuron/model_buckets.h). Constants
 * that are the same stand in it once.
 *
 * graphs  1 to 64 of them in any order: with the same inputs and outputs but for the extents of
 *         dimensions. A dimension of an output that differs is one of an input, or a multiple of
 * it.
 *
 * Returns NEURON_INVALID_ARGUMENT for graphs that do not go together (the text says what differs),
 * or when weights are to be left out of several; else as neuron_compile().
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_compile_buckets(const struct neuron_graph *const *graphs, uint32_t count,
                       const struct neuron_compiler_options *options, const char *path,
                       struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

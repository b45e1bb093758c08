/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles a graph to a NEFF file. */
#ifndef NEURON_COMPILER_H
#define NEURON_COMPILER_H

#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a model uses several cores. */
enum neuron_split {
    NEURON_SPLIT_PIPELINE = 0, /* for throughput: each has a stage, and requests stream through */
    NEURON_SPLIT_WIDE = 1      /* for latency: all work on one request, in its large layers */
};

/* Every field may be left zero. */
struct neuron_compiler_options {
    const char *model_name;  /* stands in the file; NULL for the file's own name */
    const char *dump_folder; /* receives the graph after each pass, as text and DOT; NULL for none.
                                It is made if it is not there */
    uint32_t core_count;     /* consecutive cores that a replica takes, up to 64; 0 for 1 */
    enum neuron_split split; /* what these cores do */
};

/*
 * Folds, fuses, and writes the graph as a NEFF file. For a pipeline it is cut into as many stages
 * as there are cores, of about the same time on this machine, which is measured: the weights of
 * each stay in the cache of its core. The file appears under its name whole or not at all: it is
 * written beside it, synced to disk, and renamed.
 *
 * options  borrowed for the call. May be NULL for all defaults.
 * path     where to write; a file of that name is replaced.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when the file cannot be written (the text says why, and nothing of it is
 * left), or the graphs of the passes cannot; NEURON_INVALID_ARGUMENT for more stages than there are
 * operators, or more cores than one model may have; NEURON_OUT_OF_MEMORY.
 * Any thread. Blocks while it writes, and measures.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_compile(const struct neuron_graph *graph, const struct neuron_compiler_options *options,
               const char *path, struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

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

/* Which operators are computed in a narrower type, as --auto-cast of neuronx-cc. */
enum neuron_auto_cast {
    NEURON_AUTO_CAST_NONE = 0,    /* everything is float32 */
    NEURON_AUTO_CAST_MATMULT = 1, /* operands of matrix products and convolutions are rounded */
    NEURON_AUTO_CAST_ALL = 2      /* and what is handed from one operator to another */
};

/* The narrower type. Sums of products are float32 (int32 for int8) with all of them. */
enum neuron_auto_cast_type {
    NEURON_AUTO_CAST_BF16 = 0,
    NEURON_AUTO_CAST_FP16 = 1, /* products alone */
    NEURON_AUTO_CAST_INT8 = 2 /* products alone: a factor for each column or channel of the weights,
                             one for all of the other operand */
};

enum { NEURON_OPTIMIZATION_LIMIT = 3 /* the highest level */ };

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
    enum neuron_auto_cast auto_cast;
    enum neuron_auto_cast_type auto_cast_type;
    /*
     * 1: convolutions are computed directly. 2, which is the default: those that win clearly
     * everywhere by Winograd's algorithm. 3: algorithms and layouts of each operator are measured
     * on this machine, as parts of the whole graph; takes some hundred times as long as a run.
     */
    uint32_t optimization_level;
    /*
     * The instructions of the machines that the file is for: "native" (NULL: those of this
     * machine), "generic", "avx2", "avx512", "avx512-vnni", "avx512-bf16" or "amx". It runs
     * everywhere, slower where they are lacking.
     */
    const char *target;
    /*
     * Rows to measure how large the operands of int8 products become, so that no run has to: a
     * tensor for each input, of any number of rows, or what the graph has for inputs without a
     * batch. Borrowed for the call. NULL: each run measures.
     */
    const struct neuron_tensor_view *calibration;
    uint32_t core_count;     /* consecutive cores that a replica takes, up to 64; 0 for 1 */
    enum neuron_split split; /* what these cores do */
    bool weights_apart; /* leaves out of the file the constants that have a name, which are given
                           when it is loaded (neuron/model_weights.h) */
    bool lazy_load;     /* a module loads the model at its first run */
    bool async_load;    /* a module loads the model while its caller goes on */
    const char *weights_path; /* receives what is left out, as an npz file; NULL for nowhere */
};

/*
 * Folds, fuses, chooses precisions and algorithms, and writes the graph as a NEFF file. For a
 * pipeline it is cut into as many stages as there are cores, of about the same time on this
 * machine, which is measured: the weights of each stay in the cache of its core. The file appears
 * under its name whole or not at all: it is written beside it, synced to disk, and renamed.
 *
 * Weights that are left out are not folded into others, as far as that can be told from the graph:
 * one that was imported has to keep them (neuron/onnx.h). That is done when they are given, and so
 * are precisions and algorithms chosen then. Such a model is for one core, as is one that is lazy
 * or async.
 *
 * options  borrowed for the call. May be NULL for all defaults.
 * path     where to write; a file of that name is replaced.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT for an option that is none, options that do not go together,
 * calibration rows that do not fit the inputs, a level of 3 for another machine, tensors that no
 * process has addresses for, more stages than there are operators, more cores than one model may
 * have, or weights to be left out where none has a name; NEURON_SYSTEM when the file cannot be
 * written (the text says why, and nothing of it is left), or the graphs of the passes cannot; or
 * NEURON_OUT_OF_MEMORY.
 * Any thread. Blocks while it writes, and measures: at level 3, a thread that has a core to itself
 * measures best.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_compile(const struct neuron_graph *graph, const struct neuron_compiler_options *options,
               const char *path, struct neuron_error *error);

/*
 * Compiles graphs of one network for several shapes to one file (neuron/model_buckets.h). Constants
 * that are the same stand in it once.
 *
 * graphs  1 to 64 of them in any order: with the same inputs and outputs but for the extents of
 *         dimensions. A dimension of an output that differs is one of an input, or a multiple
 *         of it.
 *
 * Returns NEURON_INVALID_ARGUMENT for graphs that do not go together (the text says what differs),
 * or when several are to lack weights, or to run on several cores; else as neuron_compile().
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_compile_buckets(const struct neuron_graph *const *graphs, uint32_t count,
                       const struct neuron_compiler_options *options, const char *path,
                       struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

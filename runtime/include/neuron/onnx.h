/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a graph of an ONNX file. */
#ifndef NEURON_ONNX_H
#define NEURON_ONNX_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What is imported is in docs/onnx.md: networks of opsets 7 to 18. The file may come
 * from anybody: every number in it is checked.
 */

/* The dimensions of one input. */
struct neuron_onnx_input_shape {
    const char *input; /* its name in the file */
    uint32_t rank;     /* at most NEURON_RANK_LIMIT */
    int64_t dims[NEURON_RANK_LIMIT];
};

/* Dimensions that the file leaves open. Every field may be left zero. */
struct neuron_onnx_options {
    int64_t batch; /* for dimension 0 of each input that leaves it open; 0 for none. Does not fit
                      a file with no input of so many rows */
    const struct neuron_onnx_input_shape *shapes;
    uint32_t shape_count;
    const char *const *shared_inputs; /* names of inputs that carry no batch: `batch` is not for
                                         them (see neuron_model_input_is_shared()) */
    uint32_t shared_input_count;
    bool keeps_weights; /* computes nothing of the file's weights at import, so that all can be
                           replaced: for compiling with `weights_apart` (neuron/compiler.h) */
};

enum { NEURON_ONNX_NAME_BYTES = 64 /* of names in a report, which are cut to this */ };

/* Why a node, an input or a tensor cannot be imported. Texts hold printable characters only. */
struct neuron_onnx_problem {
    char name[NEURON_ONNX_NAME_BYTES];          /* of the node, or of its first output */
    char operator_name[NEURON_ONNX_NAME_BYTES]; /* "Conv"; "input" or "tensor" for no node */
    int64_t opset;                              /* of the operator; 0 where unknown */
    char reason[NEURON_ERROR_TEXT_BYTES];
};

/* All nodes of one operator. */
struct neuron_onnx_operator_use {
    char operator_name[NEURON_ONNX_NAME_BYTES]; /* with its domain if that is not ONNX's own */
    uint32_t node_count;
    uint32_t refused_count; /* that cannot be imported */
    uint32_t folded_count;  /* that are computed at import, once */
    uint64_t flops;         /* of the others, per run; a product with its sum counts as 2 */
    uint64_t moved_bytes;   /* that they read and write per run, weights included */
    uint64_t weight_bytes;  /* of constants that they read */
};

/* What was found in a file. One thread at a time changes it; any thread may read it. */
struct neuron_onnx_report;

/*
 * Imports a file.
 *
 * options  borrowed for the call. May be NULL for all defaults.
 * graph    receives a new graph, which the caller destroys. Unchanged on failure.
 * report   receives a new report, also on failure, unless there is no memory for one: then NULL.
 *          The caller destroys it. May be NULL for none.
 * error    receives the first reason on failure, and how many there are. May be NULL.
 *
 * Returns NEURON_SYSTEM when the file cannot be read, NEURON_DAMAGED_MODEL when it is no ONNX file,
 * NEURON_UNSUPPORTED_MODEL when it or a part of it cannot be imported: the report lists every part;
 * NEURON_INVALID_ARGUMENT when the options do not fit the file, or NEURON_OUT_OF_MEMORY.
 * Any thread. Blocks while it reads.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_onnx_import(const char *path, const struct neuron_onnx_options *options,
                   struct neuron_graph **graph, struct neuron_onnx_report **report,
                   struct neuron_error *error);

/* Says how many problems the report lists: all, or NEURON_ONNX_PROBLEM_LIMIT of more. */
NEURON_API uint32_t
neuron_onnx_report_problem_count(const struct neuron_onnx_report *report);

enum { NEURON_ONNX_PROBLEM_LIMIT = 1000 };

/* One problem; `index` is below their count. Lives as long as the report. */
NEURON_API const struct neuron_onnx_problem *
neuron_onnx_report_problem(const struct neuron_onnx_report *report, uint32_t index);

/* Says how many operators the file uses; "(others)" stands for those of an absurd file. */
NEURON_API uint32_t
neuron_onnx_report_use_count(const struct neuron_onnx_report *report);

/* One operator, in the order in which the file first uses them. Lives as long as the report. */
NEURON_API const struct neuron_onnx_operator_use *
neuron_onnx_report_use(const struct neuron_onnx_report *report, uint32_t index);

/* Destroys a report. Accepts NULL. */
NEURON_API void
neuron_onnx_report_destroy(struct neuron_onnx_report *report);

#ifdef __cplusplus
}
#endif

#endif

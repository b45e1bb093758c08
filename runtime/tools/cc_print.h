/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-cc prints. Names come from files of anybody; only printable characters go out. */
#ifndef NEURON_TOOLS_CC_PRINT_H
#define NEURON_TOOLS_CC_PRINT_H

#include <stdio.h>

#include "cc_latency.h"
#include "cc_tensors.h"
#include "graph/graph_body.h"
#include "neuron/onnx.h"

/* Inputs and outputs with their shapes, weights, operations of a run, how many operators there are,
   and on how many cores they run; of the graph that it was compiled from, unless that is NULL, how
   many there were. */
void
neuron_cc_print_graph(FILE *stream, const struct neuron_graph *graph,
                      const struct neuron_graph *imported);

/* In what precision and for which machines a graph was compiled, as far as that is said of it. */
void
neuron_cc_print_choices(FILE *stream, const struct neuron_graph *graph);

/* When a module loads a compiled graph; nothing for at once. */
void
neuron_cc_print_load_order(FILE *stream, const struct neuron_graph *graph);

/* Whether a batch of any size can be cut for a compiled graph, or why not. */
void
neuron_cc_print_batch(FILE *stream, const struct neuron_graph *graph);

/* How often a graph has each operator. */
void
neuron_cc_print_operators(FILE *stream, const struct neuron_graph *graph);

/* Says how many bytes of constants a graph has. */
uint64_t
neuron_cc_weight_bytes(const struct neuron_graph *graph);

/* Says how many operations of floating point a run of a graph takes. */
uint64_t
neuron_cc_count_flops(const struct neuron_graph *graph);

/* The table of operators of an ONNX file. */
void
neuron_cc_print_uses(FILE *stream, const struct neuron_onnx_report *report);

/* Each problem as a line. */
void
neuron_cc_print_problems(FILE *stream, const struct neuron_onnx_report *report);

/* What a benchmark was run on. */
void
neuron_cc_print_inputs(const struct neuron_model *model, const struct neuron_cc_tensors *tensors);

/* How long runs took, in a line. */
void
neuron_cc_print_latency(const struct neuron_cc_latency *latency);

#endif

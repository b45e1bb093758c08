/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passes: each changes a graph into one that computes the same with less work. They leave behind
 * nodes and constants that nobody reads; neuron_graph_remove_unused() takes those away.
 *
 * Where a pass fails for want of memory, the graph may be half changed and is to be destroyed.
 * That is the only failure there is; each returns NEURON_OUT_OF_MEMORY then.
 */
#ifndef NEURON_COMPILER_PASS_H
#define NEURON_COMPILER_PASS_H

#include "graph/graph_body.h"
#include "neuron/status.h"

typedef enum neuron_status
neuron_pass_fn(struct neuron_graph *graph, struct neuron_error *error);

/* Computes what depends on constants alone, and makes constants of it. */
neuron_pass_fn neuron_pass_fold;

/* Takes out nodes that give what they are given. */
neuron_pass_fn neuron_pass_identity;

/* Computes the same thing once only. */
neuron_pass_fn neuron_pass_same_nodes;

/* Joins reshapes and transposes. */
neuron_pass_fn neuron_pass_movement;

/* Finds operators that were written as several: softmax, layer_norm, gelu, and activations that
   are x times a function of x. */
neuron_pass_fn neuron_pass_softmax;
neuron_pass_fn neuron_pass_layer_norm;
neuron_pass_fn neuron_pass_gelu;
neuron_pass_fn neuron_pass_gate;

/* Moves constant factors, and summands where there is a bias, into weights. */
neuron_pass_fn neuron_pass_scale_fold;

/*
 * Moves the addition of a constant per column or channel into the matmul or conv2d before it, as
 * its bias, then the addition of another value, and then the activation behind that.
 */
neuron_pass_fn neuron_pass_fuse;

/* Numbers values as they are used. */
neuron_pass_fn neuron_pass_value_order;

/* What is told of the graph after each pass. */
typedef enum neuron_status
neuron_pass_report_fn(const struct neuron_graph *graph, const char *pass, void *user,
                      struct neuron_error *error);

/*
 * Runs all passes, over and over until none finds anything.
 *
 * report  called before the first ("imported") and after each. May be NULL.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_passes_run(struct neuron_graph *graph, neuron_pass_report_fn *report, void *user,
                  struct neuron_error *error);

#endif

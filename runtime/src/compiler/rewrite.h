/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes share that look for patterns of nodes and put others in their place.
 *
 * A rewrite walks over the nodes in their order and hands each to the pass, which may
 *  - turn the node into another one that computes the same from values before it,
 *  - let all readers of the node's result read another value in its stead, or
 *  - change constants that a node before it reads, when nobody else is affected.
 * It adds no nodes. What nobody reads any more stays until neuron_graph_remove_unused().
 */
#ifndef NEURON_COMPILER_REWRITE_H
#define NEURON_COMPILER_REWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/* What is known of a value that the graph had at first. */
struct neuron_value_use {
    uint32_t producer;   /* the number of the node that computes it plus one, or 0 */
    uint32_t reads;      /* at most so many: by nodes and by the outputs of the graph */
    uint32_t stands_for; /* the value to read in its stead, mostly itself */
};

struct neuron_rewrite {
    struct neuron_graph *graph;
    struct neuron_value_use *uses;
    uint32_t use_count; /* values that came later are constants of the pass */
};

/* Looks at one node, and changes it where the pattern of the pass ends in it. */
typedef enum neuron_status
neuron_rewrite_fn(struct neuron_rewrite *rewrite, struct neuron_node *node,
                  struct neuron_error *error);

/* Walks over all nodes. Returns the first failure of the pass, or NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_rewrite_nodes(struct neuron_graph *graph, neuron_rewrite_fn *pass,
                     struct neuron_error *error);

/* The node that computes a value; NULL for inputs and constants. */
struct neuron_node *
neuron_rewrite_producer(const struct neuron_rewrite *rewrite, uint32_t value);

/* The node of this kind that computes a value, if nobody else reads that; else NULL. */
struct neuron_node *
neuron_rewrite_inner(const struct neuron_rewrite *rewrite, uint32_t value,
                     enum neuron_operator kind);

/* Says whether at most so many nodes and outputs read a value. */
bool
neuron_rewrite_has_readers(const struct neuron_rewrite *rewrite, uint32_t value, uint32_t most);

/* Says whether a value is float32 and has elements: what the patterns are made of. */
bool
neuron_rewrite_is_float(const struct neuron_rewrite *rewrite, uint32_t value);

/* Reads a constant of float32 with one element, which is a weight no longer: what is done depends
   on it. */
bool
neuron_rewrite_scalar(const struct neuron_rewrite *rewrite, uint32_t value, double *number);

/* Says whether two numbers are the same but for what exporters lose in writing them. */
bool
neuron_rewrite_is_near(double number, double wanted);

/*
 * Finds the number on one side of a sum or product, and the value on the other side, which has the
 * shape of the result. Of a division or difference, the number is on the right.
 */
bool
neuron_rewrite_split(const struct neuron_rewrite *rewrite, const struct neuron_node *node,
                     double *number, uint32_t *other);

/*
 * Turns a node into what `wanted` says, in which the result is not read; its inputs are copied.
 * Where inference finds another result than the node had, or none, nothing changes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_rewrite_become(struct neuron_rewrite *rewrite, struct neuron_node *node,
                      const struct neuron_node *wanted, struct neuron_error *error);

/* Turns a node into one of one input without attributes. */
NEURON_MUST_CHECK enum neuron_status
neuron_rewrite_become_unary(struct neuron_rewrite *rewrite, struct neuron_node *node,
                            enum neuron_operator kind, uint32_t input, struct neuron_error *error);

/* Lets all who read a node's result read a value of the same shape instead. */
void
neuron_rewrite_forward(struct neuron_rewrite *rewrite, const struct neuron_node *node,
                       uint32_t value);

#endif

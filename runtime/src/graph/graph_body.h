/* SPDX-License-Identifier: Apache-2.0 */
/* What a graph is made of, for those who build, change and run graphs. */
#ifndef NEURON_GRAPH_GRAPH_BODY_H
#define NEURON_GRAPH_GRAPH_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/core_split.h"
#include "graph/operator.h"
#include "graph/target.h"
#include "memory/file_pages.h"
#include "neuron/graph.h"
#include "neuron/tensor.h"

/* Where a value comes from. */
enum neuron_value_origin {
    NEURON_VALUE_INPUT,    /* given at each run */
    NEURON_VALUE_CONSTANT, /* part of the model */
    NEURON_VALUE_COMPUTED  /* the output of a node */
};

struct neuron_graph_value {
    struct neuron_tensor_shape shape;
    enum neuron_value_origin origin;
    const void
        *constant;       /* the bytes of a constant, dense; NULL where they are missing, and else */
    void *owned;         /* the same bytes when this graph frees them; else NULL */
    char *name;          /* of a weight (graph/weight.h), owned; else NULL */
    bool is_replaceable; /* a weight whose bytes are given later; nobody looks at those here */
};

/* Values are named by their position in the graph's array. */
struct neuron_node {
    enum neuron_operator kind;
    struct neuron_attributes attributes;
    uint32_t *inputs; /* owned */
    uint32_t input_count;
    uint32_t output;
};

/* A value with the name that it has outside. */
struct neuron_graph_port {
    struct neuron_tensor_spec spec;
    uint32_t value;
    bool is_shared; /* an input that is the same for all rows of a batch */
};

/* When a module brings the graph to its cores; at once where both are false. */
struct neuron_load_order {
    bool is_lazy;  /* at the first run */
    bool is_async; /* while the caller goes on */
};

enum { NEURON_GRAPH_IDENTITY_BYTES = 16 };

/* Nodes stand in an order in which each comes after those it reads from. */
struct neuron_graph {
    struct neuron_graph_value *values;
    uint32_t value_count;
    uint32_t value_room;
    struct neuron_node *nodes;
    uint32_t node_count;
    uint32_t node_room;
    struct neuron_graph_port *inputs;
    uint32_t input_count;
    struct neuron_graph_port *outputs;
    uint32_t output_count;
    struct neuron_load_order load_order;
    struct neuron_graph **buckets; /* the same network for smaller shapes (graph/bucket.h), owned;
                                      copies of the graph have none */
    uint32_t bucket_count;
    struct neuron_target target;
    bool has_identity; /* it is what stands in a file, or a part of that */
    unsigned char identity[NEURON_GRAPH_IDENTITY_BYTES]; /* equal for equal graphs and weights */
    struct neuron_file_mapping mapping; /* that borrowed constants lie in, if a file's; copies of
                                           the graph have none */
    struct neuron_core_split split;     /* made last: no pass comes behind it */
};

/* Makes an empty graph with room for the ports, whose names and values are to be filled in. */
enum neuron_status
neuron_graph_create(uint32_t input_count, uint32_t output_count, struct neuron_graph **graph,
                    struct neuron_error *error);

/* Adds a value without a node: an input, or (with bytes) a constant that is borrowed. */
enum neuron_status
neuron_graph_add_value(struct neuron_graph *graph, const struct neuron_tensor_shape *shape,
                       enum neuron_value_origin origin, const void *constant, uint32_t *value,
                       struct neuron_error *error);

/* Memory for a constant, aligned to 64, which free() takes back; NULL when there is none. */
void *
neuron_graph_allocate_constant(const struct neuron_tensor_shape *shape);

/* Adds a constant with a copy of its bytes, aligned to 64. */
enum neuron_status
neuron_graph_add_constant(struct neuron_graph *graph, const struct neuron_tensor_shape *shape,
                          const void *bytes, uint32_t *value, struct neuron_error *error);

/*
 * Adds a node and the value that it computes, with the shape that neuron_operator_infer() gives.
 *
 * node  borrowed, its inputs are copied: numbers of values that the graph has. Its output is not
 *       read.
 */
enum neuron_status
neuron_graph_add_node(struct neuron_graph *graph, const struct neuron_node *node, uint32_t *output,
                      struct neuron_error *error);

/*
 * Copies a graph; constants are borrowed from `from`, which lives longer. Passes change the copy,
 * which is therefore for one core.
 */
enum neuron_status
neuron_graph_copy(const struct neuron_graph *from, struct neuron_graph **graph,
                  struct neuron_error *error);

/* Says whether each channel of what a convolution, or its transposition, reads is a group. */
bool
neuron_node_is_depthwise(const struct neuron_graph *graph, const struct neuron_node *node);

/* Removes nodes whose results nobody reads, and constants that are left over. */
void
neuron_graph_remove_unused(struct neuron_graph *graph);

#endif

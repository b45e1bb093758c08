/* SPDX-License-Identifier: Apache-2.0 */
/* The inference of each family of operators; neuron_operator_infer() chooses among them. */
#ifndef NEURON_GRAPH_INFER_H
#define NEURON_GRAPH_INFER_H

#include "graph/operator.h"

/* An operator applied to inputs, of which count, types and emptiness were checked. */
struct neuron_application {
    enum neuron_operator kind;
    const char *name;
    const struct neuron_attributes *attributes;
    const struct neuron_tensor_shape *inputs;
    uint32_t input_count;
};

typedef enum neuron_status
neuron_infer_fn(const struct neuron_application *application, struct neuron_tensor_shape *output,
                struct neuron_error *error);

neuron_infer_fn neuron_infer_binary;
neuron_infer_fn neuron_infer_unary;
neuron_infer_fn neuron_infer_test;       /* bool for each element */
neuron_infer_fn neuron_infer_comparison; /* bool for each pair */
neuron_infer_fn neuron_infer_cast;
neuron_infer_fn neuron_infer_power;
neuron_infer_fn neuron_infer_where;
neuron_infer_fn neuron_infer_softmax;
neuron_infer_fn neuron_infer_layer_norm;
neuron_infer_fn neuron_infer_matmul;
neuron_infer_fn neuron_infer_conv;
neuron_infer_fn neuron_infer_conv_transpose;
neuron_infer_fn neuron_infer_pool;
neuron_infer_fn neuron_infer_max_unpool;
neuron_infer_fn neuron_infer_lrn;
neuron_infer_fn neuron_infer_resize;
neuron_infer_fn neuron_infer_reshape;
neuron_infer_fn neuron_infer_transpose;
neuron_infer_fn neuron_infer_concat;
neuron_infer_fn neuron_infer_slice;
neuron_infer_fn neuron_infer_expand;
neuron_infer_fn neuron_infer_tile;
neuron_infer_fn neuron_infer_gather;
neuron_infer_fn neuron_infer_gather_elements;
neuron_infer_fn neuron_infer_gather_nd;
neuron_infer_fn neuron_infer_reduce;
neuron_infer_fn neuron_infer_arg;
neuron_infer_fn neuron_infer_cum_sum;
neuron_infer_fn neuron_infer_top_k;
neuron_infer_fn neuron_infer_pad;
neuron_infer_fn neuron_infer_scatter_elements;
neuron_infer_fn neuron_infer_scatter_nd;
neuron_infer_fn neuron_infer_one_hot;
neuron_infer_fn neuron_infer_trilu;
neuron_infer_fn neuron_infer_reverse_sequence;

/* Products, quantization, recurrent networks, tables. */
neuron_infer_fn neuron_infer_recurrent;
neuron_infer_fn neuron_infer_quantize;
neuron_infer_fn neuron_infer_dequantize;
neuron_infer_fn neuron_infer_matmul_integer;
neuron_infer_fn neuron_infer_conv_integer;
neuron_infer_fn neuron_infer_tree_ensemble;

enum { NEURON_SHAPE_TEXT_BYTES = 80 };

/*
 * Broadcasts two shapes against each other, aligned at the last dimension; `result` may be one of
 * them, and keeps its type. Returns false where they do not fit.
 */
bool
neuron_infer_broadcast(const struct neuron_tensor_shape *left,
                       const struct neuron_tensor_shape *right, struct neuron_tensor_shape *result);

/* Refuses with "conv: X and Y: why", or "conv: X: why" for operators of one input. */
enum neuron_status
neuron_infer_refuse(const struct neuron_application *application, const char *why,
                    struct neuron_error *error);

#endif

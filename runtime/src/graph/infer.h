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
neuron_infer_fn neuron_infer_softmax;
neuron_infer_fn neuron_infer_layer_norm;
neuron_infer_fn neuron_infer_matmul;
neuron_infer_fn neuron_infer_conv2d;
neuron_infer_fn neuron_infer_pool2d;
neuron_infer_fn neuron_infer_reshape;
neuron_infer_fn neuron_infer_transpose;
neuron_infer_fn neuron_infer_concat;

enum { NEURON_SHAPE_TEXT_BYTES = 80 };

/* Refuses with "conv2d: X and Y: why", or "conv2d: X: why" for operators of one input. */
enum neuron_status
neuron_infer_refuse(const struct neuron_application *application, const char *why,
                    struct neuron_error *error);

#endif

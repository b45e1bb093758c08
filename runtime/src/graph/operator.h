/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of a graph and their attributes. */
#ifndef NEURON_GRAPH_OPERATOR_H
#define NEURON_GRAPH_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

/* Values stand in compiled files and are never reused. Every operator has one output. */
enum neuron_operator {
    NEURON_OPERATOR_NONE = 0,
    NEURON_OPERATOR_ADD = 1,
    NEURON_OPERATOR_SUBTRACT = 2,
    NEURON_OPERATOR_MULTIPLY = 3,
    NEURON_OPERATOR_DIVIDE = 4,
    NEURON_OPERATOR_RELU = 5,
    NEURON_OPERATOR_GELU = 6,
    NEURON_OPERATOR_SIGMOID = 7,
    NEURON_OPERATOR_TANH = 8,
    NEURON_OPERATOR_SOFTMAX = 9,     /* axis */
    NEURON_OPERATOR_LAYER_NORM = 10, /* input, scale, shift; axis, epsilon */
    NEURON_OPERATOR_MATMUL = 11,     /* left, right, maybe bias [N]; transposes */
    NEURON_OPERATOR_CONV2D = 12,     /* input, weights, maybe bias [O] */
    NEURON_OPERATOR_MAX_POOL2D = 13,
    NEURON_OPERATOR_AVERAGE_POOL2D = 14,
    NEURON_OPERATOR_RESHAPE = 15,   /* dims, rank */
    NEURON_OPERATOR_TRANSPOSE = 16, /* order */
    NEURON_OPERATOR_CONCAT = 17,    /* axis */
    NEURON_OPERATOR_CLIP = 18,      /* low, high */
    NEURON_OPERATOR_END = 19        /* one past the last */
};

/* What an operator is told beside its inputs. A field counts only where its operator is named. */
struct neuron_attributes {
    int32_t axis;        /* not negative once it stands in a graph */
    float epsilon;       /* layer_norm */
    bool transpose_left; /* matmul: the last two dimensions change places */
    bool transpose_right;
    uint32_t kernel[2];                /* pooling: height, width */
    uint32_t strides[2];               /* conv2d and pooling, at least 1 */
    uint32_t dilations[2];             /* conv2d, at least 1 */
    uint32_t pads[4];                  /* conv2d and pooling: top, left, bottom, right */
    uint32_t groups;                   /* conv2d, at least 1 */
    bool count_padding;                /* average_pool2d */
    uint32_t rank;                     /* reshape */
    int64_t dims[NEURON_RANK_LIMIT];   /* reshape: of the result, none negative */
    uint32_t order[NEURON_RANK_LIMIT]; /* transpose */
    enum neuron_operator activation;   /* conv2d, matmul: applied to the result, or NONE */
    float low;                         /* clip, also as an activation */
    float high;
};

/* Names an operator as it stands in errors: "conv2d". */
const char *
neuron_operator_name(enum neuron_operator kind);

/* Says whether an operator is elementwise with one input, and may be fused as an activation. */
bool
neuron_operator_is_activation(enum neuron_operator kind);

/* Says whether an operator is elementwise with two inputs that are broadcast. */
bool
neuron_operator_is_binary(enum neuron_operator kind);

/*
 * Infers the result of an operator, and checks everything on the way: count, types and shapes of
 * the inputs, and attributes. What passes here, the engine can run.
 *
 * Returns NEURON_INVALID_ARGUMENT with the operator and the shapes in the text.
 */
enum neuron_status
neuron_operator_infer(enum neuron_operator kind, const struct neuron_attributes *attributes,
                      const struct neuron_tensor_shape *inputs, uint32_t input_count,
                      struct neuron_tensor_shape *output, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of a graph and their attributes. */
#ifndef NEURON_GRAPH_OPERATOR_H
#define NEURON_GRAPH_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/node_choice.h"
#include "neuron/operator_mode.h"
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
    NEURON_OPERATOR_LAYER_NORM = 10, /* input, maybe scale and shift; axis, epsilon, mode */
    NEURON_OPERATOR_MATMUL = 11,     /* left, right, maybe bias [N], maybe residual; transposes */
    NEURON_OPERATOR_CONV = 12,       /* input, weights, maybe bias [O], maybe residual */
    NEURON_OPERATOR_MAX_POOL = 13,
    NEURON_OPERATOR_AVERAGE_POOL = 14,
    NEURON_OPERATOR_RESHAPE = 15,   /* dims, rank */
    NEURON_OPERATOR_TRANSPOSE = 16, /* order */
    NEURON_OPERATOR_CONCAT = 17,    /* axis */
    NEURON_OPERATOR_CLIP = 18,      /* low, high */

    /* Elementwise, one input. */
    NEURON_OPERATOR_NEGATE = 19,
    NEURON_OPERATOR_ABSOLUTE = 20,
    NEURON_OPERATOR_SIGN = 21,
    NEURON_OPERATOR_FLOOR = 22,
    NEURON_OPERATOR_CEIL = 23,
    NEURON_OPERATOR_ROUND = 24, /* halves to even */
    NEURON_OPERATOR_RECIPROCAL = 25,
    NEURON_OPERATOR_SQRT = 26,
    NEURON_OPERATOR_EXP = 27,
    NEURON_OPERATOR_LOG = 28,
    NEURON_OPERATOR_ERF = 29,
    NEURON_OPERATOR_SIN = 30,
    NEURON_OPERATOR_COS = 31,
    NEURON_OPERATOR_TAN = 32,
    NEURON_OPERATOR_ASIN = 33,
    NEURON_OPERATOR_ACOS = 34,
    NEURON_OPERATOR_ATAN = 35,
    NEURON_OPERATOR_SINH = 36,
    NEURON_OPERATOR_COSH = 37,
    NEURON_OPERATOR_ASINH = 38,
    NEURON_OPERATOR_ACOSH = 39,
    NEURON_OPERATOR_ATANH = 40,
    NEURON_OPERATOR_NOT = 41, /* bool */
    NEURON_OPERATOR_BITWISE_NOT = 42,
    NEURON_OPERATOR_IS_NAN = 43,
    NEURON_OPERATOR_IS_INF = 44,       /* mode: 1 finds positive, 2 negative, 3 both */
    NEURON_OPERATOR_LEAKY_RELU = 45,   /* alpha */
    NEURON_OPERATOR_ELU = 46,          /* alpha */
    NEURON_OPERATOR_SELU = 47,         /* alpha, beta: the factor of all */
    NEURON_OPERATOR_CELU = 48,         /* alpha */
    NEURON_OPERATOR_HARD_SIGMOID = 49, /* alpha, beta */
    NEURON_OPERATOR_HARD_SWISH = 50,
    NEURON_OPERATOR_MISH = 51,
    NEURON_OPERATOR_SOFTPLUS = 52,
    NEURON_OPERATOR_SOFTSIGN = 53,
    NEURON_OPERATOR_THRESHOLDED_RELU = 54, /* alpha */
    NEURON_OPERATOR_SHRINK = 55,           /* alpha: lambda, beta: bias */
    NEURON_OPERATOR_GELU_TANH = 56,        /* gelu, approximated by tanh */
    NEURON_OPERATOR_SWISH = 57,            /* x * sigmoid(x) */
    NEURON_OPERATOR_CAST = 58,             /* type */

    /* Elementwise, two inputs that are broadcast. */
    NEURON_OPERATOR_POWER = 59,     /* the exponent may be of another type */
    NEURON_OPERATOR_MODULO = 60,    /* the sign of the divisor, as in Python */
    NEURON_OPERATOR_REMAINDER = 61, /* the sign of the dividend, as fmod() */
    NEURON_OPERATOR_MINIMUM = 62,
    NEURON_OPERATOR_MAXIMUM = 63,
    NEURON_OPERATOR_EQUAL = 64,
    NEURON_OPERATOR_LESS = 65,
    NEURON_OPERATOR_LESS_OR_EQUAL = 66,
    NEURON_OPERATOR_GREATER = 67,
    NEURON_OPERATOR_GREATER_OR_EQUAL = 68,
    NEURON_OPERATOR_AND = 69, /* bool, as the next two */
    NEURON_OPERATOR_OR = 70,
    NEURON_OPERATOR_XOR = 71,
    NEURON_OPERATOR_BITWISE_AND = 72,
    NEURON_OPERATOR_BITWISE_OR = 73,
    NEURON_OPERATOR_BITWISE_XOR = 74,
    NEURON_OPERATOR_SHIFT_LEFT = 75,
    NEURON_OPERATOR_SHIFT_RIGHT = 76,
    NEURON_OPERATOR_PRELU = 77, /* input, slope */

    NEURON_OPERATOR_WHERE = 78, /* condition, then, else, which are broadcast */

    /* Over axes: a bit for each dimension; keep_dims. */
    NEURON_OPERATOR_REDUCE_SUM = 79,
    NEURON_OPERATOR_REDUCE_MEAN = 80,
    NEURON_OPERATOR_REDUCE_PROD = 81,
    NEURON_OPERATOR_REDUCE_MIN = 82,
    NEURON_OPERATOR_REDUCE_MAX = 83,
    NEURON_OPERATOR_REDUCE_L1 = 84,
    NEURON_OPERATOR_REDUCE_L2 = 85,
    NEURON_OPERATOR_REDUCE_SUM_SQUARE = 86,
    NEURON_OPERATOR_REDUCE_LOG_SUM = 87,
    NEURON_OPERATOR_REDUCE_LOG_SUM_EXP = 88,

    /* Along one axis. */
    NEURON_OPERATOR_ARG_MAX = 89, /* axis, keep_dims; mode 1: the last of equal ones */
    NEURON_OPERATOR_ARG_MIN = 90,
    NEURON_OPERATOR_CUM_SUM = 91, /* axis; mode: bit 0 exclusive, bit 1 reverse */
    NEURON_OPERATOR_LOG_SOFTMAX = 92,
    NEURON_OPERATOR_HARDMAX = 93,
    NEURON_OPERATOR_TOP_K_INDICES = 94, /* axis, dims[0]: k; mode: bit 0 smallest */

    /* Moving elements. */
    NEURON_OPERATOR_SLICE = 95, /* starts, steps, dims of the result */
    NEURON_OPERATOR_PAD = 96,   /* input, maybe a value; starts: before, dims of the result; mode */
    NEURON_OPERATOR_EXPAND = 97,            /* dims, rank */
    NEURON_OPERATOR_TILE = 98,              /* dims: how many times */
    NEURON_OPERATOR_GATHER = 99,            /* axis */
    NEURON_OPERATOR_GATHER_ELEMENTS = 100,  /* axis */
    NEURON_OPERATOR_GATHER_ND = 101,        /* axis: how many batch dimensions */
    NEURON_OPERATOR_SCATTER_ELEMENTS = 102, /* input, indices, updates; axis, mode: reduction */
    NEURON_OPERATOR_SCATTER_ND = 103,       /* input, indices, updates; mode: reduction */
    NEURON_OPERATOR_ONE_HOT = 104,          /* indices, values [off, on]; axis, dims[0]: depth */
    NEURON_OPERATOR_TRILU = 105,            /* mode 1: upper; starts[0]: k */
    NEURON_OPERATOR_REVERSE_SEQUENCE = 106, /* input, lengths; axis: time, starts[0]: batch axis */

    /* Windows. */
    NEURON_OPERATOR_CONV_TRANSPOSE = 107,   /* as conv; dims: of the result, without N and C */
    NEURON_OPERATOR_MAX_POOL_INDICES = 108, /* int64: which element each largest one is */
    NEURON_OPERATOR_LP_POOL = 109,          /* alpha: the power */
    NEURON_OPERATOR_LRN = 110,              /* kernel[0]: size; alpha, beta, low: bias */
    NEURON_OPERATOR_RESIZE = 111,     /* input, maybe region; scales, dims of the result, mode,
                                         alpha: of cubic, low: extrapolation */
    NEURON_OPERATOR_MAX_UNPOOL = 112, /* input, indices; starts: the shape that those count in,
                                         dims of the result */

    /* Integers that stand for reals. */
    NEURON_OPERATOR_QUANTIZE = 113,       /* input, scale, zero point; axis */
    NEURON_OPERATOR_DEQUANTIZE = 114,     /* input, scale, maybe zero point; axis */
    NEURON_OPERATOR_MATMUL_INTEGER = 115, /* left, right, maybe both zero points; to int32 */
    NEURON_OPERATOR_CONV_INTEGER = 116,   /* input, weights, maybe both zero points; to int32 */

    /* Recurrent: what is fed in is multiplied beforehand; see graph/recurrent.h. */
    NEURON_OPERATOR_RNN = 117,
    NEURON_OPERATOR_GRU = 118,
    NEURON_OPERATOR_LSTM = 119,

    /* rows, nodes, thresholds, roots, targets, weights, base values; mode: how weights are put
       together, as in neuron/trace_tabular.h */
    NEURON_OPERATOR_TREE_ENSEMBLE = 120,

    NEURON_OPERATOR_END = 121 /* one past the last */
};

enum { NEURON_SPATIAL_LIMIT = 3 /* most dimensions that a window moves over */ };

/* Modes of the pooling operators, bit by bit. */
enum {
    NEURON_POOL_ROUNDS_UP = 1,   /* a last window may hang over the end */
    NEURON_POOL_COLUMN_MAJOR = 2 /* indices: the first spatial dimension runs fastest */
};

/* Modes of layer_norm: what is given. */
enum {
    NEURON_LAYER_NORM_RESULT = 0,
    NEURON_LAYER_NORM_MEAN = 1, /* with a 1 for each dimension that was normalized */
    NEURON_LAYER_NORM_INVERSE_DEVIATION = 2
};

/* What an operator is told beside its inputs. A field counts only where its operator is named. */
struct neuron_attributes {
    int32_t axis;          /* not negative once it stands in a graph */
    uint32_t axes;         /* a bit for each dimension */
    bool keep_dims;        /* what is reduced stays as a dimension of 1 */
    enum neuron_type type; /* cast and others: of the result */
    uint32_t mode;         /* which variant */
    float epsilon;         /* normalizations */
    float alpha;           /* activations */
    float beta;
    bool transpose_left; /* matmul: the last two dimensions change places */
    bool transpose_right;
    uint32_t kernel[NEURON_SPATIAL_LIMIT]; /* pooling: depth, height, width, as many as there are */
    uint32_t strides[NEURON_SPATIAL_LIMIT];   /* windows, at least 1 */
    uint32_t dilations[NEURON_SPATIAL_LIMIT]; /* windows, at least 1 */
    uint32_t pads[2 * NEURON_SPATIAL_LIMIT];  /* windows: all before, then all after */
    uint32_t groups;                          /* convolutions, at least 1 */
    bool count_padding;                       /* average_pool */
    uint32_t rank;                            /* how many of `dims`, where that is open */
    int64_t dims[NEURON_RANK_LIMIT];          /* of the result, none negative */
    int64_t starts[NEURON_RANK_LIMIT];        /* slice, pad */
    int64_t steps[NEURON_RANK_LIMIT];         /* slice */
    uint32_t order[NEURON_RANK_LIMIT];        /* transpose */
    float scales[NEURON_RANK_LIMIT];          /* resize; 0: as the dimensions say */
    bool has_residual; /* conv, matmul: the last input is added to the result, bias included */
    enum neuron_operator activation; /* conv, matmul: applied to the result, or NONE; its alpha,
                                        low and high are those of the node */
    float low;                       /* clip, also as an activation */
    float high;
    enum neuron_algorithm algorithm; /* conv, matmul */
    enum neuron_precision precision; /* of the operands */
    bool rounds_result;              /* to that precision, as all operands are */
    float input_peak; /* int8: the largest magnitude of the left input, measured when it was
                         compiled; 0: to be found at each run */
};

/* Names an operator as it stands in errors: "conv". */
const char *
neuron_operator_name(enum neuron_operator kind);

/* Says whether an operator is elementwise with one input, and may be fused as an activation. */
bool
neuron_operator_is_activation(enum neuron_operator kind);

/* Says whether each element of the result is computed from one element of each input, which are
   broadcast. */
bool
neuron_operator_is_elementwise(enum neuron_operator kind);

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

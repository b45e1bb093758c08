/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/kernel.h"

static const struct neuron_kernel kernels[NEURON_OPERATOR_END] = {
    /* Elementwise, one input. */
    [NEURON_OPERATOR_RELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_GELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SIGMOID] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_TANH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_CLIP] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_NEGATE] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ABSOLUTE] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SIGN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_FLOOR] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_CEIL] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ROUND] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_RECIPROCAL] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SQRT] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_EXP] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_LOG] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ERF] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SIN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_COS] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_TAN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ASIN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ACOS] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ATAN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SINH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_COSH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ASINH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ACOSH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ATANH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_NOT] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_BITWISE_NOT] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_IS_NAN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_IS_INF] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_LEAKY_RELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_ELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_CELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_HARD_SIGMOID] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_HARD_SWISH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_MISH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SOFTPLUS] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SOFTSIGN] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_THRESHOLDED_RELU] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SHRINK] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_GELU_TANH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_SWISH] = {neuron_kernel_unary, NULL},
    [NEURON_OPERATOR_CAST] = {neuron_kernel_cast, NULL},

    /* Elementwise, two inputs, and WHERE. */
    [NEURON_OPERATOR_ADD] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_SUBTRACT] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_MULTIPLY] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_DIVIDE] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_POWER] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_MODULO] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_REMAINDER] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_MINIMUM] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_MAXIMUM] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_AND] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_OR] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_XOR] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_BITWISE_AND] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_BITWISE_OR] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_BITWISE_XOR] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_SHIFT_LEFT] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_SHIFT_RIGHT] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_PRELU] = {neuron_kernel_binary, NULL},
    [NEURON_OPERATOR_EQUAL] = {neuron_kernel_compare, NULL},
    [NEURON_OPERATOR_LESS] = {neuron_kernel_compare, NULL},
    [NEURON_OPERATOR_LESS_OR_EQUAL] = {neuron_kernel_compare, NULL},
    [NEURON_OPERATOR_GREATER] = {neuron_kernel_compare, NULL},
    [NEURON_OPERATOR_GREATER_OR_EQUAL] = {neuron_kernel_compare, NULL},
    [NEURON_OPERATOR_WHERE] = {neuron_kernel_where, NULL},

    /* Reductions. */
    [NEURON_OPERATOR_REDUCE_SUM] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_MEAN] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_PROD] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_MIN] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_MAX] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_L1] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_L2] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_SUM_SQUARE] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_LOG_SUM] = {neuron_kernel_reduce, NULL},
    [NEURON_OPERATOR_REDUCE_LOG_SUM_EXP] = {neuron_kernel_reduce, NULL},

    /* Along one axis. */
    [NEURON_OPERATOR_SOFTMAX] = {neuron_kernel_softmax, NULL},
    [NEURON_OPERATOR_LOG_SOFTMAX] = {neuron_kernel_softmax, NULL},
    [NEURON_OPERATOR_HARDMAX] = {neuron_kernel_softmax, NULL},
    [NEURON_OPERATOR_ARG_MAX] = {neuron_kernel_arg, NULL},
    [NEURON_OPERATOR_ARG_MIN] = {neuron_kernel_arg, NULL},
    [NEURON_OPERATOR_CUM_SUM] = {neuron_kernel_cum_sum, NULL},
    [NEURON_OPERATOR_TOP_K_INDICES] = {neuron_kernel_top_k, neuron_kernel_top_k_scratch},

    /* Normalizations. */
    [NEURON_OPERATOR_LAYER_NORM] = {neuron_kernel_layer_norm, neuron_kernel_layer_norm_scratch},

    /* Products. */
    [NEURON_OPERATOR_MATMUL] = {neuron_kernel_matmul, NULL},

    /* Windows. */
    [NEURON_OPERATOR_CONV] = {neuron_kernel_convolution, neuron_kernel_convolution_scratch},
    [NEURON_OPERATOR_CONV_TRANSPOSE] = {neuron_kernel_convolution,
                                        neuron_kernel_convolution_scratch},
    [NEURON_OPERATOR_MAX_POOL] = {neuron_kernel_pool, neuron_kernel_pool_scratch},
    [NEURON_OPERATOR_MAX_POOL_INDICES] = {neuron_kernel_pool, neuron_kernel_pool_scratch},
    [NEURON_OPERATOR_AVERAGE_POOL] = {neuron_kernel_pool, neuron_kernel_pool_scratch},
    [NEURON_OPERATOR_LP_POOL] = {neuron_kernel_pool, neuron_kernel_pool_scratch},
    [NEURON_OPERATOR_MAX_UNPOOL] = {neuron_kernel_max_unpool, NULL},
    [NEURON_OPERATOR_LRN] = {neuron_kernel_lrn, neuron_kernel_lrn_scratch},
    [NEURON_OPERATOR_RESIZE] = {neuron_kernel_resize, neuron_kernel_resize_scratch},

    /* Moving elements. */
    [NEURON_OPERATOR_RESHAPE] = {neuron_kernel_copy, NULL},
    [NEURON_OPERATOR_TRANSPOSE] = {neuron_kernel_transpose, NULL},
    [NEURON_OPERATOR_CONCAT] = {neuron_kernel_concat, NULL},
    [NEURON_OPERATOR_SLICE] = {neuron_kernel_slice, NULL},
    [NEURON_OPERATOR_EXPAND] = {neuron_kernel_expand, NULL},
    [NEURON_OPERATOR_TILE] = {neuron_kernel_tile, NULL},
    [NEURON_OPERATOR_GATHER] = {neuron_kernel_gather, NULL},
    [NEURON_OPERATOR_GATHER_ELEMENTS] = {neuron_kernel_gather_elements, NULL},
    [NEURON_OPERATOR_GATHER_ND] = {neuron_kernel_gather_nd, NULL},
    [NEURON_OPERATOR_PAD] = {neuron_kernel_pad, NULL},
    [NEURON_OPERATOR_SCATTER_ELEMENTS] = {neuron_kernel_scatter_elements, NULL},
    [NEURON_OPERATOR_SCATTER_ND] = {neuron_kernel_scatter_nd, NULL},
    [NEURON_OPERATOR_ONE_HOT] = {neuron_kernel_one_hot, NULL},
    [NEURON_OPERATOR_TRILU] = {neuron_kernel_trilu, NULL},
    [NEURON_OPERATOR_REVERSE_SEQUENCE] = {neuron_kernel_reverse_sequence, NULL},

    /* Quantization. */
    [NEURON_OPERATOR_QUANTIZE] = {neuron_kernel_quantize, NULL},
    [NEURON_OPERATOR_DEQUANTIZE] = {neuron_kernel_dequantize, NULL},
    [NEURON_OPERATOR_MATMUL_INTEGER] = {neuron_kernel_matmul_integer,
                                        neuron_kernel_matmul_integer_scratch},
    [NEURON_OPERATOR_CONV_INTEGER] = {neuron_kernel_conv_integer,
                                      neuron_kernel_conv_integer_scratch},

    /* Recurrent. */
    [NEURON_OPERATOR_RNN] = {neuron_kernel_recurrent, neuron_kernel_recurrent_scratch},
    [NEURON_OPERATOR_GRU] = {neuron_kernel_recurrent, neuron_kernel_recurrent_scratch},
    [NEURON_OPERATOR_LSTM] = {neuron_kernel_recurrent, neuron_kernel_recurrent_scratch},

    /* Tables. */
    [NEURON_OPERATOR_TREE_ENSEMBLE] = {neuron_kernel_tree_ensemble,
                                       neuron_kernel_tree_ensemble_scratch},
};

const struct neuron_kernel *
neuron_kernel_find(enum neuron_operator kind)
{
    return &kernels[(uint32_t)kind < NEURON_OPERATOR_END ? kind : NEURON_OPERATOR_NONE];
}

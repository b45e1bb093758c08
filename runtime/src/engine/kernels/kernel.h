/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels of our own: for operators that oneDNN does not have, for types that it does not take,
 * and for constants, which are computed once when a model is imported or compiled.
 */
#ifndef NEURON_ENGINE_KERNELS_KERNEL_H
#define NEURON_ENGINE_KERNELS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "graph/operator.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* A node applied to memory. Types and shapes are those that the inference let through. */
struct neuron_kernel_call {
    enum neuron_operator kind;
    const struct neuron_attributes *attributes;
    const struct neuron_tensor_view *inputs; /* dense, only read */
    uint32_t input_count;
    struct neuron_tensor_view output; /* dense; overlaps no input */
    void *scratch;                    /* as many bytes as the kernel asked for, aligned to 64 */
};

/*
 * Fills the output.
 *
 * Returns NEURON_INVALID_ARGUMENT when the data does not go with the operator: an index outside of
 * its dimension, a division of integers by zero. The text begins with the operator's name.
 */
typedef enum neuron_status
neuron_kernel_fn(const struct neuron_kernel_call *call, struct neuron_error *error);

/* Says how much scratch memory a call takes; its data is not there yet. */
typedef size_t
neuron_kernel_scratch_fn(const struct neuron_kernel_call *call);

struct neuron_kernel {
    neuron_kernel_fn *run;                   /* NULL for an operator without a kernel here */
    neuron_kernel_scratch_fn *scratch_bytes; /* NULL for none */
};

/* The kernel of an operator; its `run` is NULL where there is none. */
const struct neuron_kernel *
neuron_kernel_find(enum neuron_operator kind);

neuron_kernel_fn neuron_kernel_unary;
neuron_kernel_fn neuron_kernel_cast;
neuron_kernel_fn neuron_kernel_binary;
neuron_kernel_fn neuron_kernel_compare;
neuron_kernel_fn neuron_kernel_where;
neuron_kernel_fn neuron_kernel_copy; /* the same elements: reshape */

neuron_kernel_fn neuron_kernel_reduce;

neuron_kernel_fn neuron_kernel_softmax; /* and log_softmax and hardmax */
neuron_kernel_fn neuron_kernel_arg;     /* arg_max and arg_min */
neuron_kernel_fn neuron_kernel_cum_sum;
neuron_kernel_fn neuron_kernel_top_k; /* the indices */
neuron_kernel_scratch_fn neuron_kernel_top_k_scratch;

neuron_kernel_fn neuron_kernel_transpose;
neuron_kernel_fn neuron_kernel_concat;
neuron_kernel_fn neuron_kernel_slice;
neuron_kernel_fn neuron_kernel_expand;
neuron_kernel_fn neuron_kernel_tile;
neuron_kernel_fn neuron_kernel_gather;
neuron_kernel_fn neuron_kernel_gather_elements;
neuron_kernel_fn neuron_kernel_gather_nd;
neuron_kernel_fn neuron_kernel_convolution; /* and its transposition */
neuron_kernel_scratch_fn neuron_kernel_convolution_scratch;
neuron_kernel_fn neuron_kernel_pool;
neuron_kernel_scratch_fn neuron_kernel_pool_scratch;
neuron_kernel_fn neuron_kernel_max_unpool;
neuron_kernel_fn neuron_kernel_lrn;
neuron_kernel_scratch_fn neuron_kernel_lrn_scratch;
neuron_kernel_fn neuron_kernel_resize;
neuron_kernel_scratch_fn neuron_kernel_resize_scratch;
neuron_kernel_fn neuron_kernel_layer_norm;
neuron_kernel_scratch_fn neuron_kernel_layer_norm_scratch;
neuron_kernel_fn neuron_kernel_pad;
neuron_kernel_fn neuron_kernel_scatter_elements;
neuron_kernel_fn neuron_kernel_scatter_nd;
neuron_kernel_fn neuron_kernel_one_hot;
neuron_kernel_fn neuron_kernel_trilu;
neuron_kernel_fn neuron_kernel_reverse_sequence;
/* Products, quantization, recurrent networks, tables. */
neuron_kernel_fn neuron_kernel_matmul;
neuron_kernel_fn neuron_kernel_round_operand; /* of one input in any layout; its scratch memory
                                                 receives the factor, a float */
neuron_kernel_fn neuron_kernel_quantize;
neuron_kernel_fn neuron_kernel_dequantize;
neuron_kernel_fn neuron_kernel_matmul_integer;
neuron_kernel_scratch_fn neuron_kernel_matmul_integer_scratch;
neuron_kernel_fn neuron_kernel_conv_integer;
neuron_kernel_scratch_fn neuron_kernel_conv_integer_scratch;
neuron_kernel_fn neuron_kernel_recurrent;
neuron_kernel_scratch_fn neuron_kernel_recurrent_scratch;
neuron_kernel_fn neuron_kernel_tree_ensemble;
neuron_kernel_scratch_fn neuron_kernel_tree_ensemble_scratch;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One product of each kind, with what is fused to it, computed in any precision. */
#ifndef NEURON_TESTS_PRODUCT_CASE_H
#define NEURON_TESTS_PRODUCT_CASE_H

#include "neuron/compiler.h"
#include "neuron/trace.h"

#include "traced_operators.h"

/* Multiplies; `options` are those of the operator, `bias` may be zeroed. */
typedef struct neuron_value
multiply_fn(struct neuron_trace *trace, const struct neuron_value *operands,
            struct neuron_value bias, const void *options);

multiply_fn multiply_matrices; /* a bias is added by an operator of its own */
multiply_fn multiply_gemm;
multiply_fn multiply_conv;
multiply_fn multiply_conv_transpose;

/* The left operand, the right one, maybe a bias, and maybe what is added to the result. */
struct product_case {
    const char *tensors; /* as parse_tensors() reads them */
    multiply_fn *multiply;
    const void *options;
    unary_fn *activate;        /* NULL for none */
    uint32_t channel_axis;     /* of the weights: for which each index has a factor of 8 bits */
    bool has_residual;         /* the last tensor is one */
    bool right_is_given;       /* at each run; else weights */
    bool may_lack_int8_kernel; /* it is computed in float32 then */
};

/* Some of every kind; an entry without tensors ends them. */
extern const struct product_case product_cases[];

/* A case with its numbers. */
struct product {
    const struct product_case *what;
    struct operator_arguments arguments;
    bool rounds_operands; /* the traced function casts them to bfloat16 and back */
};

/* Fills the operands, with numbers in [-1, 1). destroy_product() takes them back. */
void
create_product(const struct product_case *what, struct product *product);

void
destroy_product(struct product *product);

/* Traces it. The caller destroys the graph. */
struct neuron_graph *
trace_product(const struct product *product);

/* Runs the graph as it was traced, in float32. The caller frees the memory of the view. */
struct neuron_tensor_view
run_product_exactly(const struct product *product);

/* Compiles it with options and runs it. The caller frees the memory of the view. */
struct neuron_tensor_view
run_product(const struct product *product, const struct neuron_compiler_options *options);

/* Says whether each element is the other one to the accuracy of float32. */
bool
is_same_product(const struct neuron_tensor_view *actual, const struct neuron_tensor_view *expected);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Building a plan: what lowering a node needs. */
#ifndef NEURON_ENGINE_LOWERING_H
#define NEURON_ENGINE_LOWERING_H

#include <stdint.h>

#include <oneapi/dnnl/dnnl.h>

#include "engine/plan_body.h"

struct neuron_scaling;

/* A node being lowered. The first failure is kept in the error. */
struct neuron_lowering {
    struct neuron_plan *plan;
    const struct neuron_node *node;
    uint32_t index;                       /* of the node */
    dnnl_data_type_t operand_type;        /* of float32 inputs, as the node rounds them */
    const struct neuron_scaling *scaling; /* of products of 8 bits; NULL for others */
    bool activates_apart;                 /* by a step of its own, not in the node's kernel */
    struct neuron_error *error;
};

/* Each lowers one family of operators: adds its steps, and sets the output value's buffer. */
typedef enum neuron_status
neuron_lower_fn(struct neuron_lowering *lowering);

neuron_lower_fn neuron_lower_binary;
neuron_lower_fn neuron_lower_unary;
neuron_lower_fn neuron_lower_softmax;
neuron_lower_fn neuron_lower_layer_norm;
neuron_lower_fn neuron_lower_matmul;
neuron_lower_fn neuron_lower_conv;
neuron_lower_fn neuron_lower_pool;
neuron_lower_fn neuron_lower_resize;
neuron_lower_fn neuron_lower_reshape;
neuron_lower_fn neuron_lower_transpose;
neuron_lower_fn neuron_lower_concat;

/* Turns what oneDNN reports into a status, with the operator's name in the text. */
enum neuron_status
neuron_lowering_check(struct neuron_lowering *lowering, dnnl_status_t status);

/* The dense layout of a shape, outermost first. A scalar has one dimension of 1. Types that only
   kernels of our own take, all but float32, are a row of bytes. */
dnnl_memory_desc_t
neuron_layout_plain(const struct neuron_tensor_shape *shape);

/* The dense layout of these extents. */
dnnl_memory_desc_t
neuron_layout_dense(const int64_t *dims, uint32_t rank);

/* The plain layout with the elements of a float32 tensor in another type. */
dnnl_memory_desc_t
neuron_layout_plain_as(const struct neuron_tensor_shape *shape, dnnl_data_type_t type);

/* The same layout for elements of another type. */
dnnl_memory_desc_t
neuron_layout_as(const dnnl_memory_desc_t *layout, dnnl_data_type_t type);

/* The same extents in a layout that the kernel chooses. */
dnnl_memory_desc_t
neuron_layout_any(const dnnl_memory_desc_t *layout);

/* The shape of the node's input, or of its output. */
const struct neuron_tensor_shape *
neuron_lowering_input_shape(const struct neuron_lowering *lowering, uint32_t input);
const struct neuron_tensor_shape *
neuron_lowering_output_shape(const struct neuron_lowering *lowering);

/* The type that the node's float32 result is kept in. */
dnnl_data_type_t
neuron_lowering_result_type(const struct neuron_lowering *lowering);

/* Says whether an input of the node is part of the model. */
bool
neuron_lowering_is_constant(const struct neuron_lowering *lowering, uint32_t input);

/* The buffer that an input of the node was made in. */
uint32_t
neuron_lowering_input(const struct neuron_lowering *lowering, uint32_t input);

/* The layout of a buffer. It moves when a buffer is added: copied by value. */
dnnl_memory_desc_t
neuron_plan_layout(const struct neuron_plan *plan, uint32_t buffer);

/* Adds a storage for a layout in the arena, and a buffer of it. */
enum neuron_status
neuron_plan_add_buffer(struct neuron_plan *plan, const dnnl_memory_desc_t *layout, uint32_t *buffer,
                       struct neuron_error *error);

/* Adds a buffer that is the same storage in another layout. */
enum neuron_status
neuron_plan_add_alias(struct neuron_plan *plan, uint32_t of, const dnnl_memory_desc_t *layout,
                      uint32_t *buffer, struct neuron_error *error);

/* Adds a buffer that is a piece of another one, from so many bytes on. */
enum neuron_status
neuron_plan_add_piece(struct neuron_plan *plan, uint32_t of, size_t offset,
                      const dnnl_memory_desc_t *layout, uint32_t *buffer,
                      struct neuron_error *error);

/*
 * Adds a constant that the plan makes by itself, and a buffer of it. Where no step comes to read
 * it, since it was packed into another layout, it is freed when the plan is complete.
 *
 * bytes  the plan's from now on, also on failure; free() takes them back.
 */
enum neuron_status
neuron_plan_add_constant(struct neuron_plan *plan, const dnnl_memory_desc_t *layout, void *bytes,
                         uint32_t *buffer, struct neuron_error *error);

/*
 * Adds a buffer for the node's result: over an input that nobody reads after this node, if there
 * may be one in this place, else in a storage of its own.
 *
 * over  the buffer of that input. Each element is read before the one in its place is written, and
 *       the node reads nothing else that lies there.
 */
enum neuron_status
neuron_lowering_add_over(struct neuron_lowering *lowering, uint32_t over,
                         const dnnl_memory_desc_t *layout, uint32_t *buffer);

/* Says whether the result of a node may lie over the value that a buffer holds. */
bool
neuron_lowering_may_write_over(const struct neuron_lowering *lowering, uint32_t buffer,
                               const dnnl_memory_desc_t *layout);

/* Says whether a product has a bias, its third input. */
bool
neuron_lowering_has_bias(const struct neuron_lowering *lowering);

/*
 * Adds the buffer that a product writes: where it has a residual, that is what the buffer holds
 * before, because the kernel adds to it.
 *
 * arguments  what the kernel reads.
 */
enum neuron_status
neuron_lowering_add_result(struct neuron_lowering *lowering, const dnnl_memory_desc_t *layout,
                           const struct neuron_step_argument *arguments, uint32_t argument_count,
                           uint32_t *buffer);

/*
 * Finds or makes the contents of a buffer in another layout of the same extents: at once and for
 * good for constants, by a step for everything else.
 */
enum neuron_status
neuron_lowering_reorder(struct neuron_lowering *lowering, uint32_t from,
                        const dnnl_memory_desc_t *layout, uint32_t *buffer);

/* Adds a step that fills a buffer from another one of the same extents. */
enum neuron_status
neuron_lowering_reorder_into(struct neuron_lowering *lowering, uint32_t from, uint32_t to);

/* Forgets what was made of a buffer's memory in other layouts, and that it was made of another one:
   a step is about to write something else into it. */
void
neuron_lowering_forget_reordered(struct neuron_lowering *lowering, uint32_t buffer);

/* An input in the dense layout of its shape. */
enum neuron_status
neuron_lowering_plain_input(struct neuron_lowering *lowering, uint32_t input, uint32_t *buffer);

/* The same, with float32 elements in another type. */
enum neuron_status
neuron_lowering_plain_input_as(struct neuron_lowering *lowering, uint32_t input,
                               dnnl_data_type_t type, uint32_t *buffer);

/* An input in the layout that it is in, with its elements in the type of the node's operands. */
enum neuron_status
neuron_lowering_operand(struct neuron_lowering *lowering, uint32_t input, uint32_t *buffer);

/* An input in the dense layout of its shape, of the type that a node that moves it hands on. */
enum neuron_status
neuron_lowering_moved_input(struct neuron_lowering *lowering, uint32_t input, uint32_t *buffer);

/*
 * Adds a step of a kernel, or one for each core where several run the plan and the kernel can be
 * cut. Its scratch memory is found in the arena; the description is destroyed.
 */
enum neuron_status
neuron_lowering_add_kernel(struct neuron_lowering *lowering, dnnl_primitive_desc_t description,
                           const struct neuron_step_argument *arguments, uint32_t argument_count);

/*
 * Adds a step of a kernel of our own: that of the node, on all its inputs in dense layouts, with a
 * new dense buffer for its result. Fits every operator that has one.
 */
neuron_lower_fn neuron_lower_portable;

/*
 * Adds a step of a kernel of our own that goes over the elements of a buffer in whatever order they
 * lie: from the first argument to the second, with the third as its scratch memory.
 */
enum neuron_status
neuron_lowering_add_elements(struct neuron_lowering *lowering, neuron_kernel_fn *run,
                             const struct neuron_step_argument *arguments, uint32_t argument_count);

/*
 * Adds a step of our own kernel for products (engine/product_step.h), which is the plan's from now
 * on, also on failure. The arguments are what it reads, and the result.
 */
enum neuron_status
neuron_lowering_add_product(struct neuron_lowering *lowering, neuron_kernel_fn *run,
                            struct neuron_product_step *product,
                            const struct neuron_step_argument *arguments, uint32_t argument_count);

/* Adds a step that copies dense bytes from a buffer to another. */
enum neuron_status
neuron_lowering_add_copy(struct neuron_lowering *lowering, uint32_t from, uint32_t to);

/*
 * Describes a kernel: scratch memory by us, and the node's activation behind it, unless that is a
 * step of its own.
 *
 * operation  an operation descriptor of oneDNN.
 */
enum neuron_status
neuron_lowering_describe(struct neuron_lowering *lowering, const_dnnl_op_desc_t operation,
                         dnnl_primitive_desc_t *description);

/* An elementwise operator of one input as oneDNN has it. */
struct neuron_eltwise {
    dnnl_alg_kind_t kind;
    float alpha; /* what these two mean depends on the kind */
    float beta;
};

/* Says whether oneDNN has an operator as an elementwise one of one input. */
bool
neuron_lowering_has_eltwise(enum neuron_operator kind);

struct neuron_eltwise
neuron_lowering_eltwise(enum neuron_operator kind, const struct neuron_attributes *attributes);

/* Adds a step that applies the node's activation to its result, in place. */
enum neuron_status
neuron_lowering_activate(struct neuron_lowering *lowering, uint32_t buffer);

/* Says where the node's result is. */
void
neuron_lowering_set_output(struct neuron_lowering *lowering, uint32_t buffer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors of any type and place, in memory that shows who wrote where he should not. */
#ifndef NEURON_TESTS_GUARDED_TENSOR_H
#define NEURON_TESTS_GUARDED_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

struct guarded_tensor {
    struct neuron_tensor_view view;
    unsigned char *block; /* guard, tensor, guard */
    size_t bytes;         /* of the tensor */
    size_t guard_bytes[2];
};

/* Makes memory for an output, with a guard on both sides. It begins at any element. */
void
guarded_tensor_create_output(struct guarded_tensor *tensor, const struct neuron_tensor_shape *shape,
                             uint64_t *random);

/* Makes memory for an input, and fills it with numbers that its type can hold. It begins at any
   element, and ends where the memory does, for ASan to see. */
void
guarded_tensor_create_input(struct guarded_tensor *tensor, const struct neuron_tensor_shape *shape,
                            uint64_t *random);

/* Overwrites a tensor and its guards with one byte. */
void
guarded_tensor_paint(const struct guarded_tensor *tensor, unsigned char byte);

/* Says whether the guards are what they were painted. */
bool
guarded_tensor_is_guarded(const struct guarded_tensor *tensor, unsigned char byte);

void
guarded_tensor_destroy(struct guarded_tensor *tensor);

/* Which part of a tensor a piece of it is: from `first` on along `axis`, as long as both reach. */
struct tensor_part {
    uint32_t axis;
    int64_t first;
};

/* Copies that part of a whole tensor to a piece, whose rest stays as it is. */
void
tensor_part_take(const struct neuron_tensor_view *whole, const struct neuron_tensor_view *piece,
                 const struct tensor_part *part);

/* Copies a piece to its part of the whole tensor. */
void
tensor_part_put(const struct neuron_tensor_view *whole, const struct neuron_tensor_view *piece,
                const struct tensor_part *part);

#endif

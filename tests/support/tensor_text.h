/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors for tests: shapes written as text, memory that ASan watches, numbers that repeat. */
#ifndef NEURON_TESTS_TENSOR_TEXT_H
#define NEURON_TESTS_TENSOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

enum { TENSOR_TEXT_LIMIT = 4 }; /* most tensors of one text */

/*
 * Reads tensors such as "[2,3] int64[3] []": float32 where no type is named, [] is a scalar. Fails
 * the test when the text is none. Their data is NULL.
 *
 * Returns how many there are.
 */
uint32_t
parse_tensors(const char *text, struct neuron_tensor_view views[TENSOR_TEXT_LIMIT]);

/* Gives a view zeroed memory of exactly its size. free_tensor() takes it back. */
void
allocate_tensor(struct neuron_tensor_view *view);

/* Fills a float32 view with numbers in [-1, 1) that depend on the seed alone. */
void
fill_tensor(const struct neuron_tensor_view *view, uint32_t seed);

/* Says how many elements a view has. */
size_t
tensor_element_count(const struct neuron_tensor_view *view);

/* Fails the test unless both float32 views have one shape, and elements that differ by no more than
   `tolerance` times the larger of 1 and what is expected. */
void
check_close(const struct neuron_tensor_view *actual, const struct neuron_tensor_view *expected,
            double tolerance, const char *what);

/* Frees the memory of a view. Accepts one that has none. */
void
free_tensor(struct neuron_tensor_view *view);

#endif

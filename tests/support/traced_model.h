/* SPDX-License-Identifier: Apache-2.0 */
/* Small models, traced, compiled and loaded. */
#ifndef NEURON_TESTS_TRACED_MODEL_H
#define NEURON_TESTS_TRACED_MODEL_H

#include <stdbool.h>

#include "neuron/model.h"
#include "neuron/trace.h"

enum { TRACED_ROWS = 4 }; /* the compiled batch of the models below */

/* Compiles a function for example tensors such as "[4,6] [4,1]" (tensor_text.h), and loads it.
   Fails the test where that does not work. The caller destroys the model. */
struct neuron_model *
load_traced(neuron_trace_fn *function, const char *examples, uint32_t output_count);

/* The same, with inputs that all rows share where `is_shared`, one per input, says so. */
struct neuron_model *
load_traced_shared(neuron_trace_fn *function, const char *examples, const bool *is_shared,
                   uint32_t output_count);

/* float32[4,6] "x" -> float32[4,5]: a dense layer with softmax, which can be cut in rows. */
struct neuron_model *
load_dense_model(void);

/* float32[4,6], float32[4,1] -> float32[4,6], float32[4,5]: rows go with rows. */
struct neuron_model *
load_two_by_two_model(void);

/* float32[4,6], float32[] -> float32[4,6]: a scalar has no rows, and a softmax over columns mixes
   those of the other input. */
struct neuron_model *
load_scaled_model(void);

/* float32[4,3], float32[3,2] -> float32[4,2]: a softmax over the columns of a product mixes the
 * rows.
 */
struct neuron_model *
load_product_model(void);

#endif

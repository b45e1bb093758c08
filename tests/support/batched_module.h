/* SPDX-License-Identifier: Apache-2.0 */
/* Modules that take batches of any size, and what such a batch must give. */
#ifndef NEURON_TESTS_BATCHED_MODULE_H
#define NEURON_TESTS_BATCHED_MODULE_H

#include "neuron/module.h"
#include "neuron/runtime.h"

#include "tensor_text.h"

/* A batch of a model, in memory of exactly its size. */
struct module_batch {
    uint32_t input_count;
    uint32_t output_count;
    struct neuron_tensor_view inputs[TENSOR_TEXT_LIMIT];
    struct neuron_tensor_view outputs[TENSOR_TEXT_LIMIT];
};

/* Loads a model to all cores, each replica on its own, and enables dynamic batching. The caller
   destroys the module. */
struct neuron_module *
batched_module_create(struct neuron_runtime *runtime, const struct neuron_model *model);

/* Makes the tensors of so many rows: floating numbers that depend on the seed, and integers from 0
   to 2. Outputs hold a number that no test expects. */
void
module_batch_create(struct module_batch *batch, const struct neuron_model *model, int64_t rows,
                    uint32_t seed);

enum neuron_status
module_batch_run(const struct module_batch *batch, struct neuron_module *module,
                 struct neuron_error *error);

/* Fails the test unless the outputs are, bit for bit, what a module without dynamic batching gives
   for one compiled batch after the other, filled up with the last row. */
void
module_batch_check(const struct module_batch *batch, struct neuron_module *plain);

void
module_batch_destroy(struct module_batch *batch);

#endif

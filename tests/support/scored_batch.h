/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of a batch, and what a plain loop over the model makes of them. */
#ifndef NEURON_TESTS_SCORED_BATCH_H
#define NEURON_TESTS_SCORED_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/tensor.h"

enum { SCORED_TENSOR_LIMIT = 2 };

struct scored_batch {
    uint32_t input_count;
    uint32_t output_count;
    struct neuron_tensor_view inputs[SCORED_TENSOR_LIMIT];
    struct neuron_tensor_view outputs[SCORED_TENSOR_LIMIT];
    struct neuron_tensor_view expected[SCORED_TENSOR_LIMIT];
};

/* Makes the tensors of a float32 model with `rows` in dimension 0 of all of them but shared inputs,
   which have their compiled shape, each in memory of exactly its size; inputs hold numbers that
   repeat, outputs nothing that a model computes. */
void
scored_batch_create(struct scored_batch *batch, const struct neuron_model *model, int64_t rows);

/* The same with dimension 0 as so many times the compiled one. */
void
scored_batch_create_multiple(struct scored_batch *batch, const struct neuron_model *model,
                             int64_t times);

/* Computes what must come out: one compiled batch after the other, the last one padded. */
void
scored_batch_expect(struct scored_batch *batch, struct neuron_module *module);

/* Runs the batch. */
enum neuron_status
scored_batch_run(const struct scored_batch *batch, struct neuron_data_parallel *parallel,
                 struct neuron_error *error);

/* Says whether every bit of the outputs is as expected. */
bool
scored_batch_is_right(const struct scored_batch *batch);

void
scored_batch_destroy(struct scored_batch *batch);

#endif

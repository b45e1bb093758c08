/* SPDX-License-Identifier: Apache-2.0 */
/* A model of two parts: a convolution, whose weights are packed, and a sum, whose are not. */
#ifndef NEURON_TESTS_WEIGHTY_MODEL_H
#define NEURON_TESTS_WEIGHTY_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/tensor.h"

#include "test_folder.h"

/* float32[1,C,3,3] -> [1,C,1,1] with a kernel [C,C,3,3]; float32[1,S] -> [1,S] plus a shift [S]. */
struct weighty_model {
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view outputs[2];
    struct neuron_tensor_view kernel;
    struct neuron_tensor_view shift;
};

/* Makes the numbers for C channels and S sums. weighty_model_destroy() takes them back. */
void
weighty_model_create(struct weighty_model *weighty, int64_t channels, int64_t sums);

/* The size of both weights. */
size_t
weighty_model_bytes(const struct weighty_model *weighty);

/* Traces it. The caller destroys the graph. */
struct neuron_graph *
weighty_model_trace(struct weighty_model *weighty);

/* Compiles it into the folder as NAME.neff, and loads that. The caller destroys the model. */
struct neuron_model *
weighty_model_load(struct weighty_model *weighty, const struct test_folder *folder,
                   const char *name);

/* Runs a module of it once, and fails the test unless both outputs are right. */
void
weighty_model_check(const struct weighty_model *weighty, struct neuron_module *module);

void
weighty_model_destroy(struct weighty_model *weighty);

#endif

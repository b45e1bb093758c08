/* SPDX-License-Identifier: Apache-2.0 */
/* Models for several cores, cut where a test wants it. */
#ifndef NEURON_TESTS_STAGED_MODEL_H
#define NEURON_TESTS_STAGED_MODEL_H

#include <stdint.h>

#include "neuron/graph.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/trace.h"

#include "test_runtime.h"

struct staged_model {
    struct neuron_graph *traced; /* whose constants the model borrows */
    struct neuron_model *model;
};

/*
 * Compiles a graph, and cuts it. Fails the test where that does not work.
 *
 * traced       the staged model's from now on.
 * stage_count  2 or more; at most one for each node is made.
 * seed         of the places where to cut; 0 for stages of as many nodes.
 */
void
staged_model_create(struct staged_model *staged, struct neuron_graph *traced, uint32_t stage_count,
                    uint32_t seed);

/* Compiles a graph, which is the staged model's from now on, for cores that work on one request. */
void
staged_model_create_wide(struct staged_model *staged, struct neuron_graph *traced,
                         uint32_t core_count);

/* Traces a function for example tensors such as "[4,6] [4,1]" (tensor_text.h). */
struct neuron_graph *
staged_trace_over(neuron_trace_fn *function, const char *examples, uint32_t output_count,
                  void *user);

/* Traces a function for example tensors such as "[4,6] [4,1]" (tensor_text.h), and does the same.
 */
void
staged_model_trace(struct staged_model *staged, neuron_trace_fn *function, const char *examples,
                   uint32_t output_count, uint32_t stage_count);

void
staged_model_destroy(struct staged_model *staged);

enum { STAGED_CORES = 4 };

/* cmocka setup and teardown; `*state` is a struct test_runtime of STAGED_CORES invented cores. */
int
staged_runtime_setup(void **state);
int
staged_runtime_teardown(void **state);

/* Loads a model to a run of cores. The caller destroys the module. */
struct neuron_module *
staged_module_create(const struct test_runtime *owner, const struct neuron_model *model,
                     int32_t start, int32_t count);

#endif

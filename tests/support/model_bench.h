/* SPDX-License-Identifier: Apache-2.0 */
/* A runtime on an invented machine, and the way from a traced function to numbers. */
#ifndef NEURON_TESTS_MODEL_BENCH_H
#define NEURON_TESTS_MODEL_BENCH_H

#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/runtime.h"

#include "reference_operators.h"
#include "test_folder.h"

struct model_bench {
    struct test_folder folder; /* of compiled files and lock files */
    struct neuron_runtime *runtime;
};

/* cmocka setup and teardown; `*state` is a struct model_bench with a runtime of two cores. */
int
model_bench_setup(void **state);
int
model_bench_teardown(void **state);

/* Compiles a graph, which it destroys, and loads the file. The caller destroys the model. */
struct neuron_model *
compile_and_load(const struct model_bench *bench, struct neuron_graph *graph);

/* Traces, compiles and loads a function over these inputs. The caller destroys the model. */
struct neuron_model *
model_of(const struct model_bench *bench, neuron_trace_fn *function,
         const struct neuron_trace_signature *signature, void *user);

/* Puts a model on nc:0 and runs it once. Fails the test where that fails. */
void
run_once(const struct model_bench *bench, const struct neuron_model *model,
         const struct neuron_tensor_view *inputs, const struct neuron_tensor_view *outputs);

/* One operator, how it is computed straightforwardly, and over what. */
struct operator_case {
    neuron_trace_fn *record;
    reference_fn *reference;
    const char *tensors; /* as parse_tensors() reads them */
    struct operator_choice choice;
};

/*
 * Runs an operator over random numbers, and fails the test unless every element is close to the
 * reference's: once with all arguments as inputs, once with all but the first as constants.
 */
void
check_operator(const struct model_bench *bench, const struct operator_case *operator_case);

#endif

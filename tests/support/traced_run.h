/* SPDX-License-Identifier: Apache-2.0 */
/* A traced function, run once on numbers that stand in the test. */
#ifndef NEURON_TESTS_TRACED_RUN_H
#define NEURON_TESTS_TRACED_RUN_H

#include "model_bench.h"

/*
 * Traces a function of one result over these inputs, and runs it.
 *
 * output  its memory; type and shape are those that the model must give.
 */
void
run_traced(const struct model_bench *bench, neuron_trace_fn *function, void *user,
           const struct neuron_tensor_view *inputs, uint32_t input_count,
           const struct neuron_tensor_view *output);

/* The same, which fails while it runs, with a text that contains this one. */
void
expect_run_refused(const struct model_bench *bench, neuron_trace_fn *function, void *user,
                   const struct neuron_tensor_view *inputs, uint32_t input_count, const char *text);

/* Fails the test unless each number is within `tolerance` of what is expected. */
void
expect_numbers(const float *numbers, const float *expected, size_t count, double tolerance);

#endif

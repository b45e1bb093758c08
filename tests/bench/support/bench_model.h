/* SPDX-License-Identifier: Apache-2.0 */
/* Models that the benchmarks make for themselves. */
#ifndef NEURON_BENCH_MODEL_H
#define NEURON_BENCH_MODEL_H

#include "neuron/compiler.h"
#include "neuron/model.h"
#include "neuron/trace.h"

/* Where a benchmark's model stands: mkstemp() fills the X. */
#define BENCH_MODEL_PATH "/tmp/neuron-bench-XXXXXX"

/* Traces a float32 constant of these dimensions: small numbers, the same each time. */
struct neuron_value
record_weights(struct neuron_trace *trace, struct neuron_tensor_view view);

/*
 * Traces and compiles a function into a new file.
 *
 * path  is BENCH_MODEL_PATH, and receives the name. The caller unlinks it, also after a failure.
 */
NEURON_MUST_CHECK enum neuron_status
compile_bench_model(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                    void *user, char *path, struct neuron_error *error);

/* The same, loaded; no file is left. The caller destroys the model. */
NEURON_MUST_CHECK enum neuron_status
load_bench_model(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                 void *user, struct neuron_model **model, struct neuron_error *error);

/* The same, compiled as the options say. */
NEURON_MUST_CHECK enum neuron_status
load_bench_model_with(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
                      void *user, const struct neuron_compiler_options *options,
                      struct neuron_model **model, struct neuron_error *error);

#endif

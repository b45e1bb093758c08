/* SPDX-License-Identifier: Apache-2.0 */
/* A session of ONNX Runtime, for the benchmarks that compare with it. */
#ifndef NEURON_BENCH_ORT_SESSION_H
#define NEURON_BENCH_ORT_SESSION_H

#include "neuron/status.h"

#include "ort_functions.h"

struct ort_library {
    const struct ort_functions *functions;
    struct ort_environment *environment;
    struct ort_options *options;
    struct ort_session *session;
    struct ort_memory *memory; /* of tensors that lie in memory of the caller's */
};

/* Takes over the status of a call. */
NEURON_MUST_CHECK enum neuron_status
ort_check(const struct ort_library *library, struct ort_status *status, struct neuron_error *error);

/*
 * Loads the library, and a model with all optimizations; its runs have no threads but the caller's.
 *
 * library_path  libonnxruntime.so.1.
 *
 * The end of the process gives back all that this holds.
 */
NEURON_MUST_CHECK enum neuron_status
ort_open(const char *library_path, const char *model_path, struct ort_library *library,
         struct neuron_error *error);

#endif

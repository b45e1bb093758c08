/* SPDX-License-Identifier: Apache-2.0 */
/* A model behind nrt.h, and tensors for it. */
#ifndef NEURON_BENCH_NRT_H
#define NEURON_BENCH_NRT_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/trace.h"
#include "nrt/nrt.h"

/* One device tensor for each input and output, on core 0. */
struct bench_tensors {
    nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
};

/*
 * Compiles a function into a file, initialises libnrt, maps the file as a client does, and loads it
 * to `core_count` cores from the first one on. Says on stderr what failed, and returns false.
 */
bool
bench_nrt_open(neuron_trace_fn *function, const struct neuron_trace_signature *signature,
               void *user, int32_t core_count, nrt_model_t **model);

/* Allocates tensors, which nrt_close() frees. Else as above. */
bool
bench_tensors_create(nrt_model_t *model, struct bench_tensors *tensors);

/* Loads the compiled file at this path, by a mapping that is gone when the call returns. */
bool
bench_nrt_load(const char *path, int32_t core_count, nrt_model_t **model);

#endif

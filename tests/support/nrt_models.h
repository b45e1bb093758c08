/* SPDX-License-Identifier: Apache-2.0 */
/* Small models as NEFF bytes, and tensors for them. */
#ifndef NEURON_TESTS_NRT_MODELS_H
#define NEURON_TESTS_NRT_MODELS_H

#include "nrt_bench.h"

enum { VECTOR_LENGTH = 4, VECTOR_BYTES = 16, CROWD_INPUTS = 12, SLOW_SIDE = 640 };

struct neff {
    void *bytes;
    size_t size_bytes;
};

/* x -> y = 2 * x, vectors of VECTOR_LENGTH float32. The caller frees the bytes, here and below. */
struct neff
twice_neff(const struct nrt_bench *bench);

/* a, b -> sum = a + b, difference = a - b. */
struct neff
pair_neff(const struct nrt_bench *bench);

/* a, b -> quotient = a / b. */
struct neff
quotient_neff(const struct nrt_bench *bench);

/* x_0 ... x_11 -> y, their sum: more tensors than a binding has room for without allocating. */
struct neff
crowd_neff(const struct nrt_bench *bench);

/* x -> y, float32[SLOW_SIDE,SLOW_SIDE]: takes some seconds, in many kernels. */
struct neff
slow_neff(const struct nrt_bench *bench);

/*
 * x, which -> y = x + twice the larger of 0 and the element of x that is chosen, for some cores. A
 * choice that is not there fails on the last core.
 */
struct neff
staged_neff(const struct nrt_bench *bench, uint32_t core_count);

/* The same, for cores that work on one run together. */
struct neff
wide_neff(const struct nrt_bench *bench, uint32_t core_count);

/* Loads the bytes, which it frees. Fails the test where that does not work. */
nrt_model_t *
load_neff(struct neff neff, int32_t vnc, int32_t vnc_count);

/* Makes a tensor of VECTOR_LENGTH numbers near a core, all of this value. */
nrt_tensor_t *
vector_of(int vnc, float value);

/* Fails the test unless every number of such a tensor is this one. */
void
check_vector(const nrt_tensor_t *tensor, float value, const char *file, int line);

#define assert_vector(tensor, value) check_vector((tensor), (value), __FILE__, __LINE__)

/* The tensors of the model "twice", in sets. */
struct twice_tensors {
    nrt_tensor_t *x;
    nrt_tensor_t *y;
    nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
};

/* Makes them near a core, x of this value. */
void
twice_tensors_create(struct twice_tensors *tensors, int vnc, float value);
void
twice_tensors_destroy(struct twice_tensors *tensors);

/* Makes a set of one tensor by this name. The caller destroys it. */
nrt_tensor_set_t *
set_of(const char *name, nrt_tensor_t *tensor);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled model, mapped from its NEFF file. */
#ifndef NEURON_MODEL_H
#define NEURON_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A model is the file's graph and its weights, mapped read-only: processes of a machine share one
 * copy. It runs nowhere by itself; a module (neuron/module.h) or DataParallel puts it on cores. A
 * model never changes; any thread may call anything here.
 */
struct neuron_model;

/*
 * Opens, checks and maps a NEFF file.
 *
 * model  receives a new model, which the caller destroys after all that runs it. Unchanged on
 *        failure.
 * error  receives the reason on failure. May be NULL.
 *
 * Returns NEURON_DAMAGED_MODEL when the file is no NEFF, is truncated or was altered;
 * NEURON_UNSUPPORTED_MODEL when it was written by a newer version; NEURON_SYSTEM when it cannot be
 * opened; NEURON_OUT_OF_MEMORY.
 * Blocks while it reads the file once for its checksum.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_load(const char *path, struct neuron_model **model, struct neuron_error *error);

/*
 * Checks a NEFF file in memory, and opens it. The bytes may be dropped after the call. Where they
 * are the mapping of a file, that file is mapped again, so that processes still share one copy, and
 * is not to be changed in place while the model lives (a new one takes its place by renaming); else
 * they are copied.
 *
 * bytes  borrowed for the call.
 *
 * Else as neuron_model_load().
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_load_bytes(const void *bytes, size_t size_bytes, struct neuron_model **model,
                        struct neuron_error *error);

/*
 * Checks that a model still is what it was when it was loaded. Who writes to a file that is mapped
 * changes the model that shows it; replace such a file by renaming another one.
 *
 * error  receives the reason on failure. May be NULL.
 *
 * Returns NEURON_DAMAGED_MODEL.
 * Any thread. Blocks while it reads a mapped file once for its checksum; a copy is not read.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_check(const struct neuron_model *model, struct neuron_error *error);

/*
 * Writes a model as a NEFF file, with the weights that it has: that of the model itself, bit for
 * bit, unless it was given others.
 *
 * descriptor  of an empty file that can be written at any place. Stays the caller's, as does the
 *             file, whose contents are undefined on failure.
 * error       receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when it cannot be written, or NEURON_OUT_OF_MEMORY. Blocks while it writes.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_write(const struct neuron_model *model, int descriptor, struct neuron_error *error);

enum { NEURON_MODEL_IDENTITY_BYTES = 16 };

/*
 * The checksum of a model's graph and weights, NEURON_MODEL_IDENTITY_BYTES long: equal for equal
 * models, wherever their files stand. Lives as long as the model.
 */
NEURON_API const unsigned char *
neuron_model_identity(const struct neuron_model *model);

/* Says how many consecutive cores a replica takes: as many as the model was compiled for. */
NEURON_API uint32_t
neuron_model_core_count(const struct neuron_model *model);

/* Says whether a module loads the model at its first run only. The model was compiled so. */
NEURON_API bool
neuron_model_is_lazy(const struct neuron_model *model);

/* Says whether a module loads the model while its caller goes on. The model was compiled so. */
NEURON_API bool
neuron_model_is_async(const struct neuron_model *model);

/* The name that the model was compiled with. Lives as long as the model. */
NEURON_API const char *
neuron_model_name(const struct neuron_model *model);

/* Says how many inputs a run takes. */
NEURON_API uint32_t
neuron_model_input_count(const struct neuron_model *model);

/* Says how many outputs a run gives. */
NEURON_API uint32_t
neuron_model_output_count(const struct neuron_model *model);

/* Describes an input, with its compiled shape. Lives as long as the model. */
NEURON_API const struct neuron_tensor_spec *
neuron_model_input(const struct neuron_model *model, uint32_t index);

/* Describes an output, with its compiled shape. Lives as long as the model. */
NEURON_API const struct neuron_tensor_spec *
neuron_model_output(const struct neuron_model *model, uint32_t index);

/*
 * Says whether an input carries no batch: it is the same for all rows, so whoever cuts a batch
 * hands it whole to each run. The model was traced or imported with this said of it, or the
 * compiler proved that a batch can be cut in this way, and in no other.
 */
NEURON_API bool
neuron_model_input_is_shared(const struct neuron_model *model, uint32_t index);

/*
 * Says whether each row of dimension 0 is computed from the same row of every input that carries a
 * batch, and from the others, alone, so that a batch may be cut, padded and joined along it without
 * changing a result.
 *
 * error  receives on "no" what stands in the way: the operator that mixes rows, the inputs that
 *        disagree, that no input carries a batch, or the inputs to declare as shared where the
 *        compiler found several ways. May be NULL.
 *
 * Returns NEURON_OK for "yes", NEURON_UNSUPPORTED_MODEL, or NEURON_OUT_OF_MEMORY.
 */
NEURON_API enum neuron_status
neuron_model_check_batchable(const struct neuron_model *model, struct neuron_error *error);

/*
 * Says whether this machine has all that the model was compiled for: instructions, types, and the
 * processor that algorithms were measured on. It runs in any case, more slowly.
 *
 * error  receives on "no" what is lacking, and what that means. May be NULL.
 *
 * Returns NEURON_OK for "yes", or NEURON_UNSUPPORTED_MODEL.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_check_machine(const struct neuron_model *model, struct neuron_error *error);

/* Destroys a model. Accepts NULL. */
NEURON_API void
neuron_model_destroy(struct neuron_model *model);

#ifdef __cplusplus
}
#endif

#endif

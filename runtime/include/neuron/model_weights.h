/* SPDX-License-Identifier: Apache-2.0 */
/* The weights of a model by name, and models with others in their place. */
#ifndef NEURON_MODEL_WEIGHTS_H
#define NEURON_MODEL_WEIGHTS_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Weights are the constants that had a name when the model was compiled: the initializers of an
 * ONNX file, and what neuron_constant_named() made. A model that was compiled with its weights
 * apart (neuron/compiler.h) lists all of them, has the bytes of none, and runs on no core before it
 * was given them. Any other lists those that can be replaced because nothing else was computed of
 * them: what was folded into another one, or is one with another of equal bytes, is not among them.
 *
 * A model never changes: with other weights it is another model. Any thread may call anything here.
 */

/* Says how many weights can be replaced. */
NEURON_API uint32_t
neuron_model_weight_count(const struct neuron_model *model);

/* Describes a weight. `index` is below their count. Lives as long as the model. */
NEURON_API const struct neuron_tensor_spec *
neuron_model_weight(const struct neuron_model *model, uint32_t index);

/*
 * Checks that the model has all of its weights.
 *
 * error  receives the first that is missing, and what to do. May be NULL.
 *
 * Returns NEURON_OK, or NEURON_INVALID_ARGUMENT.
 */
NEURON_API enum neuron_status
neuron_model_check_weights(const struct neuron_model *model, struct neuron_error *error);

/*
 * Makes a model that is the same but for its weights, which come from an npz file, by their names.
 * It folds them as the compiler would have, so a run takes no longer than with weights that were
 * compiled in.
 *
 * Arrays that are stored in the file as neuron_npz_save() and neuron-cc do are used where they lie:
 * nothing is copied, processes share them, and the file is not to be changed in place while the
 * model lives. Else, as for deflated arrays, this process has a copy.
 *
 * model     of which all arrays of the file are weights, with the same type and shape. Weights that
 *           are not in the file stay what they are, and must not be missing. It may be destroyed
 *           before the new one.
 * replaced  receives a new model, which the caller destroys after all that runs it. Its identity
 *           follows from that of `model` and the bytes of the weights. It can be given others in
 *           turn. Unchanged on failure.
 * error     receives the reason on failure: the first array that does not fit. May be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT when an array is no weight of the model, or has another type or
 * shape (the text gives both), when one is missing, or for a model of several buckets;
 * NEURON_OUT_OF_MEMORY, or as neuron_npz_load() and neuron_npz_read(). Blocks while it reads the
 * file once, and folds.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_replace_weights(const struct neuron_model *model, const char *path,
                             struct neuron_model **replaced, struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

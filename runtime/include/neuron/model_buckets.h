/* SPDX-License-Identifier: Apache-2.0 */
/* Models that were compiled for several shapes. */
#ifndef NEURON_MODEL_BUCKETS_H
#define NEURON_MODEL_BUCKETS_H

#include <stdint.h>

#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A bucket is the model for one set of shapes. neuron_module_run() takes the smallest one that the
 * tensors fit into, pads inputs with zeros, and cuts the outputs to what belongs to the inputs.
 * Padding changes no result of a model that keeps what it pads apart, as batches mostly are, or
 * that is told by a mask what is padding; docs/buckets.md says how to know.
 *
 * Bucket 0 is the largest. It is what neuron_model_input() and neuron_model_output() describe, what
 * DataParallel and libnrt run, and the only one of a model that was compiled for one shape.
 *
 * Any thread may call anything here.
 */

/* Says how many buckets a model has. At least 1. */
NEURON_API uint32_t
neuron_model_bucket_count(const struct neuron_model *model);

/* Describes an input as a bucket has it. Lives as long as the model. */
NEURON_API const struct neuron_tensor_spec *
neuron_model_bucket_input(const struct neuron_model *model, uint32_t bucket, uint32_t index);

/* Describes an output as a bucket has it. Lives as long as the model. */
NEURON_API const struct neuron_tensor_spec *
neuron_model_bucket_output(const struct neuron_model *model, uint32_t bucket, uint32_t index);

/*
 * Finds the smallest bucket that tensors fit into, and the shapes of the outputs that belong to
 * them.
 *
 * inputs   as many as the model has, in its order; their data is not read.
 * bucket   receives its number. Unchanged on failure, as are the outputs.
 * outputs  receives one shape for each output of the model.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT when the inputs fit no bucket (the text gives the largest), or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_model_choose_bucket(const struct neuron_model *model,
                           const struct neuron_tensor_view *inputs, uint32_t *bucket,
                           struct neuron_tensor_shape *outputs, struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif

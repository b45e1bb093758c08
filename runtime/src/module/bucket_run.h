/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of a run, brought to the shapes of a bucket, and the results cut to theirs. */
#ifndef NEURON_MODULE_BUCKET_RUN_H
#define NEURON_MODULE_BUCKET_RUN_H

#include "module/model_body.h"
#include "neuron/tensor.h"

/* Memory for the tensors that do not have the shapes of the bucket. */
struct neuron_bucket_run {
    const struct neuron_model *bucket; /* that runs */
    uint32_t index;
    void **addresses;                   /* of inputs, then outputs, in the bucket's shapes */
    void **owned;                       /* those of them that were made; else NULL */
    struct neuron_tensor_shape *shapes; /* of outputs, as the caller has them */
};

/*
 * Chooses the bucket, and pads inputs with zeros where they are smaller.
 *
 * run  receives what is to be closed.
 *
 * Returns NEURON_INVALID_ARGUMENT when an input fits no bucket or an output has another shape than
 * belongs to the inputs, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_bucket_run_open(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
                       const struct neuron_tensor_view *outputs, struct neuron_bucket_run *run,
                       struct neuron_error *error);

/* Cuts the results out of the bucket's, after the run. */
void
neuron_bucket_run_trim(const struct neuron_bucket_run *run,
                       const struct neuron_tensor_view *outputs);

/* Accepts a zeroed one. */
void
neuron_bucket_run_close(struct neuron_bucket_run *run);

#endif

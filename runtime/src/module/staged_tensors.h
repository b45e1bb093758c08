/* SPDX-License-Identifier: Apache-2.0 */
/* The tensors of a run in the shapes that a model was compiled for: the caller's own memory where
   they have these, and copies where they are smaller. */
#ifndef NEURON_MODULE_STAGED_TENSORS_H
#define NEURON_MODULE_STAGED_TENSORS_H

#include "module/model_body.h"
#include "neuron/tensor.h"

/* What stands behind the elements that a tensor of the caller does not have. */
enum neuron_staged_padding {
    NEURON_STAGED_ZEROS,
    /* Its last row again and again, where it carries a batch: what a model makes of zeros may be a
       NaN (0 / 0), which would be blamed on the caller's rows. */
    NEURON_STAGED_LAST_ROW
};

/* Zeroed before the first use. Memory that was made is kept for the next run. */
struct neuron_staged_tensors {
    const struct neuron_model *model; /* that runs */
    void **addresses;                 /* of inputs, then outputs, in the model's shapes */
    void **owned;                     /* memory for those that the caller has otherwise; or NULL */
};

/*
 * Brings tensors to the shapes of a model. They are of its types and ranks, have an element, and
 * are nowhere larger.
 *
 * Returns NEURON_INVALID_ARGUMENT for a tensor without data, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_staged_tensors_fill(struct neuron_staged_tensors *staged, const struct neuron_model *model,
                           const struct neuron_tensor_view *inputs,
                           const struct neuron_tensor_view *outputs,
                           enum neuron_staged_padding padding, struct neuron_error *error);

/* Cuts the results out of the model's, after the run. */
void
neuron_staged_tensors_trim(const struct neuron_staged_tensors *staged,
                           const struct neuron_tensor_view *outputs);

/* Accepts a zeroed one, and leaves one. */
void
neuron_staged_tensors_close(struct neuron_staged_tensors *staged);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The buckets of a model as models of their own, for those who make programs of them. */
#ifndef NEURON_MODULE_MODEL_BUCKET_H
#define NEURON_MODULE_MODEL_BUCKET_H

#include "module/model_body.h"

/*
 * Makes models of the buckets of a model's graph, which are theirs from then on.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_model_open_buckets(struct neuron_model *model, struct neuron_error *error);

/* Destroys them. */
void
neuron_model_close_buckets(struct neuron_model *model);

/* The model of a bucket: for 0 the model itself. Lives as long as that. */
const struct neuron_model *
neuron_model_bucket(const struct neuron_model *model, uint32_t index);

#endif

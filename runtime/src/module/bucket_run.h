/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of a model of several shapes, each in the smallest bucket that fits. */
#ifndef NEURON_MODULE_BUCKET_RUN_H
#define NEURON_MODULE_BUCKET_RUN_H

#include "module/module_body.h"
#include "neuron/tensor.h"

/*
 * Runs the smallest bucket that the inputs fit into, padded with zeros where they are smaller, and
 * cuts the results to what belongs to them. The counts are right.
 *
 * Returns NEURON_INVALID_ARGUMENT when an input fits no bucket or an output has another shape than
 * belongs to the inputs, else as neuron_module_run().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_bucket_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  const struct neuron_tensor_view *outputs, struct neuron_error *error);

#endif

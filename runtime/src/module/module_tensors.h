/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the tensors of a run: of what comes in, and of what came out. */
#ifndef NEURON_MODULE_MODULE_TENSORS_H
#define NEURON_MODULE_MODULE_TENSORS_H

#include <stdint.h>

#include "module/module_body.h"
#include "neuron/model.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* Checks how many there are. Returns NEURON_INVALID_ARGUMENT. */
NEURON_MUST_CHECK enum neuron_status
neuron_module_check_counts(const struct neuron_model *model, uint32_t input_count,
                           uint32_t output_count, struct neuron_error *error);

/* Checks that all have the shapes that the model was compiled for, and an address. Returns
   NEURON_INVALID_ARGUMENT. */
NEURON_MUST_CHECK enum neuron_status
neuron_module_check_shapes(const struct neuron_model *model,
                           const struct neuron_tensor_view *inputs,
                           const struct neuron_tensor_view *outputs, struct neuron_error *error);

/* Searches the outputs of a run that is done for NaN, where the runtime is to do that. Returns
   NEURON_NUMERICAL_ERROR. */
NEURON_MUST_CHECK enum neuron_status
neuron_module_check_numbers(const struct neuron_module *module, void *const *outputs,
                            struct neuron_error *error);

/* The same for what was cut out of a bucket's outputs. */
NEURON_MUST_CHECK enum neuron_status
neuron_module_check_trimmed(const struct neuron_module *module,
                            const struct neuron_tensor_view *outputs, struct neuron_error *error);

#endif

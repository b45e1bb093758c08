/* SPDX-License-Identifier: Apache-2.0 */
/* A call with a batch of any size: cut into runs of the compiled one, which go to the replicas. */
#ifndef NEURON_MODULE_BATCHED_RUN_H
#define NEURON_MODULE_BATCHED_RUN_H

#include "module/module_body.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* Runs a batch, of a module that was made ready for it. The counts are right. As
   neuron_module_run(). */
NEURON_MUST_CHECK enum neuron_status
neuron_batched_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                   const struct neuron_tensor_view *outputs, struct neuron_error *error);

/* Destroys what calls that are not under way have left for the next. Accepts NULL. */
void
neuron_batched_runs_destroy(struct neuron_batched_run *runs);

#endif

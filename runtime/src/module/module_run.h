/* SPDX-License-Identifier: Apache-2.0 */
/* One run on the replica whose turn it is, over memory of the shapes of a bucket. */
#ifndef NEURON_MODULE_MODULE_RUN_H
#define NEURON_MODULE_MODULE_RUN_H

#include <stdint.h>

#include "module/module_body.h"
#include "neuron/module.h"

/* Runs a bucket, and waits. Outputs of a model of several buckets are not searched for NaN: what is
   cut off may hold some. Else as neuron_module_run(). */
NEURON_MUST_CHECK enum neuron_status
neuron_module_run_bucket(struct neuron_module *module, uint32_t bucket, void *const *inputs,
                         void *const *outputs, struct neuron_error *error);

/* Submits the same, and does not wait; else as neuron_module_submit_replica(). */
NEURON_MUST_CHECK enum neuron_status
neuron_module_submit_bucket(struct neuron_module *module, uint32_t bucket,
                            const struct neuron_replica_run *order, struct neuron_error *error);

#endif

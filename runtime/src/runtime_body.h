/* SPDX-License-Identifier: Apache-2.0 */
/* What other parts of this library see of a runtime. */
#ifndef NEURON_RUNTIME_BODY_H
#define NEURON_RUNTIME_BODY_H

#include "neuron/runtime.h"
#include "neuron/topology.h"

/* The machine as it was when the runtime was made. Lives as long as the runtime. Any thread. */
const struct neuron_topology *
neuron_runtime_topology(const struct neuron_runtime *runtime);

/* The claim on the runtime's cores. Lives as long as the runtime. Any thread. */
const struct neuron_core_lease *
neuron_runtime_lease(const struct neuron_runtime *runtime);

#endif

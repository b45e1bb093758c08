/* SPDX-License-Identifier: Apache-2.0 */
/* What holds where a module is created without a placement. */
#ifndef NEURON_MODULE_CORES_CONTEXT_H
#define NEURON_MODULE_CORES_CONTEXT_H

#include "neuron/module_placement.h"

/* The default of the calling thread: that of its innermost context, or one automatic replica. */
struct neuron_module_placement
neuron_cores_context_placement(const struct neuron_runtime *runtime);

#endif

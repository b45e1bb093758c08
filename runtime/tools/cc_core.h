/* SPDX-License-Identifier: Apache-2.0 */
/* The one core that neuron-cc runs a model on. */
#ifndef NEURON_TOOLS_CC_CORE_H
#define NEURON_TOOLS_CC_CORE_H

#include "neuron/runtime.h"
#include "neuron/status.h"

/*
 * Claims one core: the first of NEURON_RT_VISIBLE_CORES, or one that is free. What else the
 * environment asks for holds, too, but for how many cores there are to be.
 *
 * runtime  receives a new runtime, which the caller destroys. Unchanged on failure.
 *
 * Returns as neuron_runtime_options_read() and neuron_runtime_create().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_claim_core(struct neuron_runtime **runtime, struct neuron_error *error);

#endif

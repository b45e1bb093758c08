/* SPDX-License-Identifier: Apache-2.0 */
/* The cores that neuron-cc runs a model on. */
#ifndef NEURON_TOOLS_CC_CORE_H
#define NEURON_TOOLS_CC_CORE_H

#include <stdint.h>

#include "neuron/runtime.h"
#include "neuron/status.h"

/*
 * Claims cores: the first of NEURON_RT_VISIBLE_CORES, or a run of some that are free. What else the
 * environment asks for holds, too, but for how many cores there are to be.
 *
 * count    at least 1.
 * runtime  receives a new runtime, which the caller destroys. Unchanged on failure.
 *
 * Returns as neuron_runtime_options_read() and neuron_runtime_create(); NEURON_NO_SUCH_CORE when
 * the environment names fewer cores.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_claim_cores(uint32_t count, struct neuron_runtime **runtime, struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory belongs to devices here, and to models; the Neuron tools tell it of cores. This spreads
 * what is known over the cores that use it, so that the sums are right: values to values.
 */
#ifndef NEURON_TOOLS_MONITOR_MEMORY_SHARE_H
#define NEURON_TOOLS_MONITOR_MEMORY_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "counters/counter_reader.h"

/*
 * Spreads an owner's memory over the cores of a runtime: evenly over those of its device on which
 * models of the owner's name are loaded; where there are none, over all of the device; where the
 * runtime has none there, over all it has.
 *
 * shares  of each nc; receives NEURON_MEMORY_USES numbers for each, whose sums are the owner's.
 */
void
neuron_memory_share_cores(const struct neuron_counter_sample *runtime,
                          const struct neuron_memory_sample *owner,
                          uint64_t (*shares)[NEURON_MEMORY_USES]);

/* Says whether a module is loaded on a core of its runtime. */
bool
neuron_memory_module_has_core(const struct neuron_module_sample *module, uint32_t nc);

/* Says which part of all that is spread so a module has on one of its cores; adds it to `bytes`. */
void
neuron_memory_share_module(const struct neuron_counter_sample *runtime, uint32_t module,
                           uint32_t nc, uint64_t bytes[NEURON_MEMORY_USES]);

#endif

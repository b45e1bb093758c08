/* SPDX-License-Identifier: Apache-2.0 */
/* How busy each core is: a bar with its holder, or less where there are many cores or little
   room. */
#ifndef NEURON_TOOLS_TOP_CORE_BLOCK_H
#define NEURON_TOOLS_TOP_CORE_BLOCK_H

#include <stdint.h>

#include "neuron/core_set.h"

#include "node/node_rates.h"
#include "node/node_watch.h"
#include "top/canvas.h"

/*
 * Adds rows with cores.
 *
 * cores  those to be shown, by the machine's numbers; NULL for all.
 */
void
neuron_core_block_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                      const struct neuron_node_rates *rates, const struct neuron_core_set *cores,
                      uint32_t row_limit);

#endif

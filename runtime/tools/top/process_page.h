/* SPDX-License-Identifier: Apache-2.0 */
/* All that is known of one process. */
#ifndef NEURON_TOOLS_TOP_PROCESS_PAGE_H
#define NEURON_TOOLS_TOP_PROCESS_PAGE_H

#include "node/node_rates.h"
#include "node/node_watch.h"
#include "top/canvas.h"

/*
 * Adds who the process is, its cores, its runs and latencies, its memory and its models.
 *
 * process    its position in the sample.
 * row_limit  for its cores, as neuron_core_block_add() takes it.
 */
void
neuron_process_page_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                        const struct neuron_node_rates *rates, uint32_t process,
                        uint32_t row_limit);

#endif

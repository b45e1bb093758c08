/* SPDX-License-Identifier: Apache-2.0 */
/* The table of memory: by use, per process and model, and in all. */
#ifndef NEURON_TOOLS_TOP_MEMORY_TABLE_H
#define NEURON_TOOLS_TOP_MEMORY_TABLE_H

#include "node/node_rates.h"
#include "node/node_watch.h"
#include "top/canvas.h"

/*
 * Adds a heading, a row for all, and for each process that has some a row, and one for each owner
 * of memory in it, a model or what the program allocated.
 *
 * process  whose memory is shown, without the row for all; neuron_no_process for all processes.
 */
void
neuron_memory_table_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                        const struct neuron_node_rates *rates, uint32_t process);

#endif

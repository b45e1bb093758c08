/* SPDX-License-Identifier: Apache-2.0 */
/* The table of processes: who they are, and what they did. */
#ifndef NEURON_TOOLS_TOP_PROCESS_TABLE_H
#define NEURON_TOOLS_TOP_PROCESS_TABLE_H

#include "node/node_rates.h"
#include "node/node_watch.h"
#include "top/canvas.h"
#include "top/process_order.h"

/*
 * Adds a heading, and a row for each process; below one whose counters cannot be read the reason.
 * Says so where there is no process.
 *
 * positions  of the processes, in the order of the rows.
 */
void
neuron_process_table_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                         const struct neuron_node_rates *rates, enum neuron_process_order order,
                         const uint32_t *positions);

/* Adds the reason why the counters of a process cannot be read, if that is so, in as many rows as
   it takes. */
void
neuron_process_trouble_add(struct neuron_canvas *canvas, const struct neuron_node_process *process,
                           uint32_t indent);

/* How many cores a process has: those that it holds, else those of its runtimes, which are others'.
 */
uint32_t
neuron_process_core_count(const struct neuron_node_process *process);

#endif

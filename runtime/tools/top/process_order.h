/* SPDX-License-Identifier: Apache-2.0 */
/* In what order processes are listed. */
#ifndef NEURON_TOOLS_TOP_PROCESS_ORDER_H
#define NEURON_TOOLS_TOP_PROCESS_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "node/node_rates.h"
#include "node/node_watch.h"

enum neuron_process_order {
    NEURON_ORDER_CORES, /* as the sample has them: what works inside a lease below who holds it */
    NEURON_ORDER_BUSY,
    NEURON_ORDER_RUNS,
    NEURON_ORDER_LATENCY, /* 99 of 100 requests took less */
    NEURON_ORDER_MEMORY,
    NEURON_ORDER_CPU,
    NEURON_ORDER_PID,
    NEURON_ORDER_COUNT
};

/* What an order is called. */
const char *
neuron_process_order_name(enum neuron_process_order order);

/* Finds the order that a key stands for, and says whether there is one. */
bool
neuron_process_order_by_key(uint32_t key, enum neuron_process_order *order);

/*
 * Finds the positions of processes in an order, the largest first but for pids; equals stay as
 * they are in the sample.
 *
 * positions  receives `sample->process_count` of them.
 */
void
neuron_process_order_find(const struct neuron_node_sample *sample,
                          const struct neuron_node_rates *rates, enum neuron_process_order order,
                          bool is_reversed, uint32_t *positions);

/* All memory of a process. */
uint64_t
neuron_process_memory(const struct neuron_process_rate *rate);

#endif

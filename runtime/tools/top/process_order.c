/* SPDX-License-Identifier: Apache-2.0 */
#include "top/process_order.h"

#include <stddef.h>

/* How an order is called, and by which key it is chosen. */
struct order_name {
    const char *name;
    uint32_t key;
};

static const struct order_name names[NEURON_ORDER_COUNT] = {
    [NEURON_ORDER_CORES] = {"cores", 'c'},   [NEURON_ORDER_BUSY] = {"busy", 'b'},
    [NEURON_ORDER_RUNS] = {"runs/s", 'r'},   [NEURON_ORDER_LATENCY] = {"latency", 'l'},
    [NEURON_ORDER_MEMORY] = {"memory", 'm'}, [NEURON_ORDER_CPU] = {"cpu", 'u'},
    [NEURON_ORDER_PID] = {"pid", 'i'},
};

const char *
neuron_process_order_name(enum neuron_process_order order)
{
    return names[order].name;
}

bool
neuron_process_order_by_key(uint32_t key, enum neuron_process_order *order)
{
    for (uint32_t i = 0; i < NEURON_ORDER_COUNT; i += 1) {
        if (names[i].key == key) {
            *order = (enum neuron_process_order)i;
            return true;
        }
    }
    return false;
}

uint64_t
neuron_process_memory(const struct neuron_process_rate *rate)
{
    uint64_t bytes = 0;

    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        bytes += rate->memory_bytes[use];
    }
    return bytes;
}

/* What processes are sorted by, the largest first. */
static double
weigh(const struct neuron_node_process *process, const struct neuron_process_rate *rate,
      enum neuron_process_order order)
{
    switch (order) {
    case NEURON_ORDER_BUSY:
        return rate->busy_cores;
    case NEURON_ORDER_RUNS:
        return rate->runs_per_s;
    case NEURON_ORDER_LATENCY:
        return rate->request_s[NEURON_LATENCY_P99];
    case NEURON_ORDER_MEMORY:
        return (double)neuron_process_memory(rate);
    case NEURON_ORDER_CPU:
        return rate->user_cpus + rate->system_cpus;
    case NEURON_ORDER_PID:
        return -(double)process->pid;
    case NEURON_ORDER_CORES:
    case NEURON_ORDER_COUNT:
        break;
    }
    return 0;
}

/* Moves the last one of some positions up to where it belongs. */
static void
settle(const struct neuron_node_sample *sample, const struct neuron_node_rates *rates,
       enum neuron_process_order order, uint32_t *positions, uint32_t last)
{
    uint32_t moved = positions[last];
    double weight = weigh(&sample->processes[moved], &rates->processes[moved], order);
    uint32_t to = last;

    while (to > 0) {
        uint32_t above = positions[to - 1];

        if (weigh(&sample->processes[above], &rates->processes[above], order) >= weight) {
            break;
        }
        positions[to] = above;
        to -= 1;
    }
    positions[to] = moved;
}

void
neuron_process_order_find(const struct neuron_node_sample *sample,
                          const struct neuron_node_rates *rates, enum neuron_process_order order,
                          bool is_reversed, uint32_t *positions)
{
    uint32_t count = sample->process_count;

    /* By insertion: there are some processes, in nearly the same order as before. */
    for (uint32_t i = 0; i < count; i += 1) {
        positions[i] = i;
        settle(sample, rates, order, positions, i);
    }
    for (uint32_t i = 0; is_reversed && i < count / 2; i += 1) {
        uint32_t kept = positions[i];

        positions[i] = positions[count - 1 - i];
        positions[count - 1 - i] = kept;
    }
}

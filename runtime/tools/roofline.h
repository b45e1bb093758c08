/* SPDX-License-Identifier: Apache-2.0 */
/* What a core can do at most, and which of it holds back a piece of work. */
#ifndef NEURON_TOOLS_ROOFLINE_H
#define NEURON_TOOLS_ROOFLINE_H

#include <stdint.h>

#include "core_peak.h"
#include "cpu.h"
#include "graph/node_cost.h"
#include "neuron/status.h"

enum neuron_memory_level {
    NEURON_MEMORY_L2,
    NEURON_MEMORY_L3, /* or whatever the last cache is */
    NEURON_MEMORY_MAIN,
    NEURON_MEMORY_COUNT
};

struct neuron_memory_speed {
    uint64_t size_bytes; /* 0 for main memory */
    double gbps;         /* 10^9 bytes that are read in a second */
};

struct neuron_roofline {
    struct neuron_core_peak peaks[NEURON_ARITHMETIC_COUNT];
    struct neuron_memory_speed memory[NEURON_MEMORY_COUNT];
};

/* The least that a piece of work takes, by either limit; it takes at least the longer one. */
struct neuron_roofline_bound {
    double compute_ns;
    double memory_ns;
};

/* "l2", "l3" or "memory". */
const char *
neuron_memory_level_name(enum neuron_memory_level level);

/*
 * Measures the calling thread's core. Takes about a second.
 *
 * roofline  unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_roofline_measure(const struct neuron_cpu *cpu, struct neuron_roofline *roofline,
                        struct neuron_error *error);

/*
 * Finds the place that so many bytes come from, when they are used again after themselves: the
 * smallest cache that holds them twice, since they share it.
 */
enum neuron_memory_level
neuron_roofline_level(const struct neuron_roofline *roofline, uint64_t size_bytes);

/*
 * Computes the least time of a node.
 *
 * arithmetic          in which it computes.
 * model_weight_bytes  of all nodes of the model: between two uses of a weight all others are used,
 *                     while activations come straight from the node before.
 */
struct neuron_roofline_bound
neuron_roofline_bound_of(const struct neuron_roofline *roofline, enum neuron_arithmetic arithmetic,
                         const struct neuron_node_cost *cost, uint64_t model_weight_bytes);

/* The longer of both times. */
double
neuron_roofline_least_ns(const struct neuron_roofline_bound *bound);

#endif

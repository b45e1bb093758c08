/* SPDX-License-Identifier: Apache-2.0 */
/* A trace under way, for those who write operators down. */
#ifndef NEURON_FRONTEND_TRACE_BODY_H
#define NEURON_FRONTEND_TRACE_BODY_H

#include "graph/graph_body.h"
#include "neuron/trace.h"

/*
 * A value's id is its number in the graph plus one, so that a zeroed value is invalid. The first
 * failure is kept; from then on operators yield invalid values and leave the graph alone.
 */
struct neuron_trace {
    struct neuron_graph *graph;
    enum neuron_status status;
    struct neuron_error error;
    uint64_t *folded_cost; /* what computing constants at once may still cost, in bytes and
                              operations; NULL where that is left to the compiler */
};

/* Keeps the first failure, whose text stands in the trace's error; yields an invalid value. */
struct neuron_value
neuron_trace_fail(struct neuron_trace *trace, enum neuron_status status);

/* Writes an operator down. */
struct neuron_value
neuron_trace_record(struct neuron_trace *trace, enum neuron_operator kind,
                    const struct neuron_attributes *attributes, const struct neuron_value *inputs,
                    uint32_t input_count);

#endif

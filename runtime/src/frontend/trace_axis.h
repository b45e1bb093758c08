/* SPDX-License-Identifier: Apache-2.0 */
/* Axes of traced operators. */
#ifndef NEURON_FRONTEND_TRACE_AXIS_H
#define NEURON_FRONTEND_TRACE_AXIS_H

#include "neuron/trace.h"

/* An axis from the front; one that does not exist stays as it is, and is refused when inferred. */
int32_t
neuron_trace_axis(const struct neuron_trace *trace, struct neuron_value value, int32_t axis);

/* The number of an axis from the front; UINT32_MAX for one that does not exist. */
uint32_t
neuron_trace_axis_index(const struct neuron_trace *trace, struct neuron_value value, int32_t axis);

/* Fails the trace with "slice: float32[2,3]: why"; yields an invalid value. */
struct neuron_value
neuron_trace_refuse(struct neuron_trace *trace, const char *name, struct neuron_value input,
                    const char *why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that the operators on tables have in common. */
#ifndef NEURON_FRONTEND_TRACE_TABLE_H
#define NEURON_FRONTEND_TRACE_TABLE_H

#include "neuron/trace.h"

/* A table of float32: [N,F] as it is, [F] as one row. `name` is that of the operator that refuses
   everything else. */
struct neuron_value
neuron_table_rows(struct neuron_trace *trace, const char *name, struct neuron_value input);

/* The same numbers, and 1 for 0: what may be divided by. */
struct neuron_value
neuron_table_nonzero(struct neuron_trace *trace, struct neuron_value value);

#endif

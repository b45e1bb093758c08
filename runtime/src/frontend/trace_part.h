/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that operators made of several others have in common. */
#ifndef NEURON_FRONTEND_TRACE_PART_H
#define NEURON_FRONTEND_TRACE_PART_H

#include "graph/operator.h"
#include "neuron/trace.h"

/* `count` neighbours along an axis that the value has, from `first` on; the value itself where
   these are all. */
struct neuron_value
neuron_trace_part(struct neuron_trace *trace, struct neuron_value value, uint32_t axis,
                  int64_t first, int64_t count);

/* Reduces by one of the REDUCE operators; `axes` has a bit for each dimension. */
struct neuron_value
neuron_trace_reduce(struct neuron_trace *trace, enum neuron_operator kind,
                    struct neuron_value value, uint32_t axes, bool keeps_dims);

/* A list as a constant, from memory that is only read. */
struct neuron_value
neuron_trace_list(struct neuron_trace *trace, enum neuron_type type, const void *numbers,
                  uint32_t count);

/* The label, of int64, of the largest score of each row; there are as many as columns. */
struct neuron_value
neuron_trace_label(struct neuron_trace *trace, struct neuron_value scores, const int64_t *labels,
                   uint32_t label_count);

#endif

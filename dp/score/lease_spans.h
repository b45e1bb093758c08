/* SPDX-License-Identifier: Apache-2.0 */
/* When each core worked for a lease. */
#ifndef NEURON_SCORE_LEASE_SPANS_H
#define NEURON_SCORE_LEASE_SPANS_H

#include <stdint.h>

#include "neuron/data_parallel_report.h"
#include "score/lease_message.h"

/* One span a core, from its first chunk to its last; of more cores than fit the first ones. */
struct neuron_lease_spans {
    struct neuron_lease_span items[NEURON_LEASE_SPAN_LIMIT];
    uint32_t count;
};

/* Adds the chunks of a call that was submitted at `real_ns`, since the epoch. */
void
neuron_lease_spans_add(struct neuron_lease_spans *spans,
                       const struct neuron_data_parallel_report *report, uint64_t real_ns);

/* The core, by the process's number, that ran the first rows of a call; UINT32_MAX for none. */
uint32_t
neuron_lease_spans_first_nc(const struct neuron_data_parallel_report *report);

/* Copies them into memory that the caller frees, or none where there is no memory. */
void
neuron_lease_spans_take(const struct neuron_lease_spans *spans, struct neuron_lease_span **items,
                        uint32_t *count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_spans.h"

#include <stdlib.h>
#include <string.h>

/* Finds the span of a core, or makes it; NULL where there is no room. */
static struct neuron_lease_span *
span_of(struct neuron_lease_spans *spans, const struct neuron_data_parallel_share *share)
{
    for (uint32_t i = 0; i < spans->count; i += 1) {
        if (spans->items[i].nc == share->nc) {
            return &spans->items[i];
        }
    }
    if (spans->count == NEURON_LEASE_SPAN_LIMIT) {
        return NULL;
    }
    struct neuron_lease_span *span = &spans->items[spans->count];
    *span = (struct neuron_lease_span){.nc = share->nc, .core = share->core};
    spans->count += 1;
    return span;
}

void
neuron_lease_spans_add(struct neuron_lease_spans *spans,
                       const struct neuron_data_parallel_report *report, uint64_t real_ns)
{
    uint64_t count = neuron_data_parallel_report_event_count(report);

    for (uint64_t i = 0; i < count; i += 1) {
        const struct neuron_data_parallel_event *event =
            neuron_data_parallel_report_event(report, i);
        struct neuron_lease_span *span =
            span_of(spans, neuron_data_parallel_report_share(report, event->share));

        if (span == NULL) {
            continue;
        }
        if (span->begin_ns == 0 || real_ns + event->begin_ns < span->begin_ns) {
            span->begin_ns = real_ns + event->begin_ns;
        }
        if (real_ns + event->end_ns > span->end_ns) {
            span->end_ns = real_ns + event->end_ns;
        }
        span->rows += (uint64_t)event->row_count;
    }
}

uint32_t
neuron_lease_spans_first_nc(const struct neuron_data_parallel_report *report)
{
    uint64_t count = neuron_data_parallel_report_event_count(report);

    for (uint64_t i = 0; i < count; i += 1) {
        const struct neuron_data_parallel_event *event =
            neuron_data_parallel_report_event(report, i);

        if (event->first_row == 0) {
            return neuron_data_parallel_report_share(report, event->share)->nc;
        }
    }
    return UINT32_MAX;
}

void
neuron_lease_spans_take(const struct neuron_lease_spans *spans, struct neuron_lease_span **items,
                        uint32_t *count)
{
    *count = 0;
    *items = spans->count == 0 ? NULL : malloc(spans->count * sizeof(**items));
    if (*items != NULL) {
        memcpy(*items, spans->items, spans->count * sizeof(**items));
        *count = spans->count;
    }
}

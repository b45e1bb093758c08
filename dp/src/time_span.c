/* SPDX-License-Identifier: Apache-2.0 */
#include "time_span.h"

#include <stdlib.h>

static int
compare_begins(const void *left, const void *right)
{
    const struct neuron_time_span *a = left;
    const struct neuron_time_span *b = right;

    return (a->begin_ns > b->begin_ns) - (a->begin_ns < b->begin_ns);
}

/* Sorts, unless that is done: chunks are mostly noted in their order. */
static void
sort_spans(struct neuron_time_span *spans, size_t count)
{
    size_t sorted = 1;

    while (sorted < count && spans[sorted - 1].begin_ns <= spans[sorted].begin_ns) {
        sorted += 1;
    }
    if (sorted < count) {
        qsort(spans, count, sizeof(*spans), compare_begins);
    }
}

size_t
neuron_time_spans_merge(struct neuron_time_span *spans, size_t count)
{
    size_t merged = 0;

    sort_spans(spans, count);
    for (size_t i = 0; i < count; i += 1) {
        const struct neuron_time_span span = spans[i];

        if (span.begin_ns >= span.end_ns) {
            continue;
        }
        if (merged > 0 && span.begin_ns <= spans[merged - 1].end_ns) {
            struct neuron_time_span *last = &spans[merged - 1];

            last->end_ns = last->end_ns < span.end_ns ? span.end_ns : last->end_ns;
            continue;
        }
        spans[merged] = span;
        merged += 1;
    }
    return merged;
}

uint64_t
neuron_time_spans_within(const struct neuron_time_span *spans, size_t count,
                         struct neuron_time_span window, size_t *next)
{
    uint64_t covered_ns = 0;

    while (*next < count && spans[*next].end_ns <= window.begin_ns) {
        *next += 1;
    }
    for (size_t i = *next; i < count && spans[i].begin_ns < window.end_ns; i += 1) {
        uint64_t begin_ns =
            spans[i].begin_ns > window.begin_ns ? spans[i].begin_ns : window.begin_ns;
        uint64_t end_ns = spans[i].end_ns < window.end_ns ? spans[i].end_ns : window.end_ns;

        covered_ns += end_ns - begin_ns;
    }
    return covered_ns;
}

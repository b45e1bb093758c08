/* SPDX-License-Identifier: Apache-2.0 */
/* Stretches of time, and how much of them lies where: pure arithmetic. */
#ifndef NEURON_DP_TIME_SPAN_H
#define NEURON_DP_TIME_SPAN_H

#include <stddef.h>
#include <stdint.h>

/* From `begin_ns` up to, not including, `end_ns`; empty where that is not above it. */
struct neuron_time_span {
    uint64_t begin_ns;
    uint64_t end_ns;
};

/*
 * Makes of any spans those that cover the same time, in its order and without touching each other;
 * empty ones vanish. Returns how many that are: they are the first of `spans`.
 */
size_t
neuron_time_spans_merge(struct neuron_time_span *spans, size_t count);

/*
 * Says how much of a window is covered by merged spans.
 *
 * next  the first span that may reach into the window, 0 at first. Moved on past those that end
 *       before it: windows whose begins never go back are walked over once.
 */
uint64_t
neuron_time_spans_within(const struct neuron_time_span *spans, size_t count,
                         struct neuron_time_span window, size_t *next);

#endif

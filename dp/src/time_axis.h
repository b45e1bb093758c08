/* SPDX-License-Identifier: Apache-2.0 */
/* The scale of a chart over time: a unit that fits, and round numbers where they belong. */
#ifndef NEURON_DP_TIME_AXIS_H
#define NEURON_DP_TIME_AXIS_H

#include <stdint.h>

/* How the times of a call are written. */
struct neuron_time_unit {
    const char *name; /* "ns", "us", "ms" or "s" */
    uint64_t ns;      /* in one of it */
    int decimals;     /* that are worth writing, for four digits in all */
};

/* The largest unit of which a duration is at least one. */
struct neuron_time_unit
neuron_time_unit_of(uint64_t duration_ns);

/* The column of a chart in which a time lies. `time_ns` is below `duration_ns`. */
uint32_t
neuron_time_axis_column(uint64_t time_ns, uint64_t duration_ns, uint32_t width);

/*
 * Writes the numbers of an axis: as many blanks as columns, and in them, each from its own column
 * on, the multiples of 1, 2 or 5 times a power of ten that have room.
 *
 * width  at least 1.
 * text   receives `width` characters and the terminator.
 */
void
neuron_time_axis_format(uint64_t duration_ns, uint32_t width, char *text);

#endif

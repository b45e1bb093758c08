/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before each line of a rank: time and tag. Functions from values to values. */
#ifndef NEURON_LAUNCHER_OUTPUT_PREFIX_H
#define NEURON_LAUNCHER_OUTPUT_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { NEURON_OUTPUT_PREFIX_BYTES = 64 };

/* What is wanted before each line. All zero is nothing. */
struct neuron_output_style {
    bool has_tags;   /* "[RANK] " */
    bool has_times;  /* "2026-11-26T21:07:00.123Z " */
    bool has_colors; /* of tags: each rank its own of a few */
};

/*
 * Writes the prefix, and a null byte after it: the time, then the tag.
 *
 * now   the time of day; used with has_times only.
 * text  NEURON_OUTPUT_PREFIX_BYTES of it.
 *
 * Returns its length; 0 where nothing is wanted.
 */
size_t
neuron_output_prefix_format(const struct neuron_output_style *style, uint32_t rank,
                            const struct timespec *now, char *text);

/*
 * Says whether a terminal shall see colours.
 *
 * no_color  the variable NO_COLOR, or NULL: any text in it turns colours off.
 * terminal  the variable TERM, or NULL: none are sent to a "dumb" or unknown one.
 */
bool
neuron_output_prefix_may_color(const char *no_color, const char *terminal);

#endif

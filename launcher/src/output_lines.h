/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts what ranks print into whole lines, with prefixes. Reads and waits for nothing. */
#ifndef NEURON_LAUNCHER_OUTPUT_LINES_H
#define NEURON_LAUNCHER_OUTPUT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "output_prefix.h"
#include "output_sink.h"

enum {
    NEURON_OUTPUT_LINE_LIMIT = 1024 * 1024, /* a longer line goes on in pieces of this size */
    NEURON_OUTPUT_TARGET_COUNT = 2
};

/* Where the lines of several ranks meet. */
struct neuron_output_lines {
    struct neuron_output_sink sink;
    struct neuron_output_style style;
    const struct timespec *now; /* the time of day; kept up by the owner; NULL without times */
    bool breaks_lines;          /* nobody goes on in an unfinished line of another: a terminal */
    const struct neuron_output_assembly *open_line; /* whose unfinished line is in the sink */
};

/* What one rank has printed on one stream, as far as it is not a whole line yet. */
struct neuron_output_assembly {
    uint32_t rank;
    struct neuron_output_lines *targets[NEURON_OUTPUT_TARGET_COUNT]; /* NULL for none */
    char *partial; /* the start of an unfinished line */
    size_t length;
    size_t capacity;
};

/* Frees what the assembly owns, not the assembly. */
void
neuron_output_assembly_clear(struct neuron_output_assembly *assembly);

/*
 * Hands all lines that bytes of a rank complete to each target, each in one piece, and keeps the
 * rest. A line that grows over the limit is passed on in pieces.
 */
void
neuron_output_assembly_take(struct neuron_output_assembly *assembly, const char *bytes,
                            size_t size_bytes);

/* Hands over the unfinished line as it is: a prompt. */
void
neuron_output_assembly_show(struct neuron_output_assembly *assembly);

/* Hands over the unfinished line at the end of the stream; one with a prefix gets its line end. */
void
neuron_output_assembly_end(struct neuron_output_assembly *assembly);

/* Adds a line that is nobody's. */
void
neuron_output_lines_say(struct neuron_output_lines *lines, const char *text);

#endif

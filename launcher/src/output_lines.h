/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts what ranks print into whole lines, and tags them. Reads and waits for nothing. */
#ifndef NEURON_LAUNCHER_OUTPUT_LINES_H
#define NEURON_LAUNCHER_OUTPUT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "output_sink.h"

enum {
    NEURON_OUTPUT_LINE_LIMIT = 1024 * 1024, /* a longer line goes on in pieces of this size */
    NEURON_OUTPUT_TAG_BYTES = 16
};

enum neuron_output_tags { NEURON_OUTPUT_PLAIN, NEURON_OUTPUT_TAGGED };

/* What one rank has printed on one stream, as far as it is not a whole line yet. */
struct neuron_output_assembly {
    char tag[NEURON_OUTPUT_TAG_BYTES];
    size_t tag_length; /* 0 without tags */
    char *partial;     /* the start of an unfinished line */
    size_t length;
    size_t capacity;
};

/* Where the lines of several ranks meet. */
struct neuron_output_lines {
    struct neuron_output_sink sink;
    const struct neuron_output_assembly *open_line; /* whose unfinished line is in the sink */
};

/* Makes an empty assembly, whose tag is "[RANK] ". */
void
neuron_output_assembly_init(struct neuron_output_assembly *assembly, uint32_t rank,
                            enum neuron_output_tags tags);

/* Frees what the assembly owns, not the assembly. */
void
neuron_output_assembly_clear(struct neuron_output_assembly *assembly);

/*
 * Hands all lines that bytes of a rank complete to the sink, each in one piece, and keeps the rest.
 * A line that grows over the limit is passed on in pieces.
 */
void
neuron_output_lines_take(struct neuron_output_lines *lines, struct neuron_output_assembly *assembly,
                         const char *bytes, size_t size_bytes);

/* Hands over the unfinished line as it is: a prompt. */
void
neuron_output_lines_show(struct neuron_output_lines *lines,
                         struct neuron_output_assembly *assembly);

/* Hands over the unfinished line at the end of the stream; a tagged one gets its line end. */
void
neuron_output_lines_end(struct neuron_output_lines *lines, struct neuron_output_assembly *assembly);

/* Adds a line that is nobody's. */
void
neuron_output_lines_say(struct neuron_output_lines *lines, const char *text);

#endif

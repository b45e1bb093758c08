/* SPDX-License-Identifier: Apache-2.0 */
/* The last bytes of a stream, in memory that does not grow. */
#ifndef NEURON_LAUNCHER_OUTPUT_TAIL_H
#define NEURON_LAUNCHER_OUTPUT_TAIL_H

#include <stdbool.h>
#include <stddef.h>

enum { NEURON_OUTPUT_TAIL_BYTES = 2048 /* what is kept of a stream at least */ };

/* An empty one is all zero. */
struct neuron_output_tail {
    char *bytes; /* NULL as long as nothing was put */
    size_t length;
    bool is_cut; /* something came before these bytes */
};

/* Puts bytes at the end; older ones go. Without memory it stays as it is. */
void
neuron_output_tail_put(struct neuron_output_tail *tail, const char *bytes, size_t size_bytes);

/*
 * Writes the last bytes that fit, and a null byte after them. Where older ones are missing, the
 * text begins with a line, unless there is no line end in it.
 *
 * text  size_bytes of it, at least 1.
 *
 * Returns the length of the text.
 */
size_t
neuron_output_tail_copy(const struct neuron_output_tail *tail, char *text, size_t size_bytes);

/* Frees what the tail owns, not the tail. */
void
neuron_output_tail_clear(struct neuron_output_tail *tail);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One of our own output streams, written to without ever waiting for its reader. */
#ifndef NEURON_LAUNCHER_OUTPUT_SINK_H
#define NEURON_LAUNCHER_OUTPUT_SINK_H

#include <stdbool.h>
#include <stddef.h>

/* How a write is kept from blocking. */
enum neuron_sink_kind {
    NEURON_SINK_REOPENED, /* a pipe or terminal, opened a second time as non-blocking */
    NEURON_SINK_SOCKET,
    NEURON_SINK_IN_PIECES, /* could not be opened again: small pieces when there is room */
    NEURON_SINK_FILE       /* never blocks */
};

struct neuron_output_sink {
    int file;
    enum neuron_sink_kind kind;
    char *bytes; /* accepted and not yet written: from `start` to `end` */
    size_t start;
    size_t end;
    size_t capacity;
    int failure; /* the errno of a failed write, after which everything is dropped; else 0 */
};

/*
 * Prepares a sink for descriptor 1 or 2. The descriptor's own flags stay as they are: it belongs to
 * whoever started us, too.
 */
void
neuron_output_sink_open(struct neuron_output_sink *sink, int descriptor);

/* Makes room for more bytes; a failure counts as a failed write. */
bool
neuron_output_sink_reserve(struct neuron_output_sink *sink, size_t size_bytes);

/* Takes bytes for which room was made. */
void
neuron_output_sink_add(struct neuron_output_sink *sink, const char *bytes, size_t size_bytes);

/* Writes as much as goes without waiting. */
void
neuron_output_sink_flush(struct neuron_output_sink *sink);

/* Says whether all bytes are written. */
bool
neuron_output_sink_is_empty(const struct neuron_output_sink *sink);

/* Frees and closes what the sink owns. */
void
neuron_output_sink_close(struct neuron_output_sink *sink);

#endif

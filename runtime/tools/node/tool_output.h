/* SPDX-License-Identifier: Apache-2.0 */
/* How the tools that show a node print, and how they end. */
#ifndef NEURON_TOOLS_NODE_TOOL_OUTPUT_H
#define NEURON_TOOLS_NODE_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "neuron/status.h"

enum { NEURON_TOOL_EXIT_FAILED = 1, NEURON_TOOL_EXIT_USAGE = 2 };

/*
 * Makes sure that no file which is opened later lands on a standard descriptor that is closed: what
 * is printed would go there; and that no signal ends a program whose reader went. Called first.
 *
 * Returns NEURON_SYSTEM where there is no standard output.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_tool_output_begin(struct neuron_error *error);

/*
 * Hands on what was printed.
 *
 * Returns NEURON_PEER_LOST where nobody reads any more, or NEURON_SYSTEM where it does not get out
 * for another reason.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_tool_output_flush(FILE *stream, struct neuron_error *error);

/* Prints "PROGRAM: what went wrong" on standard error, and returns the exit status. */
int
neuron_tool_fail(const char *program, const struct neuron_error *error, int exit_status);

/* Ends with the status of all that was done: quietly where whoever read had enough, as filters do.
   Returns the exit status. */
int
neuron_tool_end(const char *program, enum neuron_status status, const struct neuron_error *error);

/* How a text may look. */
struct neuron_tool_screen {
    size_t columns; /* of a line */
    bool is_terminal;
    bool is_utf8; /* of the locale */
};

/*
 * Says how what is printed to a stream may look: as wide as its terminal is, else as COLUMNS says,
 * else 80 columns. setlocale() was called before.
 */
struct neuron_tool_screen
neuron_tool_screen_find(FILE *stream);

#endif

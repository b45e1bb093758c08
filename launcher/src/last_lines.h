/* SPDX-License-Identifier: Apache-2.0 */
/* The last lines of a text that somebody else wrote, fit to be shown: a function on a text. */
#ifndef NEURON_LAUNCHER_LAST_LINES_H
#define NEURON_LAUNCHER_LAST_LINES_H

#include <stdint.h>

enum { NEURON_LAST_LINES_LIMIT = 3 };

struct neuron_last_lines {
    const char *lines[NEURON_LAST_LINES_LIMIT]; /* without line ends, the earliest first */
    uint32_t count;
};

/*
 * Cuts the last lines out of a text; lines of nothing but blanks are no lines. Control characters
 * but tabs become '?', so that they do nothing to a terminal.
 *
 * text  is changed. The lines point into it.
 */
void
neuron_last_lines_cut(char *text, struct neuron_last_lines *last);

#endif

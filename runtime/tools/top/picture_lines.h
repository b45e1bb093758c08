/* SPDX-License-Identifier: Apache-2.0 */
/* The lines around the page: the machine's sums, tabs, keys; and the page of help. */
#ifndef NEURON_TOOLS_TOP_PICTURE_LINES_H
#define NEURON_TOOLS_TOP_PICTURE_LINES_H

#include "top/canvas.h"
#include "top/picture.h"
#include "top/top_view.h"

/* Adds the sums of the machine in one row: those that matter most where it is narrow. */
void
neuron_header_add(struct neuron_canvas *canvas, const struct neuron_picture_source *source);

/* Adds a row about the processes' processor time and the machine's memory. */
void
neuron_host_line_add(struct neuron_canvas *canvas, const struct neuron_picture_source *source);

/* Adds a row with a tab for all and one for each process, as many as fit around the open one. */
void
neuron_tabs_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                const struct neuron_top_view *view);

/* Adds the last row: a note if there is one, else the keys and what they are set to. */
void
neuron_footer_add(struct neuron_canvas *canvas, const struct neuron_top_view *view);

/* Adds a last row for a screen that is too low for all keys. */
void
neuron_quit_line_add(struct neuron_canvas *canvas);

/* Adds the page of help. */
void
neuron_help_add(struct neuron_canvas *canvas);

#endif

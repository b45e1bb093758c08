/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that are longer than a row. */
#ifndef NEURON_TOOLS_TOP_WRAPPED_TEXT_H
#define NEURON_TOOLS_TOP_WRAPPED_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "top/canvas.h"

/* Adds a text in as many rows as it takes, broken at blanks where there are any. */
void
neuron_wrapped_text_add(struct neuron_canvas *canvas, uint32_t indent, enum neuron_cell_style style,
                        const char *text);

/* How many bytes of a text go into a row of a width: up to a blank, or else to the last character
   that fits; at least one character. */
size_t
neuron_wrapped_text_break(const struct neuron_canvas *canvas, const char *text, uint32_t width);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* How much room texts take on a terminal. They are printable UTF-8 (counters/printable.h). */
#ifndef NEURON_TOOLS_NODE_TEXT_COLUMNS_H
#define NEURON_TOOLS_NODE_TEXT_COLUMNS_H

#include <stddef.h>

/* Says how many columns a text takes. What the locale does not know counts as one. */
size_t
neuron_text_columns(const char *text);

/* Says how many bytes of a text take at most so many columns; whole characters with what is put
   upon them. `used` receives how many columns these take; NULL for nowhere. */
size_t
neuron_text_fit(const char *text, size_t columns, size_t *used);

/* Puts a question mark in place of each character that is no ASCII, for terminals of other
   encodings. */
void
neuron_text_make_ascii(char *text);

#endif

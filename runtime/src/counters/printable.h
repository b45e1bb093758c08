/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of other processes, before they go to a terminal or a file. */
#ifndef NEURON_COUNTERS_PRINTABLE_H
#define NEURON_COUNTERS_PRINTABLE_H

#include <stddef.h>

/* Ends a text within its bytes, and puts a question mark in place of each byte that is a control
   character, or no UTF-8. Nothing of it moves the cursor of a terminal then. */
void
neuron_make_printable(char *text, size_t size_bytes);

#endif

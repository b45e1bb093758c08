/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal: pictures go there, and keys come from it. */
#ifndef NEURON_TOOLS_TOP_SCREEN_H
#define NEURON_TOOLS_TOP_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "top/canvas.h"

/* One of a process. As long as it is open the terminal is its own. */
struct neuron_screen;

/*
 * Takes the terminal of standard input and output over.
 *
 * wants_color  colours are used where the terminal has some.
 *
 * Returns NEURON_INVALID_ARGUMENT where there is no terminal, or one that cannot show pictures, or
 * NEURON_OUT_OF_MEMORY. One thread.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_screen_open(bool wants_color, struct neuron_screen **screen, struct neuron_error *error);

/* Says how large it is at this moment. */
void
neuron_screen_measure(struct neuron_screen *screen, uint32_t *width, uint32_t *height);

/* Shows a picture. */
void
neuron_screen_show(struct neuron_screen *screen, const struct neuron_canvas *canvas);

/* Takes a key that was pressed: a character, or of enum neuron_key; NEURON_KEY_NONE for none. */
uint32_t
neuron_screen_take_key(struct neuron_screen *screen);

/* Gives the terminal back for a time, and takes it again. */
void
neuron_screen_leave(struct neuron_screen *screen);
void
neuron_screen_return(struct neuron_screen *screen);

/* Gives the terminal back as it was. Accepts NULL. */
void
neuron_screen_close(struct neuron_screen *screen);

#endif

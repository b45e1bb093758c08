/* SPDX-License-Identifier: Apache-2.0 */
/* A picture in characters: cells in rows, which a terminal or a text file gets afterwards. */
#ifndef NEURON_TOOLS_TOP_CANVAS_H
#define NEURON_TOOLS_TOP_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* How a cell looks, where the terminal can. */
enum neuron_cell_style {
    NEURON_STYLE_PLAIN,
    NEURON_STYLE_TITLE,   /* of a part */
    NEURON_STYLE_HEADING, /* of a table's columns */
    NEURON_STYLE_CHOSEN,  /* the tab that is open */
    NEURON_STYLE_FAINT,   /* nothing to see: a free core */
    NEURON_STYLE_NAME,    /* of a process or a model */
    NEURON_STYLE_LOW,     /* a core with little to do */
    NEURON_STYLE_MIDDLE,
    NEURON_STYLE_HIGH,
    NEURON_STYLE_TROUBLE, /* something failed */
    NEURON_STYLE_COUNT
};

struct neuron_cell {
    uint32_t character; /* of Unicode; 0 for the right half of a wide one */
    enum neuron_cell_style style;
};

/* Owned by whoever made it zeroed but for the first two; what lies outside is dropped. */
struct neuron_canvas {
    uint32_t width;
    bool is_unicode; /* may have more than ASCII, as the locale has */

    uint32_t height; /* from here on its own */
    struct neuron_cell *cells;
    size_t capacity; /* in cells */
    bool has_failed; /* rows are missing, as memory ran out */
};

enum { NEURON_CANVAS_LIMIT = 8192 /* columns of a canvas; what asks for more gets so many */ };

/* Adds a blank row at the bottom, and says which one it is: one past the end where there is none
   to be had, which drops what is put there. */
uint32_t
neuron_canvas_add_row(struct neuron_canvas *canvas);

/* Where a text goes. */
struct neuron_place {
    uint32_t row;
    uint32_t column;
    uint32_t width; /* what the text has; longer ones are cut */
    enum neuron_cell_style style;
    bool is_right; /* the text ends where the place does */
};

/*
 * Puts a text, and says how many columns it took. What is no UTF-8, does not print, or is no ASCII
 * where the canvas may not have more, becomes a question mark.
 */
uint32_t
neuron_canvas_put(struct neuron_canvas *canvas, const struct neuron_place *place, const char *text);

/* How many columns a text takes on a canvas that is wide enough. */
uint32_t
neuron_canvas_measure(const struct neuron_canvas *canvas, const char *text);

/* Puts one character of Unicode, one column wide, or `plain` where there is only ASCII. */
void
neuron_canvas_put_character(struct neuron_canvas *canvas, uint32_t row, uint32_t column,
                            enum neuron_cell_style style, uint32_t character, char plain);

/* Gives a style to a row, from a column to its end. */
void
neuron_canvas_paint(struct neuron_canvas *canvas, uint32_t row, uint32_t column,
                    enum neuron_cell_style style);

/* Copies rows of another canvas of the same width. */
void
neuron_canvas_copy_rows(struct neuron_canvas *canvas, uint32_t row,
                        const struct neuron_canvas *from, uint32_t first, uint32_t count);

/* The cell at a place; NULL outside. */
const struct neuron_cell *
neuron_canvas_cell(const struct neuron_canvas *canvas, uint32_t row, uint32_t column);

/* How many bytes neuron_cell_encode() writes at most, with a terminator. */
enum { NEURON_CELL_BYTES = 5 };

/* Writes a cell's character in UTF-8, none for a right half, and says how many bytes it has. */
size_t
neuron_cell_encode(const struct neuron_cell *cell, char *bytes);

/* Frees the rows, and makes it empty. */
void
neuron_canvas_clear(struct neuron_canvas *canvas);

#endif

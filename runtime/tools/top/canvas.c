/* SPDX-License-Identifier: Apache-2.0 */
#include "top/canvas.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const struct neuron_cell blank = {.character = ' ', .style = NEURON_STYLE_PLAIN};

/* The width that counts. */
static uint32_t
width_of(const struct neuron_canvas *canvas)
{
    return canvas->width < NEURON_CANVAS_LIMIT ? canvas->width : NEURON_CANVAS_LIMIT;
}

uint32_t
neuron_canvas_add_row(struct neuron_canvas *canvas)
{
    size_t width = width_of(canvas);
    size_t needed = (canvas->height + (size_t)1) * width;
    size_t capacity = canvas->capacity == 0 ? 16 * (width + 1) : canvas->capacity;

    while (capacity < needed) {
        capacity *= 2;
    }
    if (capacity != canvas->capacity) {
        struct neuron_cell *grown = realloc(canvas->cells, capacity * sizeof(*grown));

        if (grown == NULL) {
            canvas->has_failed = true;
            return canvas->height;
        }
        canvas->cells = grown;
        canvas->capacity = capacity;
    }
    for (size_t i = needed - width; i < needed; i += 1) {
        canvas->cells[i] = blank;
    }
    canvas->height += 1;
    return canvas->height - 1;
}

/* One character of a text, as it is put. */
struct piece {
    uint32_t character;
    uint32_t width; /* 1 or 2 */
    size_t byte_count;
};

/* The printable character that a text begins with, which is not empty. */
static struct piece
take_piece(const struct neuron_canvas *canvas, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    struct piece piece = {.character = bytes[0], .width = 1, .byte_count = 1};
    size_t more = bytes[0] >= 0xF0 ? 3 : bytes[0] >= 0xE0 ? 2 : bytes[0] >= 0xC0 ? 1 : 0;

    if (more > 0) {
        piece.character = bytes[0] & (0x3FU >> more);
    }
    for (size_t i = 1; i <= more && (bytes[i] & 0xC0U) == 0x80; i += 1) {
        piece.character = piece.character << 6 | (bytes[i] & 0x3FU);
        piece.byte_count += 1;
    }
    bool is_whole = piece.byte_count == more + 1;
    bool is_plain = piece.character >= 0x20 && piece.character < 0x7F;
    /* Each character has a place of its own: accents that stand on others have none. */
    int width = is_whole && piece.character >= 0xA0 && piece.character <= 0x10FFFF
                    ? wcwidth((wchar_t)piece.character)
                    : 0;
    if (more == 0 ? !is_plain : !canvas->is_unicode || width < 1) {
        piece.character = '?';
    } else if (width == 2) {
        piece.width = 2;
    }
    return piece;
}

/* The cell at a place, to be changed; NULL outside. */
static struct neuron_cell *
cell_at(struct neuron_canvas *canvas, uint32_t row, uint32_t column)
{
    uint32_t width = width_of(canvas);

    return row < canvas->height && column < width ? &canvas->cells[(size_t)row * width + column]
                                                  : NULL;
}

/* Sets a cell. Half of a wide character that it leaves becomes a blank. */
static void
set_cell(struct neuron_canvas *canvas, uint32_t row, uint32_t column, struct neuron_cell value)
{
    struct neuron_cell *cell = cell_at(canvas, row, column);

    if (cell == NULL) {
        return;
    }
    struct neuron_cell *before = column > 0 ? cell_at(canvas, row, column - 1) : NULL;
    struct neuron_cell *behind = cell_at(canvas, row, column + 1);
    if (cell->character == 0 && value.character != 0 && before != NULL) {
        before->character = ' ';
    }
    if (behind != NULL && behind->character == 0) {
        behind->character = ' ';
    }
    *cell = value;
}

uint32_t
neuron_canvas_measure(const struct neuron_canvas *canvas, const char *text)
{
    uint32_t width = 0;

    while (*text != '\0' && width < NEURON_CANVAS_LIMIT) {
        struct piece piece = take_piece(canvas, text);

        width += piece.width;
        text += piece.byte_count;
    }
    return width;
}

/* Puts a character where it has room. */
static void
put_piece(struct neuron_canvas *canvas, const struct neuron_place *place, uint32_t column,
          const struct piece *piece)
{
    struct neuron_cell cell = {.character = piece->character, .style = place->style};

    set_cell(canvas, place->row, column, cell);
    if (piece->width == 2) {
        /* What was there goes first, then the half follows its other half. */
        set_cell(canvas, place->row, column + 1, blank);
        struct neuron_cell *half = cell_at(canvas, place->row, column + 1);
        if (half != NULL) {
            *half = (struct neuron_cell){.character = 0, .style = place->style};
        }
    }
}

uint32_t
neuron_canvas_put(struct neuron_canvas *canvas, const struct neuron_place *place, const char *text)
{
    uint32_t canvas_width = width_of(canvas);
    uint32_t begin = place->column < canvas_width ? place->column : canvas_width;
    uint32_t room = canvas_width - begin < place->width ? canvas_width - begin : place->width;
    uint32_t at = 0;

    if (place->is_right) {
        uint32_t length = neuron_canvas_measure(canvas, text);

        at = length < room ? room - length : 0;
    }
    while (*text != '\0' && at < room) {
        struct piece piece = take_piece(canvas, text);

        if (at + piece.width > room) {
            break; /* half of a wide character */
        }
        put_piece(canvas, place, begin + at, &piece);
        at += piece.width;
        text += piece.byte_count;
    }
    return at;
}

void
neuron_canvas_put_character(struct neuron_canvas *canvas, uint32_t row, uint32_t column,
                            enum neuron_cell_style style, uint32_t character, char plain)
{
    struct neuron_cell cell = {.character = canvas->is_unicode ? character : (unsigned char)plain,
                               .style = style};

    set_cell(canvas, row, column, cell);
}

void
neuron_canvas_paint(struct neuron_canvas *canvas, uint32_t row, uint32_t column,
                    enum neuron_cell_style style)
{
    for (uint32_t at = column; cell_at(canvas, row, at) != NULL; at += 1) {
        cell_at(canvas, row, at)->style = style;
    }
}

void
neuron_canvas_copy_rows(struct neuron_canvas *canvas, uint32_t row,
                        const struct neuron_canvas *from, uint32_t first, uint32_t count)
{
    size_t width = width_of(canvas);

    if (from->width != canvas->width || width == 0) {
        return;
    }
    for (uint32_t i = 0; i < count && first + i < from->height && row + i < canvas->height;
         i += 1) {
        memcpy(canvas->cells + (row + i) * width, from->cells + (first + i) * width,
               width * sizeof(*canvas->cells));
    }
}

const struct neuron_cell *
neuron_canvas_cell(const struct neuron_canvas *canvas, uint32_t row, uint32_t column)
{
    uint32_t width = width_of(canvas);

    return row < canvas->height && column < width ? &canvas->cells[(size_t)row * width + column]
                                                  : NULL;
}

size_t
neuron_cell_encode(const struct neuron_cell *cell, char *bytes)
{
    static const unsigned char leads[] = {0x00, 0xC0, 0xE0, 0xF0};
    uint32_t number = cell->character;
    size_t more = number < 0x80 ? 0 : number < 0x800 ? 1 : number < 0x10000 ? 2 : 3;

    if (number == 0) {
        bytes[0] = '\0';
        return 0;
    }
    for (size_t i = more; i > 0; i -= 1) {
        bytes[i] = (char)(0x80U | (number & 0x3FU));
        number >>= 6;
    }
    bytes[0] = (char)(leads[more] | number);
    bytes[more + 1] = '\0';
    return more + 1;
}

void
neuron_canvas_clear(struct neuron_canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct neuron_canvas){.width = canvas->width, .is_unicode = canvas->is_unicode};
}

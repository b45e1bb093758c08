/* SPDX-License-Identifier: Apache-2.0 */
#include "top/wrapped_text.h"

#include <string.h>

enum {
    LINE_BYTES = 1024,  /* of a row; what is longer is broken earlier */
    LINE_WIDTH_MIN = 16 /* narrower rows are not indented */
};

/* How many bytes the character at the beginning of a text has, which is not empty. */
static size_t
measure_character(const char *text)
{
    size_t length = 1;

    while (length < 4 && ((unsigned char)text[length] & 0xC0U) == 0x80) {
        length += 1;
    }
    return length;
}

size_t
neuron_wrapped_text_break(const struct neuron_canvas *canvas, const char *text, uint32_t width)
{
    uint32_t used = 0;
    size_t at = 0;
    size_t best = 0; /* the last blank */

    while (text[at] != '\0') {
        char character[5] = "";
        size_t length = measure_character(text + at);

        memcpy(character, text + at, length);
        used += neuron_canvas_measure(canvas, character);
        if (used > width || at + length >= LINE_BYTES) {
            return best > 0 ? best : at > 0 ? at : length;
        }
        at += length;
        best = text[at] == ' ' ? at : best;
    }
    return at;
}

void
neuron_wrapped_text_add(struct neuron_canvas *canvas, uint32_t indent, enum neuron_cell_style style,
                        const char *text)
{
    struct neuron_place place = {.style = style};

    place.column = indent + LINE_WIDTH_MIN <= canvas->width ? indent : 0;
    place.width = canvas->width - place.column;
    while (*text != '\0' && place.width > 0 && !canvas->has_failed) {
        char line[LINE_BYTES + 1] = "";
        size_t length = neuron_wrapped_text_break(canvas, text, place.width);

        memcpy(line, text, length);
        place.row = neuron_canvas_add_row(canvas);
        (void)neuron_canvas_put(canvas, &place, line);
        text += length;
        text += strspn(text, " ");
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which people write the ten digits, as strokes of a pen. */
#ifndef DIGITS_GLYPHS_H
#define DIGITS_GLYPHS_H

#include <stdint.h>

enum { DIGITS_STROKE_LIMIT = 3, DIGITS_POINT_LIMIT = 12 };

enum digits_stroke_form {
    DIGITS_STRAIGHT, /* lines from point to point */
    DIGITS_ROUND     /* a smooth curve through all points */
};

/* x to the right, y down, on a field of 100 x 100. */
struct digits_glyph_point {
    float x, y;
};

struct digits_stroke {
    enum digits_stroke_form form;
    uint32_t point_count; /* at least 2 */
    struct digits_glyph_point points[DIGITS_POINT_LIMIT];
};

struct digits_glyph {
    uint32_t stroke_count; /* at least 1 */
    struct digits_stroke strokes[DIGITS_STROKE_LIMIT];
};

/* Says in how many ways a digit from 0 to 9 is written. At least 1. */
uint32_t
digits_glyph_style_count(uint32_t digit);

/* Gets one of these ways; `style` is below their count. */
void
digits_glyph_get(uint32_t digit, uint32_t style, struct digits_glyph *glyph);

#endif

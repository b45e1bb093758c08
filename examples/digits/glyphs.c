/* SPDX-License-Identifier: Apache-2.0 */
#include "glyphs.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* One hand's way to write a digit: each stroke is its form, and its points as x,y. */
struct written_glyph {
    uint32_t digit;
    const char *strokes[DIGITS_STROKE_LIMIT]; /* NULL behind the last */
};

/* Ordered by digit. */
static const struct written_glyph glyphs[] = {
    /* round; narrow with crossing ends; with a slash */
    {0, {"curve 50,8 28,22 20,50 28,80 50,92 72,80 80,50 72,22 50,8"}},
    {0, {"curve 62,16 42,14 30,46 36,84 54,90 68,66 68,32 54,10 40,16"}},
    {0, {"curve 50,8 30,22 22,50 30,80 50,92 70,80 78,50 70,22 50,8", "lines 70,18 30,84"}},
    /* bar; with an upstroke; with a foot */
    {1, {"lines 50,8 50,92"}},
    {1, {"lines 28,34 54,8 54,92"}},
    {1, {"lines 34,26 52,8 52,92", "lines 30,92 74,92"}},
    /* flat foot; with a loop; angular */
    {2, {"curve 22,28 34,11 54,8 72,20 70,42 48,68 22,91", "lines 22,91 80,91"}},
    {2, {"curve 24,26 44,8 68,16 68,42 44,74 24,88 26,74 46,82 80,88"}},
    {2, {"lines 22,14 74,14 24,88 80,88"}},
    /* two bows; flat top; one flowing line */
    {3, {"curve 24,16 48,8 72,22 64,40 42,48", "curve 42,48 70,56 76,74 52,92 22,82"}},
    {3, {"lines 24,10 74,10 44,42", "curve 44,42 70,52 76,72 54,91 22,84"}},
    {3, {"curve 26,12 58,8 70,26 48,46 70,60 72,80 48,92 22,86"}},
    /* open; closed; open and round */
    {4, {"lines 34,8 20,56 82,56", "lines 64,28 62,92"}},
    {4, {"lines 62,92 62,8 18,64 86,64"}},
    {4, {"curve 26,10 26,40 42,54 70,44", "lines 72,8 66,92"}},
    /* angular; one flowing line; roof drawn last */
    {5, {"lines 76,10 34,10 28,46", "curve 28,46 52,38 76,54 74,78 50,92 22,84"}},
    {5, {"curve 74,12 42,12 30,36 52,44 74,60 68,84 46,92 22,88"}},
    {5, {"curve 38,14 32,44 54,42 74,58 70,80 48,92 24,86", "lines 38,14 82,8"}},
    /* round; straight stem; wide and low */
    {6, {"curve 68,10 42,26 26,56 32,84 54,92 74,80 72,60 52,52 34,60 28,72"}},
    {6, {"lines 60,6 28,66", "curve 28,66 34,88 56,92 72,76 62,58 42,58 28,68"}},
    {6, {"curve 50,8 30,34 22,68 40,92 66,88 76,70 62,58 40,62 26,76"}},
    /* plain; with a bar; with a serif and a bent stem */
    {7, {"lines 20,10 80,10 42,92"}},
    {7, {"lines 22,10 78,10 40,92", "lines 34,50 76,50"}},
    {7, {"lines 20,28 22,12 78,10", "curve 78,10 56,46 46,92"}},
    /* two rings; one line; small head */
    {8,
     {"curve 50,8 30,20 36,42 50,48 66,40 70,20 50,8",
      "curve 50,48 28,60 28,82 50,92 74,82 72,60 50,48"}},
    {8, {"curve 70,20 48,8 28,24 48,46 70,64 68,86 46,92 28,80 36,60 62,40 70,20"}},
    {8,
     {"curve 52,8 36,18 42,38 60,36 66,18 52,8",
      "curve 50,38 24,56 24,82 50,92 76,80 74,54 50,38"}},
    /* ring with a stem; with a curved tail; straight back */
    {9, {"curve 74,28 58,46 34,42 26,24 44,8 66,12 74,28", "lines 74,28 66,92"}},
    {9, {"curve 74,24 62,44 36,46 24,28 40,8 64,10 74,28 76,56 66,82 46,92 28,84"}},
    {9, {"curve 72,18 50,8 28,20 28,42 50,52 72,40 72,18", "lines 72,10 72,50 42,92"}},
};

enum { GLYPH_COUNT = sizeof(glyphs) / sizeof(glyphs[0]) };

uint32_t
digits_glyph_style_count(uint32_t digit)
{
    uint32_t count = 0;

    for (size_t i = 0; i < GLYPH_COUNT; i += 1) {
        count += glyphs[i].digit == digit ? 1 : 0;
    }
    return count;
}

/* The texts are those above: they parse, and no stroke has too many points. */
static void
parse_stroke(const char *text, struct digits_stroke *stroke)
{
    const char *position = strchr(text, ' ');

    stroke->form = text[0] == 'c' ? DIGITS_ROUND : DIGITS_STRAIGHT;
    stroke->point_count = 0;
    while (position != NULL && stroke->point_count < DIGITS_POINT_LIMIT) {
        char *end = NULL;
        struct digits_glyph_point *point = &stroke->points[stroke->point_count];
        point->x = (float)strtol(position, &end, 10);
        point->y = (float)strtol(end + 1, NULL, 10); /* behind the comma */
        stroke->point_count += 1;
        position = strchr(end, ' ');
    }
}

void
digits_glyph_get(uint32_t digit, uint32_t style, struct digits_glyph *glyph)
{
    size_t index = style;

    while (glyphs[index - style].digit != digit) {
        index += 1;
    }
    glyph->stroke_count = 0;
    while (glyph->stroke_count < DIGITS_STROKE_LIMIT &&
           glyphs[index].strokes[glyph->stroke_count] != NULL) {
        parse_stroke(glyphs[index].strokes[glyph->stroke_count],
                     &glyph->strokes[glyph->stroke_count]);
        glyph->stroke_count += 1;
    }
}

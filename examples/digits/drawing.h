/* SPDX-License-Identifier: Apache-2.0 */
/* Draws digits as a pen and a scanner would. */
#ifndef DIGITS_DRAWING_H
#define DIGITS_DRAWING_H

#include <stdint.h>

#include "random.h"

enum { DIGITS_DRAWN_SIDE = 16 };

/*
 * Draws a digit: one of its glyphs, bent, moved, turned, scaled and slanted, by a pen of some
 * width, with a stray mark at times, on paper that is not quite white, seen through noise.
 *
 * digit  0 to 9.
 * image  receives DIGITS_DRAWN_SIDE squared values in 0..1; ink is high.
 */
void
digits_draw(struct digits_random *random, uint32_t digit, float *image);

#endif

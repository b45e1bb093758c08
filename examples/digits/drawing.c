/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only sums, products, quotients and square roots are used, which IEEE 754 rounds in one way, and
 * no two random numbers in one expression, which C may evaluate in any order: the same seed draws
 * the same bits on every machine. (The build file forbids fused multiply-adds.)
 */
#include "drawing.h"

#include <math.h>
#include <stddef.h>

#include "glyphs.h"

enum { SIDE = DIGITS_DRAWN_SIDE, PIXEL_COUNT = SIDE * SIDE, CURVE_STEPS = 5 };

struct point {
    float x, y;
};

/* Glyph units to pixels: turned, scaled and slanted by the matrix, then moved. */
struct placement {
    float matrix[2][2];
    struct point center;
};

/* What is drawn so far: the squared distance of each pixel's middle to the nearest ink. */
struct sheet {
    float distances[PIXEL_COUNT];
    float reach; /* further than that, ink leaves no trace */
};

static float
square(float x)
{
    return x * x;
}

/* Not fminf(), which without relaxed arithmetic is a call into libm. */
static float
smaller(float a, float b)
{
    return a < b ? a : b;
}

static float
larger(float a, float b)
{
    return a > b ? a : b;
}

static float
clamp(float x, float low, float high)
{
    return smaller(larger(x, low), high);
}

static struct placement
choose_placement(struct digits_random *random)
{
    float half_angle = digits_random_between(random, -0.15f, 0.15f); /* its tangent */
    float slant = digits_random_between(random, -0.35f, 0.35f);
    float width = digits_random_between(random, 0.090f, 0.155f); /* pixels per glyph unit */
    float height = digits_random_between(random, 0.105f, 0.155f);
    float norm = 1.0f + half_angle * half_angle;
    float cosine = (1.0f - half_angle * half_angle) / norm;
    float sine = 2.0f * half_angle / norm;
    struct placement placement = {
        .matrix = {{cosine * width, (slant * cosine - sine) * height},
                   {sine * width, (slant * sine + cosine) * height}},
    };

    placement.center.x = (float)SIDE / 2.0f + digits_random_between(random, -1.8f, 1.8f);
    placement.center.y = (float)SIDE / 2.0f + digits_random_between(random, -1.5f, 1.5f);
    return placement;
}

static struct point
place(const struct placement *placement, struct point point)
{
    float x = point.x - 50.0f;
    float y = point.y - 50.0f;

    return (struct point){
        placement->center.x + placement->matrix[0][0] * x + placement->matrix[0][1] * y,
        placement->center.y + placement->matrix[1][0] * x + placement->matrix[1][1] * y};
}

/* The squared distance of a pixel's middle to the line from `start` to `end`. */
static float
measure_distance(struct point pixel, struct point start, struct point end)
{
    float along_x = end.x - start.x;
    float along_y = end.y - start.y;
    float length = square(along_x) + square(along_y);
    float part = (pixel.x - start.x) * along_x + (pixel.y - start.y) * along_y;

    part = length > 0.0f ? clamp(part / length, 0.0f, 1.0f) : 0.0f;
    return square(pixel.x - start.x - part * along_x) + square(pixel.y - start.y - part * along_y);
}

/* The first pixel of a row or column that ink from `low` on can reach. */
static int
first_pixel(float low)
{
    return (int)clamp(low, 0.0f, (float)SIDE);
}

/* The last, for ink up to `high`; below the first when the ink is off the sheet. */
static int
last_pixel(float high)
{
    return (int)clamp(high, -1.0f, (float)(SIDE - 1));
}

static void
draw_line(struct sheet *sheet, struct point start, struct point end)
{
    float reach = sheet->reach;
    int left = first_pixel(smaller(start.x, end.x) - reach);
    int right = last_pixel(larger(start.x, end.x) + reach);
    int bottom = last_pixel(larger(start.y, end.y) + reach);

    for (int y = first_pixel(smaller(start.y, end.y) - reach); y <= bottom; y += 1) {
        for (int x = left; x <= right; x += 1) {
            struct point pixel = {(float)x + 0.5f, (float)y + 0.5f};
            float *distance = &sheet->distances[y * SIDE + x];
            *distance = smaller(*distance, measure_distance(pixel, start, end));
        }
    }
}

/* A point of the Catmull-Rom curve from `b` to `c`, of which `a` and `d` are the neighbours. */
static float
bend(float a, float b, float c, float d, float part)
{
    return b + 0.5f * part *
                   (c - a +
                    part * (2.0f * a - 5.0f * b + 4.0f * c - d + part * (3.0f * (b - c) + d - a)));
}

static void
draw_curve(struct sheet *sheet, const struct point *points, uint32_t count)
{
    struct point previous = points[0];

    for (uint32_t i = 0; i + 1 < count; i += 1) {
        struct point a = points[i == 0 ? 0 : i - 1];
        struct point d = points[i + 2 < count ? i + 2 : count - 1];
        for (int step = 1; step <= CURVE_STEPS; step += 1) {
            float part = (float)step / (float)CURVE_STEPS;
            struct point next = {bend(a.x, points[i].x, points[i + 1].x, d.x, part),
                                 bend(a.y, points[i].y, points[i + 1].y, d.y, part)};
            draw_line(sheet, previous, next);
            previous = next;
        }
    }
}

static void
draw_stroke(struct sheet *sheet, const struct digits_stroke *stroke,
            const struct placement *placement, struct digits_random *random)
{
    struct point points[DIGITS_POINT_LIMIT];

    for (uint32_t i = 0; i < stroke->point_count; i += 1) {
        struct point wobbled;
        wobbled.x = stroke->points[i].x + 3.5f * digits_random_bell(random);
        wobbled.y = stroke->points[i].y + 3.5f * digits_random_bell(random);
        points[i] = place(placement, wobbled);
    }
    if (stroke->form == DIGITS_ROUND) {
        draw_curve(sheet, points, stroke->point_count);
        return;
    }
    for (uint32_t i = 0; i + 1 < stroke->point_count; i += 1) {
        draw_line(sheet, points[i], points[i + 1]);
    }
}

/* A short mark anywhere: a speck, or the end of a neighbour's stroke. */
static void
draw_stray_mark(struct sheet *sheet, struct digits_random *random)
{
    struct point start, end;

    start.x = digits_random_between(random, 0.0f, (float)SIDE);
    start.y = digits_random_between(random, 0.0f, (float)SIDE);
    end.x = start.x + digits_random_between(random, -3.0f, 3.0f);
    end.y = start.y + digits_random_between(random, -3.0f, 3.0f);
    draw_line(sheet, start, end);
}

/* Turns distances to ink into grey values, and adds paper and noise. */
static void
develop(const struct sheet *sheet, float pen_radius, struct digits_random *random, float *image)
{
    float paper = digits_random_between(random, 0.0f, 0.2f);
    float ink = digits_random_between(random, 0.55f, 1.0f);
    float noise = digits_random_between(random, 0.02f, 0.16f);

    for (int i = 0; i < PIXEL_COUNT; i += 1) {
        float cover = clamp(0.5f + pen_radius - sqrtf(sheet->distances[i]), 0.0f, 1.0f);
        float value = paper + cover * (ink - paper) + noise * digits_random_bell(random);
        image[i] = clamp(value, 0.0f, 1.0f);
    }
}

void
digits_draw(struct digits_random *random, uint32_t digit, float *image)
{
    uint32_t style = digits_random_below(random, digits_glyph_style_count(digit));
    struct digits_glyph glyph;
    struct placement placement = choose_placement(random);
    float pen_radius = digits_random_between(random, 0.45f, 1.15f);
    struct sheet sheet = {.reach = pen_radius + 1.0f};

    digits_glyph_get(digit, style, &glyph);
    for (int i = 0; i < PIXEL_COUNT; i += 1) {
        sheet.distances[i] = (float)(4 * PIXEL_COUNT);
    }
    for (uint32_t i = 0; i < glyph.stroke_count; i += 1) {
        draw_stroke(&sheet, &glyph.strokes[i], &placement, random);
    }
    if (digits_random_below(random, 4) == 0) {
        draw_stray_mark(&sheet, random);
    }
    develop(&sheet, pen_radius, random, image);
}

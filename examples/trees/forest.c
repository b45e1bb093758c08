/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each tree is complete: split i has the splits 2i+1 and 2i+2 below it, so there is nothing to
 * follow but numbers. A block of rows goes through one tree after another, which stays in the cache
 * meanwhile; each score is added up in the order of the trees, so blocks change no bit of it.
 */
#include "forest.h"

#include <stddef.h>
#include <stdlib.h>

enum { BLOCK_ROWS = 128 };

/* Rows whose feature is above the threshold go to the second branch. */
struct split {
    uint32_t feature;
    float threshold;
};

struct forest {
    struct forest_shape shape;
    size_t split_count;   /* of a tree */
    struct split *splits; /* of all trees */
    float *leaves;        /* of all trees, one more a tree than splits */
};

/* SplitMix64: the same numbers on every machine. */
static uint64_t
draw(uint64_t *state)
{
    uint64_t bits = *state += UINT64_C(0x9E3779B97F4A7C15);

    bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
    return bits ^ (bits >> 31);
}

/* Draws from 0 to below 1, in steps that a float32 has. */
static float
draw_fraction(uint64_t *state)
{
    return (float)(draw(state) >> 40) / (float)(1 << 24);
}

static void
grow(struct forest *forest)
{
    uint64_t state = forest->shape.seed;
    size_t split_count = forest->split_count * forest->shape.trees;

    for (size_t i = 0; i < split_count; i += 1) {
        forest->splits[i].feature = (uint32_t)(draw(&state) % forest->shape.features);
        forest->splits[i].threshold = draw_fraction(&state);
    }
    for (size_t i = 0; i < split_count + forest->shape.trees; i += 1) {
        forest->leaves[i] = draw_fraction(&state) - 0.5F;
    }
}

struct forest *
forest_create(const struct forest_shape *shape)
{
    struct forest *forest = calloc(1, sizeof(*forest));

    if (forest == NULL) {
        return NULL;
    }
    forest->shape = *shape;
    forest->split_count = ((size_t)1 << shape->depth) - 1;
    forest->splits = calloc(forest->split_count * shape->trees, sizeof(*forest->splits));
    forest->leaves = calloc((forest->split_count + 1) * shape->trees, sizeof(*forest->leaves));
    if (forest->splits == NULL || forest->leaves == NULL) {
        forest_destroy(forest);
        return NULL;
    }
    grow(forest);
    return forest;
}

/* The leaf of a tree that a row comes to. */
static float
find_leaf(const struct forest *forest, uint32_t tree, const float *row)
{
    const struct split *splits = forest->splits + tree * forest->split_count;
    const float *leaves = forest->leaves + tree * (forest->split_count + 1);
    size_t at = 0;

    for (uint32_t level = 0; level < forest->shape.depth; level += 1) {
        at = 2 * at + (row[splits[at].feature] > splits[at].threshold ? 2 : 1);
    }
    return leaves[at - forest->split_count];
}

static void
score_block(const struct forest *forest, const float *rows, int64_t row_count, float *scores)
{
    for (int64_t i = 0; i < row_count; i += 1) {
        scores[i] = 0;
    }
    for (uint32_t tree = 0; tree < forest->shape.trees; tree += 1) {
        for (int64_t i = 0; i < row_count; i += 1) {
            scores[i] += find_leaf(forest, tree, rows + i * forest->shape.features);
        }
    }
}

void
forest_score(const struct forest *forest, const float *rows, int64_t row_count, float *scores)
{
    for (int64_t first = 0; first < row_count; first += BLOCK_ROWS) {
        int64_t left = row_count - first;

        score_block(forest, rows + first * forest->shape.features,
                    left < BLOCK_ROWS ? left : BLOCK_ROWS, scores + first);
    }
}

void
forest_destroy(struct forest *forest)
{
    if (forest == NULL) {
        return;
    }
    free(forest->splits);
    free(forest->leaves);
    free(forest);
}

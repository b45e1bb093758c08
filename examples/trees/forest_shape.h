/* SPDX-License-Identifier: Apache-2.0 */
/* How large a forest is, from a text. */
#ifndef TREES_FOREST_SHAPE_H
#define TREES_FOREST_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct forest_shape {
    uint32_t trees;    /* 1 to 10,000 */
    uint32_t depth;    /* decisions on the way to a leaf, 1 to 16 */
    uint32_t features; /* numbers of a row, 1 to 4,096 */
    uint32_t seed;     /* the same seed grows the same trees */
};

/*
 * Reads "trees=100,depth=8,features=30,seed=1". What is left out is as in this example; NULL leaves
 * out all. Returns false, and writes why into a text of so many bytes, when there is anything else.
 */
bool
forest_shape_parse(const char *config, struct forest_shape *shape, char *text, size_t text_bytes);

#endif

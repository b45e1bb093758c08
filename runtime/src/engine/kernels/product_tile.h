/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a packed product: a few rows times one panel of the weights. A panel is some rows
 * of 16 or 32 columns that lie one behind the other, so that it is read from its first to its last
 * byte.
 */
#ifndef NEURON_ENGINE_KERNELS_PRODUCT_TILE_H
#define NEURON_ENGINE_KERNELS_PRODUCT_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NEURON_PANEL_GRAIN = 16, /* a panel's columns are filled up to a multiple of these */
    NEURON_CACHE_LINE_BYTES = 64
};

/* What is done to a sum before it is stored. All pass on what is no number. */
enum neuron_tile_finish {
    NEURON_TILE_PLAIN,
    NEURON_TILE_CLIP, /* to what lies between low and high */
    NEURON_TILE_LEAK  /* what is negative times the slope */
};

/* Memory that is asked for, so many bytes for each of the depth, without a look at what it holds.
 */
struct neuron_fetch {
    const char *from;
    int64_t step;
};

struct neuron_product_tile {
    const float *left;
    int64_t left_stride;
    const float *panel; /* aligned to a cache line */
    int64_t depth;
    float *result;
    int64_t result_stride;
    int32_t rows;      /* 1 up to the code's number */
    int32_t columns;   /* 1 up to the code's number: those of the result; the panel has more */
    const float *bias; /* or NULL */
    bool adds_result;
    enum neuron_tile_finish finish;
    float slope;
    float low;
    float high;
    struct neuron_fetch fetches[2]; /* what is fetched meanwhile */
};

/* The code for one kind of processor. */
struct neuron_product_tiles {
    int32_t rows;    /* a tile has at most */
    int32_t columns; /* a panel has at most; a multiple of NEURON_PANEL_GRAIN */
    void (*multiply)(const struct neuron_product_tile *tile);
    bool (*runs)(void); /* on this processor */
};

extern const struct neuron_product_tiles neuron_product_tiles_plain;
extern const struct neuron_product_tiles neuron_product_tiles_avx2;
extern const struct neuron_product_tiles neuron_product_tiles_avx512;

#endif

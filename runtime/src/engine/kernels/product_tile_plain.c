/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiles of 4 rows by 16 columns for any processor: the compiler makes of the loops what it can.
 * Each sum takes the products in the order of the depth, in every tile.
 */
#include "engine/kernels/product_tile.h"

enum { ROWS = 4, COLUMNS = NEURON_PANEL_GRAIN };

static float
finish_sum(const struct neuron_product_tile *tile, float sum)
{
    if (tile->finish == NEURON_TILE_CLIP) {
        float above = sum < tile->low ? tile->low : sum;

        return above > tile->high ? tile->high : above;
    }
    if (tile->finish == NEURON_TILE_LEAK) {
        return sum < 0.0F ? sum * tile->slope : sum;
    }
    return sum;
}

static void
store_row(const struct neuron_product_tile *tile, const float *sums, float *result)
{
    for (int32_t j = 0; j < tile->columns; j += 1) {
        float sum = sums[j];

        if (tile->bias != NULL) {
            sum += tile->bias[j];
        }
        if (tile->adds_result) {
            sum += result[j];
        }
        result[j] = finish_sum(tile, sum);
    }
}

static void
add_products(float sums[COLUMNS], float factor, const float *restrict row)
{
    for (int j = 0; j < COLUMNS; j += 1) {
        sums[j] += factor * row[j];
    }
}

static void
multiply(const struct neuron_product_tile *tile)
{
    float sums[ROWS][COLUMNS] = {{0.0F}};

    for (int64_t k = 0; k < tile->depth; k += 1) {
        for (int32_t i = 0; i < tile->rows; i += 1) {
            add_products(sums[i], tile->left[i * tile->left_stride + k], tile->panel + k * COLUMNS);
        }
    }
    for (int32_t i = 0; i < tile->rows; i += 1) {
        store_row(tile, sums[i], tile->result + i * tile->result_stride);
    }
}

static bool
runs(void)
{
    return true;
}

const struct neuron_product_tiles neuron_product_tiles_plain = {
    .rows = ROWS, .columns = COLUMNS, .multiply = multiply, .runs = runs};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiles of up to 6 rows by 16 columns, whose sums stay in 12 of the 16 registers. Each sum takes
 * the products in the order of the depth, in every tile.
 */
#include "engine/kernels/product_tile.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { ROWS = 6, LANES = 8, VECTORS = 2 };

/* What is inlined with a constant number of rows, so that sums are registers. */
#define TILE_CODE static inline __attribute__((always_inline, target("avx2,fma,prfchw")))

/* The lanes of a vector that are columns of the result: those whose highest bit is set. */
TILE_CODE __m256i
lanes_of(const struct neuron_product_tile *tile, int64_t vector)
{
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);

    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(tile->columns - vector * LANES)), numbers);
}

TILE_CODE __m256
finish_sum(const struct neuron_product_tile *tile, __m256 sum)
{
    if (tile->finish == NEURON_TILE_CLIP) {
        __m256 above = _mm256_max_ps(_mm256_set1_ps(tile->low), sum);

        return _mm256_min_ps(_mm256_set1_ps(tile->high), above);
    }
    if (tile->finish == NEURON_TILE_LEAK) {
        __m256 negative = _mm256_cmp_ps(sum, _mm256_setzero_ps(), _CMP_LT_OQ);
        __m256 leak = _mm256_mul_ps(sum, _mm256_set1_ps(tile->slope));

        return _mm256_blendv_ps(sum, leak, negative);
    }
    return sum;
}

/* Stores a vector of each row; `is_whole` when all of its lanes are columns. */
TILE_CODE void
store_vector(const struct neuron_product_tile *tile, const __m256 *sums, const int rows,
             const int64_t vector, const bool is_whole)
{
    __m256i lanes = lanes_of(tile, vector);
    float *result = tile->result + vector * LANES;
    __m256 bias = _mm256_setzero_ps();

    if (tile->bias != NULL) {
        bias = _mm256_maskload_ps(tile->bias + vector * LANES, lanes);
    }
#pragma GCC unroll 6
    for (int64_t i = 0; i < rows; i += 1) {
        __m256 sum = _mm256_add_ps(sums[i * VECTORS + vector], bias);

        if (tile->adds_result) {
            sum = _mm256_add_ps(sum, _mm256_maskload_ps(result, lanes));
        }
        sum = finish_sum(tile, sum);
        if (is_whole) {
            _mm256_storeu_ps(result, sum);
        } else {
            _mm256_maskstore_ps(result, lanes, sum);
        }
        result += tile->result_stride;
    }
}

TILE_CODE void
store_sums(const struct neuron_product_tile *tile, const __m256 *sums, const int rows,
           const bool is_whole)
{
    store_vector(tile, sums, rows, 0, is_whole);
    store_vector(tile, sums, rows, 1, is_whole);
}

/* Begins all sums, and fetches the lines that they will be stored to. */
TILE_CODE void
begin_sums(const struct neuron_product_tile *tile, __m256 *sums, const int rows)
{
    const float *result = tile->result;

#pragma GCC unroll 12
    for (int i = 0; i < ROWS * VECTORS; i += 1) {
        sums[i] = _mm256_setzero_ps();
    }
    for (int64_t i = 0; i < rows; i += 1) {
        __builtin_prefetch(result, 1);
        result += tile->result_stride;
    }
}

/* Adds a product to each sum: a column of the left side times a row of the panel. */
TILE_CODE void
add_products(__m256 *sums, const float *left, int64_t stride, const float *panel, const int rows)
{
    __m256 first = _mm256_load_ps(panel);
    __m256 second = _mm256_load_ps(panel + LANES);

#pragma GCC unroll 6
    for (int64_t i = 0; i < rows; i += 1) {
        __m256 factor = _mm256_broadcast_ss(left + i * stride);

        sums[i * VECTORS] = _mm256_fmadd_ps(factor, first, sums[i * VECTORS]);
        sums[i * VECTORS + 1] = _mm256_fmadd_ps(factor, second, sums[i * VECTORS + 1]);
    }
}

TILE_CODE void
multiply_tile(const struct neuron_product_tile *tile, const int rows)
{
    __m256 sums[ROWS * VECTORS];
    const int64_t width = (int64_t)VECTORS * LANES;
    const int64_t stride = tile->left_stride;
    const float *left = tile->left;
    const float *panel = tile->panel;
    const float *end = panel + tile->depth * width;
    const char *first = tile->fetches[0].from;

    begin_sums(tile, sums, rows);
    while (panel != end) {
        _mm_prefetch(first, _MM_HINT_T0);
        first += tile->fetches[0].step;
        add_products(sums, left, stride, panel, rows);
        left += 1;
        panel += width;
    }
    if (tile->columns == width) {
        store_sums(tile, sums, rows, true);
    } else {
        store_sums(tile, sums, rows, false);
    }
}

__attribute__((target("avx2,fma,prfchw"))) static void
multiply(const struct neuron_product_tile *tile)
{
    switch (tile->rows) {
    case 1:
        multiply_tile(tile, 1);
        break;
    case 2:
        multiply_tile(tile, 2);
        break;
    case 3:
        multiply_tile(tile, 3);
        break;
    case 4:
        multiply_tile(tile, 4);
        break;
    case 5:
        multiply_tile(tile, 5);
        break;
    default:
        multiply_tile(tile, 6);
        break;
    }
}

static bool
runs(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const struct neuron_product_tiles neuron_product_tiles_avx2 = {
    .rows = ROWS, .columns = VECTORS * LANES, .multiply = multiply, .runs = runs};
#else
static bool
runs(void)
{
    return false;
}

const struct neuron_product_tiles neuron_product_tiles_avx2 = {.runs = runs};
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiles of up to 12 rows by 32 columns, whose sums stay in 24 of the 32 registers. Each sum takes
 * the products in the order of the depth, in every tile.
 */
#include "engine/kernels/product_tile.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum { ROWS = 12, LANES = 16, VECTORS = 2, REACH = 3 };

/* What is inlined with constant numbers of rows and vectors, so that sums are registers. */
#define TILE_CODE static inline __attribute__((always_inline, target("avx512f,prfchw")))

/* The lanes of a vector that are columns of the result. */
TILE_CODE __mmask16
lanes_of(const struct neuron_product_tile *tile, int64_t vector)
{
    int64_t count = tile->columns - vector * LANES;

    return (__mmask16)(count >= LANES ? 0xffffU : (1U << count) - 1U);
}

TILE_CODE __m512
finish_sum(const struct neuron_product_tile *tile, __m512 sum)
{
    if (tile->finish == NEURON_TILE_CLIP) {
        __m512 above = _mm512_max_ps(_mm512_set1_ps(tile->low), sum);

        return _mm512_min_ps(_mm512_set1_ps(tile->high), above);
    }
    if (tile->finish == NEURON_TILE_LEAK) {
        __mmask16 negative = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_LT_OQ);

        return _mm512_mask_mul_ps(sum, negative, sum, _mm512_set1_ps(tile->slope));
    }
    return sum;
}

/* Stores a vector of each row; `is_whole` when all of its lanes are columns. */
TILE_CODE void
store_vector(const struct neuron_product_tile *tile, const __m512 *sums, const int rows,
             const int64_t vector, const bool is_whole)
{
    __mmask16 lanes = is_whole ? 0xffffU : lanes_of(tile, vector);
    float *result = tile->result + vector * LANES;
    __m512 bias = _mm512_setzero_ps();

    if (tile->bias != NULL) {
        bias = _mm512_maskz_loadu_ps(lanes, tile->bias + vector * LANES);
    }
#pragma GCC unroll 12
    for (int64_t i = 0; i < rows; i += 1) {
        __m512 sum = _mm512_add_ps(sums[i * VECTORS + vector], bias);

        if (tile->adds_result) {
            sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes, result));
        }
        sum = finish_sum(tile, sum);
        if (is_whole) {
            _mm512_storeu_ps(result, sum);
        } else {
            _mm512_mask_storeu_ps(result, lanes, sum);
        }
        result += tile->result_stride;
    }
}

TILE_CODE void
store_sums(const struct neuron_product_tile *tile, const __m512 *sums, const int rows,
           const int vectors, const bool is_whole)
{
    store_vector(tile, sums, rows, 0, is_whole);
    if (vectors > 1) {
        store_vector(tile, sums, rows, 1, is_whole);
    }
}

/* Begins all sums, and fetches the lines that they will be stored to. */
TILE_CODE void
begin_sums(const struct neuron_product_tile *tile, __m512 *sums, const int rows)
{
    const float *result = tile->result;

#pragma GCC unroll 24
    for (int i = 0; i < ROWS * VECTORS; i += 1) {
        sums[i] = _mm512_setzero_ps();
    }
    for (int64_t i = 0; i < rows; i += 1) {
        __builtin_prefetch(result, 1);
        __builtin_prefetch(result + LANES, 1);
        result += tile->result_stride;
    }
}

/*
 * Adds a product to each sum: a column of the left side times a row of the panel. Each of the left
 * pointers serves three rows, whose addresses are it, and it plus the stride and twice the stride:
 * so they fit the registers.
 */
TILE_CODE void
add_products(__m512 *sums, const float *const *left, int64_t stride, const float *panel,
             const int rows, const int vectors)
{
    __m512 first = _mm512_load_ps(panel);
    __m512 second = vectors > 1 ? _mm512_load_ps(panel + LANES) : _mm512_setzero_ps();

#pragma GCC unroll 12
    for (int64_t i = 0; i < rows; i += 1) {
        __m512 factor = _mm512_set1_ps(left[i / REACH][i % REACH * stride]);

        sums[i * VECTORS] = _mm512_fmadd_ps(factor, first, sums[i * VECTORS]);
        if (vectors > 1) {
            sums[i * VECTORS + 1] = _mm512_fmadd_ps(factor, second, sums[i * VECTORS + 1]);
        }
    }
}

TILE_CODE void
multiply_tile(const struct neuron_product_tile *tile, const int rows, const int vectors)
{
    __m512 sums[ROWS * VECTORS];
    const int64_t width = (int64_t)vectors * LANES;
    const int64_t stride = tile->left_stride;
    const float *left[ROWS / REACH];
    const float *panel = tile->panel;
    const float *end = panel + tile->depth * width;
    const char *first = tile->fetches[0].from;
    const char *second = tile->fetches[1].from;

    begin_sums(tile, sums, rows);
#pragma GCC unroll 4
    for (int64_t i = 0; i < ROWS / REACH; i += 1) {
        left[i] = tile->left + i * REACH * stride;
    }
    while (panel != end) {
        _mm_prefetch(first, _MM_HINT_T0);
        _mm_prefetch(second, _MM_HINT_T0);
        first += tile->fetches[0].step;
        second += tile->fetches[1].step;
        add_products(sums, left, stride, panel, rows, vectors);
#pragma GCC unroll 4
        for (int64_t i = 0; i < ROWS / REACH; i += 1) {
            left[i] += 1;
        }
        panel += width;
    }
    if (tile->columns == width) {
        store_sums(tile, sums, rows, vectors, true);
    } else {
        store_sums(tile, sums, rows, vectors, false);
    }
}

/* The code of each number of rows. */
TILE_CODE void
multiply_rows(const struct neuron_product_tile *tile, const int vectors)
{
    switch (tile->rows) {
    case 1:
        multiply_tile(tile, 1, vectors);
        break;
    case 2:
        multiply_tile(tile, 2, vectors);
        break;
    case 3:
        multiply_tile(tile, 3, vectors);
        break;
    case 4:
        multiply_tile(tile, 4, vectors);
        break;
    case 5:
        multiply_tile(tile, 5, vectors);
        break;
    case 6:
        multiply_tile(tile, 6, vectors);
        break;
    case 7:
        multiply_tile(tile, 7, vectors);
        break;
    case 8:
        multiply_tile(tile, 8, vectors);
        break;
    case 9:
        multiply_tile(tile, 9, vectors);
        break;
    case 10:
        multiply_tile(tile, 10, vectors);
        break;
    case 11:
        multiply_tile(tile, 11, vectors);
        break;
    default:
        multiply_tile(tile, 12, vectors);
        break;
    }
}

__attribute__((target("avx512f,prfchw"))) static void
multiply(const struct neuron_product_tile *tile)
{
    if (tile->columns > LANES) {
        multiply_rows(tile, 2);
    } else {
        multiply_rows(tile, 1);
    }
}

static bool
runs(void)
{
    return __builtin_cpu_supports("avx512f");
}

const struct neuron_product_tiles neuron_product_tiles_avx512 = {
    .rows = ROWS, .columns = VECTORS * LANES, .multiply = multiply, .runs = runs};
#else
static bool
runs(void)
{
    return false;
}

const struct neuron_product_tiles neuron_product_tiles_avx512 = {.runs = runs};
#endif

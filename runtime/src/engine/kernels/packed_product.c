/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a packed product is cut. The depth is cut into blocks, a block into panels of columns: so
 * they are packed, one behind the other. A run cuts the rows into groups whose part of the left
 * side stays in the core's cache, and walks through the packed weights once for each group.
 *
 * The blocks hang on the depth alone, and a tile adds the products of a block in the order of the
 * depth. That is why a row's bits do not hang on the rows beside it.
 */
#include "engine/kernels/packed_product.h"

#include <math.h>
#include <string.h>

#include "engine/kernels/product_tile.h"
#include "engine/kernels/smooth.h"

enum {
    /* Rows whose distance is nearly a multiple of this fall on one place of the first cache, */
    PLACE_BYTES = 4096,
    NEAR_BYTES = 128,
    PLACE_ROWS = 8,              /* which has room for a line of so many. */
    DEPTH_LIMIT = 768,           /* of a block: a panel of 96 KB, of which there are two */
    LEFT_LIMIT_ELEMENTS = 114688 /* of a group's part of the left side: 448 KB */
};

/* A walk through the parts of a product. */
struct walk {
    const struct neuron_packed_product *product;
    const struct neuron_packed_product_call *call;
    const struct neuron_product_tiles *tiles;
    struct neuron_product_tile tile; /* what all tiles have in common */
    int64_t first_row;               /* of the group */
    int64_t rows;
    int64_t first_depth; /* of the block */
    int64_t depth;
    const float *block;
    const float *left; /* of the group's first row and the block's first column */
};

static const struct neuron_product_tiles *
tiles_of(enum neuron_product_code code)
{
    static const struct neuron_product_tiles *const all[NEURON_PRODUCT_CODE_COUNT] = {
        [NEURON_PRODUCT_PLAIN] = &neuron_product_tiles_plain,
        [NEURON_PRODUCT_AVX2] = &neuron_product_tiles_avx2,
        [NEURON_PRODUCT_AVX512] = &neuron_product_tiles_avx512,
    };

    return all[code];
}

bool
neuron_product_code_runs(enum neuron_product_code code)
{
    return tiles_of(code)->runs();
}

enum neuron_product_code
neuron_product_code_best(void)
{
    if (neuron_product_code_runs(NEURON_PRODUCT_AVX512)) {
        return NEURON_PRODUCT_AVX512;
    }
    return neuron_product_code_runs(NEURON_PRODUCT_AVX2) ? NEURON_PRODUCT_AVX2
                                                         : NEURON_PRODUCT_PLAIN;
}

static int64_t
parts_of(int64_t whole, int64_t part)
{
    return (whole + part - 1) / part;
}

static int64_t
smaller(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* The part `index` of `count` as equal ones as can be. */
static int64_t
begin_of_part(int64_t whole, int64_t count, int64_t index)
{
    return whole / count * index + smaller(whole % count, index);
}

static int64_t
block_depth(const struct neuron_packed_product *product)
{
    return parts_of(product->depth, parts_of(product->depth, DEPTH_LIMIT));
}

static int64_t
padded_columns(int64_t columns)
{
    return parts_of(columns, NEURON_PANEL_GRAIN) * NEURON_PANEL_GRAIN;
}

size_t
neuron_packed_product_bytes(const struct neuron_packed_product *product)
{
    int64_t bytes = 0;

    if (product->columns > INT64_MAX - NEURON_PANEL_GRAIN ||
        __builtin_mul_overflow(padded_columns(product->columns), product->depth, &bytes) ||
        __builtin_mul_overflow(bytes, (int64_t)sizeof(float), &bytes)) {
        return 0;
    }
    return (size_t)bytes;
}

/* Weights from a row and a column on. */
struct packing {
    const float *from;
    int64_t row_stride;
    int64_t column_stride;
};

/* Packs one panel, and fills it up with zeros. */
static void
pack_panel(const struct packing *packing, int64_t depth, int64_t columns, float *to)
{
    int64_t width = padded_columns(columns);

    for (int64_t k = 0; k < depth; k += 1) {
        const float *from = packing->from + k * packing->row_stride;

        for (int64_t n = 0; n < columns; n += 1) {
            to[n] = from[n * packing->column_stride];
        }
        memset(to + columns, 0, (size_t)(width - columns) * sizeof(*to));
        to += width;
    }
}

void
neuron_packed_product_pack(const struct neuron_packed_product *product, const float *weights,
                           int64_t row_stride, int64_t column_stride, float *packed)
{
    const struct neuron_product_tiles *tiles = tiles_of(product->code);
    int64_t limit = block_depth(product);
    struct packing packing = {.row_stride = row_stride, .column_stride = column_stride};

    for (int64_t k = 0; k < product->depth; k += limit) {
        int64_t depth = smaller(limit, product->depth - k);

        for (int64_t n = 0; n < product->columns; n += tiles->columns) {
            int64_t columns = smaller(tiles->columns, product->columns - n);

            packing.from = weights + k * row_stride + n * column_stride;
            pack_panel(&packing, depth, columns, packed);
            packed += depth * padded_columns(columns);
        }
    }
}

/* Sets how sums are finished while they are in registers. */
static void
set_finish(struct neuron_product_tile *tile, const struct neuron_packed_product *product)
{
    switch ((int)product->activation) {
    case NEURON_OPERATOR_RELU:
        tile->finish = NEURON_TILE_CLIP;
        tile->low = 0.0F;
        tile->high = INFINITY;
        break;
    case NEURON_OPERATOR_CLIP:
        tile->finish = NEURON_TILE_CLIP;
        tile->low = product->attributes->low;
        tile->high = product->attributes->high;
        break;
    case NEURON_OPERATOR_LEAKY_RELU:
        tile->finish = NEURON_TILE_LEAK;
        tile->slope = product->attributes->alpha;
        break;
    default:
        tile->finish = NEURON_TILE_PLAIN;
        break;
    }
}

bool
neuron_packed_product_activates(enum neuron_operator activation)
{
    const struct neuron_attributes attributes = {0};
    const struct neuron_packed_product product = {.activation = activation,
                                                  .attributes = &attributes};
    struct neuron_product_tile tile = {0};

    set_finish(&tile, &product);
    return tile.finish != NEURON_TILE_PLAIN || neuron_smooth_knows(activation);
}

/*
 * What is fetched while a panel is multiplied, in equal parts by its tiles: the weights that follow
 * it, in this group or the next.
 */
static struct neuron_fetch
look_ahead(const struct walk *walk, const float *panel, int64_t elements, int64_t tiles)
{
    const struct neuron_packed_product_call *call = walk->call;
    const float *end = call->packed + walk->product->depth * padded_columns(walk->product->columns);
    const float *next = panel + elements;
    int64_t bytes = elements * (int64_t)sizeof(*panel);

    if (next == end && walk->first_row + walk->rows < call->rows) {
        next = call->packed;
    } else if (next == end) {
        next = call->next;
        bytes = smaller(bytes, (int64_t)call->next_bytes);
    }
    if (next == NULL) {
        return (struct neuron_fetch){.from = (const char *)panel};
    }
    return (struct neuron_fetch){.from = (const char *)next,
                                 .step = parts_of(bytes, tiles * walk->depth)};
}

/*
 * What else a tile fetches. Its own weights come ahead by two lines at a time if it is the only
 * tile; else there is time, and the first panel finds the left side of the next tile fetched.
 */
static struct neuron_fetch
look_beside(const struct walk *walk, const struct neuron_product_tile *tile, int64_t column)
{
    struct neuron_fetch fetch = tile->fetches[0];

    if (tile->rows == walk->rows) {
        fetch.from += NEURON_CACHE_LINE_BYTES;
    } else if (column == 0 && tile->left_stride == walk->depth) {
        fetch.from = (const char *)(tile->left + tile->rows * tile->left_stride);
        fetch.step = tile->rows * (int64_t)sizeof(*tile->left);
    } else {
        fetch.step = 0;
    }
    return fetch;
}

/* Applies what is not done in registers to the tile that was stored last. */
static void
apply_smooth(const struct walk *walk, const struct neuron_product_tile *tile)
{
    for (int32_t i = 0; i < tile->rows; i += 1) {
        neuron_smooth_apply(walk->product->activation, tile->result + i * tile->result_stride,
                            (size_t)tile->columns);
    }
}

/* How many rows a tile may have: fewer when they would drive each other out of the first cache. */
static int64_t
tile_rows(const struct walk *walk)
{
    uint64_t apart = (uint64_t)walk->tile.left_stride * sizeof(float) % PLACE_BYTES;
    bool is_near = apart < NEAR_BYTES || apart > PLACE_BYTES - NEAR_BYTES;

    return is_near ? smaller(PLACE_ROWS, walk->tiles->rows) : walk->tiles->rows;
}

/* One panel for all rows of the group. */
static void
multiply_panel(const struct walk *walk, const float *panel, int64_t column, int32_t columns)
{
    const struct neuron_packed_product_call *call = walk->call;
    int64_t count = parts_of(walk->rows, tile_rows(walk));
    bool is_last = walk->first_depth + walk->depth == walk->product->depth;
    bool is_smooth = is_last && neuron_smooth_knows(walk->product->activation);
    struct neuron_product_tile tile = walk->tile;
    int64_t row = 0;

    tile.panel = panel;
    tile.columns = columns;
    tile.bias = walk->first_depth == 0 && call->bias != NULL ? call->bias + column : NULL;
    tile.fetches[0] = look_ahead(walk, panel, walk->depth * padded_columns(columns), count);
    for (int64_t i = 0; i < count; i += 1) {
        tile.rows = (int32_t)(begin_of_part(walk->rows, count, i + 1) - row);
        tile.left = walk->left + row * tile.left_stride;
        tile.result = call->result + (walk->first_row + row) * call->result_stride + column;
        tile.fetches[1] = look_beside(walk, &tile, column);
        walk->tiles->multiply(&tile);
        if (is_smooth) {
            apply_smooth(walk, &tile);
        }
        tile.fetches[0].from += tile.fetches[0].step * walk->depth;
        row += tile.rows;
    }
}

/* One block of the depth for all rows of the group. */
static void
multiply_block(struct walk *walk)
{
    const struct neuron_packed_product *product = walk->product;
    const float *panel = walk->block;

    walk->tile.depth = walk->depth;
    walk->tile.adds_result = walk->first_depth > 0 || walk->call->adds_result;
    if (walk->first_depth + walk->depth == product->depth) {
        set_finish(&walk->tile, product);
    } else {
        walk->tile.finish = NEURON_TILE_PLAIN;
    }
    for (int64_t n = 0; n < product->columns; n += walk->tiles->columns) {
        int64_t columns = smaller(walk->tiles->columns, product->columns - n);

        multiply_panel(walk, panel, n, (int32_t)columns);
        panel += walk->depth * padded_columns(columns);
    }
}

/* The rows of a group: as many tiles as the cache has room for. */
static int64_t
group_rows(const struct neuron_product_tiles *tiles, int64_t depth)
{
    int64_t count = LEFT_LIMIT_ELEMENTS / depth / tiles->rows;

    return (count > 0 ? count : 1) * tiles->rows;
}

void
neuron_packed_product_run(const struct neuron_packed_product *product,
                          const struct neuron_packed_product_call *call)
{
    int64_t limit = block_depth(product);
    struct walk walk = {
        .product = product,
        .call = call,
        .tiles = tiles_of(product->code),
        .tile = {.left_stride = call->left_stride, .result_stride = call->result_stride}};
    int64_t groups = parts_of(call->rows, group_rows(walk.tiles, limit));

    for (int64_t i = 0; i < groups; i += 1) {
        walk.first_row = begin_of_part(call->rows, groups, i);
        walk.rows = begin_of_part(call->rows, groups, i + 1) - walk.first_row;
        walk.block = call->packed;
        for (int64_t k = 0; k < product->depth; k += limit) {
            walk.first_depth = k;
            walk.depth = smaller(limit, product->depth - k);
            walk.left = call->left + walk.first_row * call->left_stride + k;
            multiply_block(&walk);
            walk.block += walk.depth * padded_columns(product->columns);
        }
    }
}

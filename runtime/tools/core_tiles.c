/* SPDX-License-Identifier: Apache-2.0 */
#include "core_tiles.h"

#if defined(__x86_64__)

#include <immintrin.h>

/* What the processor is told of its eight tiles. */
struct tile_shapes {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16]; /* of the first eight */
    uint8_t rows[16];
};

_Static_assert(sizeof(struct tile_shapes) == 64, "as the processor reads it");

static const struct tile_shapes whole_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

#define LOOP_NAME   neuron_core_tiles_run_bf16
#define LOOP_TARGET __attribute__((target("amx-tile,amx-bf16")))
#define LOOP_STEP   _tile_dpbf16ps
#include "core_tiles_loop.h"

#define LOOP_NAME   neuron_core_tiles_run_int8
#define LOOP_TARGET __attribute__((target("amx-tile,amx-int8")))
#define LOOP_STEP   _tile_dpbssd
#include "core_tiles_loop.h"

#endif

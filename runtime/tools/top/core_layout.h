/* SPDX-License-Identifier: Apache-2.0 */
/* How cores are laid out in rows: as rich as their count and the room allow. */
#ifndef NEURON_TOOLS_TOP_CORE_LAYOUT_H
#define NEURON_TOOLS_TOP_CORE_LAYOUT_H

#include <stdint.h>

enum {
    NEURON_CORE_GAP = 1,          /* behind a number, and between cores */
    NEURON_CORE_PERCENT_WIDTH = 4 /* "100%" */
};

enum neuron_core_block_kind {
    NEURON_CORES_BARS,    /* "  3 [||||   52%] serve" */
    NEURON_CORES_NUMBERS, /* "  3  52%" */
    NEURON_CORES_CELLS    /* a character each */
};

/* How cores are laid out. */
struct neuron_core_layout {
    enum neuron_core_block_kind kind;
    uint32_t digits;  /* of the largest number */
    uint32_t per_row; /* cores */
    uint32_t row_count;
    uint32_t cell_width; /* columns of a core, a gap included */
};

/*
 * Chooses the richest layout of at most `row_limit` rows; where none is, the one of a character
 * for a core, of as many rows as it takes.
 *
 * count       of cores to be shown.
 * last_core   the largest of their numbers.
 */
struct neuron_core_layout
neuron_core_layout_choose(uint32_t count, uint32_t last_core, uint32_t width, uint32_t row_limit);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "top/core_layout.h"

enum {
    GAP = NEURON_CORE_GAP,
    BAR_WIDTH_MIN = 22, /* of a core with a bar and a holder, but for its number */
    BAR_WIDTH_MAX = 48, /* with its number */
    CELL_GROUP = 8,     /* rows of cells hold a multiple of these */
    CELL_GROUPS_MAX = 8
};

static uint32_t
count_digits(uint32_t number)
{
    uint32_t digits = 1;

    while (number >= 10) {
        number /= 10;
        digits += 1;
    }
    return digits;
}

static uint32_t
divide_up(uint32_t count, uint32_t by)
{
    return by == 0 ? 0 : (count + by - 1) / by;
}

/* Lays out cores of one kind. */
static struct neuron_core_layout
lay_out(enum neuron_core_block_kind kind, uint32_t digits, uint32_t count, uint32_t width)
{
    struct neuron_core_layout layout = {.kind = kind, .digits = digits, .cell_width = 1};

    if (kind == NEURON_CORES_CELLS) {
        uint32_t room = width > digits + GAP ? width - digits - GAP : 1;

        layout.per_row = room >= CELL_GROUP ? room / CELL_GROUP * CELL_GROUP : room;
        layout.per_row = layout.per_row > CELL_GROUPS_MAX * CELL_GROUP
                             ? CELL_GROUPS_MAX * CELL_GROUP
                             : layout.per_row;
        layout.row_count = divide_up(count, layout.per_row);
        return layout;
    }
    uint32_t least = kind == NEURON_CORES_BARS ? digits + BAR_WIDTH_MIN
                                               : digits + GAP + NEURON_CORE_PERCENT_WIDTH + 2 * GAP;
    layout.per_row = (width + GAP) / least;
    if (layout.per_row == 0 && kind == NEURON_CORES_NUMBERS && width >= least - 2 * GAP) {
        layout.per_row = 1;
    }
    layout.row_count = divide_up(count, layout.per_row);
    if (layout.row_count == 0) {
        return layout;
    }
    layout.per_row = divide_up(count, layout.row_count); /* as even as they can be */
    layout.cell_width = least;
    if (kind == NEURON_CORES_BARS) {
        uint32_t room = (width + GAP) / layout.per_row;

        layout.cell_width = room < BAR_WIDTH_MAX ? room : BAR_WIDTH_MAX;
    }
    return layout;
}

struct neuron_core_layout
neuron_core_layout_choose(uint32_t count, uint32_t last_core, uint32_t width, uint32_t row_limit)
{
    static const enum neuron_core_block_kind kinds[] = {NEURON_CORES_BARS, NEURON_CORES_NUMBERS};
    uint32_t digits = count_digits(last_core);

    for (uint32_t i = 0; i < 2; i += 1) {
        struct neuron_core_layout layout = lay_out(kinds[i], digits, count, width);

        if (layout.row_count > 0 && layout.row_count <= row_limit) {
            return layout;
        }
    }
    return lay_out(NEURON_CORES_CELLS, digits, count, width);
}

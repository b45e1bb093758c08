/* SPDX-License-Identifier: Apache-2.0 */
#include "top/columns.h"

/* The column of the smallest priority that is not taken yet; `count` for none. */
static uint32_t
find_next(const struct neuron_column *columns, uint32_t count, const struct neuron_columns *chosen)
{
    uint32_t best = count;

    for (uint32_t i = 0; i < count; i += 1) {
        if (chosen->width[i] == 0 &&
            (best == count || columns[i].priority < columns[best].priority)) {
            best = i;
        }
    }
    return best;
}

/* Takes columns, and says how many of the table's columns of characters they fill. */
static uint32_t
take_columns(const struct neuron_column *columns, uint32_t count, uint32_t width,
             struct neuron_columns *chosen)
{
    uint32_t used = 0;

    for (uint32_t next = find_next(columns, count, chosen); next < count;
         next = find_next(columns, count, chosen)) {
        uint32_t needed = columns[next].width + (used > 0 ? 1 : 0);

        if (used == 0 && needed > width) {
            chosen->width[next] = width;
            return width;
        }
        if (used + needed > width) {
            return used;
        }
        chosen->width[next] = columns[next].width;
        used += needed;
    }
    return used;
}

void
neuron_columns_choose(const struct neuron_column *columns, uint32_t count, uint32_t width,
                      struct neuron_columns *chosen)
{
    *chosen = (struct neuron_columns){{0}, {0}};
    uint32_t left = width - take_columns(columns, count, width, chosen);
    uint32_t at = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        if (chosen->width[i] == 0) {
            continue;
        }
        if (columns[i].width_max > chosen->width[i]) {
            uint32_t more = columns[i].width_max - chosen->width[i];

            more = more < left ? more : left;
            chosen->width[i] += more;
            left -= more;
        }
        chosen->begin[i] = at;
        at += chosen->width[i] + 1;
    }
}

void
neuron_table_begin(struct neuron_table *table)
{
    uint32_t width = table->canvas->width;
    uint32_t row = neuron_canvas_add_row(table->canvas);

    if (table->indent >= width) {
        table->indent = 0;
    }
    neuron_columns_choose(table->columns, table->column_count, width - table->indent,
                          &table->chosen);
    neuron_canvas_paint(table->canvas, row, 0, NEURON_STYLE_HEADING);
    for (uint32_t i = 0; i < table->column_count; i += 1) {
        neuron_table_put(table, row, i, NEURON_STYLE_HEADING, table->columns[i].heading);
    }
}

void
neuron_table_put(const struct neuron_table *table, uint32_t row, uint32_t column,
                 enum neuron_cell_style style, const char *text)
{
    struct neuron_place place = {
        .row = row,
        .column = table->indent + table->chosen.begin[column],
        .width = table->chosen.width[column],
        .style = style,
        .is_right = !table->columns[column].is_left,
    };
    /* Part of a number is a wrong one, and so is part of a list of cores. */
    bool is_cut = style != NEURON_STYLE_HEADING && place.width > 0 &&
                  neuron_canvas_measure(table->canvas, text) > place.width;

    (void)neuron_canvas_put(table->canvas, &place, is_cut && place.is_right ? "#" : text);
    if (is_cut && !place.is_right && place.width > 1) {
        neuron_canvas_put_character(table->canvas, row, place.column + place.width - 1, style,
                                    0x2026, '~');
    }
}

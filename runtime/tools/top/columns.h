/* SPDX-License-Identifier: Apache-2.0 */
/* Which columns of a table fit, and where they stand: what matters most stays on a narrow screen.
 */
#ifndef NEURON_TOOLS_TOP_COLUMNS_H
#define NEURON_TOOLS_TOP_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "top/canvas.h"

enum { NEURON_COLUMNS_LIMIT = 24 };

struct neuron_column {
    const char *heading;
    uint32_t width;     /* what it needs */
    uint32_t width_max; /* what it takes where there is room; 0 for no more */
    uint32_t priority;  /* the smaller, the longer it stays */
    bool is_left;       /* its texts begin where it does, else they end there */
};

/* Where each column of a table stands. */
struct neuron_columns {
    uint32_t begin[NEURON_COLUMNS_LIMIT];
    uint32_t width[NEURON_COLUMNS_LIMIT]; /* 0 for one that is left out */
};

/*
 * Lays out columns with a blank between. They are taken by their priority until one does not fit;
 * the first one always, narrower than it needs where that must be. What room is left goes to those
 * that take more, from the left.
 *
 * count  at most NEURON_COLUMNS_LIMIT.
 */
void
neuron_columns_choose(const struct neuron_column *columns, uint32_t count, uint32_t width,
                      struct neuron_columns *chosen);

/* A table that is being filled. */
struct neuron_table {
    struct neuron_canvas *canvas;
    const struct neuron_column *columns;
    uint32_t column_count;
    uint32_t indent; /* of the whole table */
    struct neuron_columns chosen;
};

/* Lays the columns out in a canvas, and adds a row with their headings. */
void
neuron_table_begin(struct neuron_table *table);

/* Puts the text of a column into a row; nothing where the column is left out. */
void
neuron_table_put(const struct neuron_table *table, uint32_t row, uint32_t column,
                 enum neuron_cell_style style, const char *text);

#endif

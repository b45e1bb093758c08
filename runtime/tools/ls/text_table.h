/* SPDX-License-Identifier: Apache-2.0 */
/* A table in text: columns as wide as what stands in them. */
#ifndef NEURON_TOOLS_LS_TEXT_TABLE_H
#define NEURON_TOOLS_LS_TEXT_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "neuron/status.h"

#include "node/tool_output.h"

struct neuron_text_column {
    const char *head;
    bool is_right;    /* numbers stand below each other by their last digit */
    bool is_optional; /* left out where all its cells are empty */
    uint32_t limit;   /* columns that a cell takes at most; 0 for any */
};

/* Cells are added row by row. Where memory runs out, what follows is dropped, and printing says so.
 */
struct neuron_text_table {
    const struct neuron_text_column *columns;
    uint32_t column_count;

    char **cells; /* from here on its own; zeroed at the beginning */
    uint32_t cell_count;
    uint32_t room;
    bool has_failed;
};

/* Adds the next cell; the text, printable UTF-8, is copied. */
void
neuron_text_table_add(struct neuron_text_table *table, const char *text);

/*
 * Prints the table, the heads first, and makes its cells ASCII where the screen wants that.
 *
 * is_cut  lines end at the width of the screen, and cells at the limit of their column.
 *
 * Returns NEURON_OUT_OF_MEMORY when a cell was dropped.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_text_table_print(struct neuron_text_table *table, struct neuron_tool_screen screen,
                        bool is_cut, FILE *stream, struct neuron_error *error);

/* Frees what it owns, not the table. */
void
neuron_text_table_clear(struct neuron_text_table *table);

#endif

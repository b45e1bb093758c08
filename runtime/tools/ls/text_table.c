/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/text_table.h"

#include <stdlib.h>
#include <string.h>

#include "growing_array.h"

#include "node/text_columns.h"

enum { GAP = 2, COLUMN_LIMIT = 24 };

static const char cut_sign[] = "..";

/* How a table is laid out. */
struct layout {
    size_t widths[COLUMN_LIMIT]; /* of what is shown of each; 0 for none */
    uint32_t last;               /* the last column that is shown */
    size_t columns;              /* of a line */
    bool is_cut;
};

void
neuron_text_table_add(struct neuron_text_table *table, const char *text)
{
    char **grown = table->has_failed ? NULL
                                     : neuron_grow(table->cells, table->cell_count, &table->room,
                                                   sizeof(*table->cells));
    char *copy = grown == NULL ? NULL : strdup(text);

    table->cells = grown == NULL ? table->cells : grown;
    if (copy == NULL) {
        table->has_failed = true;
        return;
    }
    table->cells[table->cell_count] = copy;
    table->cell_count += 1;
}

static size_t
smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

static size_t
find_width(const struct neuron_text_table *table, uint32_t column, bool is_cut)
{
    const struct neuron_text_column *form = &table->columns[column];
    size_t head = neuron_text_columns(form->head);
    size_t width = 0;

    for (uint32_t i = column; i < table->cell_count; i += table->column_count) {
        size_t columns = neuron_text_columns(table->cells[i]);

        width = columns > width ? columns : width;
    }
    if (form->is_optional && width == 0) {
        return 0;
    }
    width = is_cut && form->limit > 0 ? smaller(width, form->limit) : width;
    return width > head ? width : head;
}

static struct layout
lay_out(const struct neuron_text_table *table, size_t columns, bool is_cut)
{
    struct layout layout = {.columns = columns, .is_cut = is_cut};

    for (uint32_t i = 0; i < table->column_count; i += 1) {
        layout.widths[i] = find_width(table, i, is_cut);
        layout.last = layout.widths[i] > 0 ? i : layout.last;
    }
    return layout;
}

static void
print_blanks(size_t count, FILE *stream)
{
    (void)fprintf(stream, "%*s", (int)count, "");
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Prints a cell, with dots at its end where something of it is left out; of a number all is, as a
   part of it would be another one. Returns the columns. */
static size_t
print_text(const char *text, size_t width, FILE *stream)
{
    size_t used = 0;
    size_t length = neuron_text_fit(text, width, &used);
    size_t dots = 0;

    if (text[length] != '\0') {
        dots = smaller(width, sizeof(cut_sign) - 1);
        length = neuron_text_fit(text, width - dots, &used);
        while (length > 0 && is_digit(text[length]) && is_digit(text[length - 1])) {
            length -= 1;
            used -= 1;
        }
    }
    (void)fprintf(stream, "%.*s%.*s", (int)length, text, (int)dots, cut_sign);
    return used + dots;
}

/* Prints a cell in its place; returns where the line goes on. */
static size_t
print_cell(const struct layout *layout, const struct neuron_text_column *form, const char *text,
           uint32_t column, size_t at, FILE *stream)
{
    bool is_last = column == layout->last;
    size_t left = layout->is_cut ? layout->columns - at : SIZE_MAX;
    size_t width = smaller(is_last ? SIZE_MAX : layout->widths[column], left);
    size_t columns = smaller(neuron_text_columns(text), width);

    if (form->is_right && !is_last) {
        print_blanks(width - columns, stream);
        columns = width - columns;
        columns += print_text(text, width - columns, stream);
    } else {
        columns = print_text(text, width, stream);
    }
    if (!is_last) {
        size_t gap = width - columns + smaller(GAP, left - width);

        print_blanks(gap, stream);
        columns += gap;
    }
    return at + columns;
}

static void
print_line(const struct neuron_text_table *table, const struct layout *layout, char *const *cells,
           FILE *stream)
{
    size_t at = 0;

    for (uint32_t i = 0; i < table->column_count; i += 1) {
        const struct neuron_text_column *form = &table->columns[i];

        if (layout->widths[i] > 0 && (!layout->is_cut || at < layout->columns)) {
            const char *text = cells == NULL ? form->head : cells[i];

            at = print_cell(layout, form, text, i, at, stream);
        }
    }
    (void)fputc('\n', stream);
}

enum neuron_status
neuron_text_table_print(struct neuron_text_table *table, struct neuron_tool_screen screen,
                        bool is_cut, FILE *stream, struct neuron_error *error)
{
    if (table->has_failed) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a table");
    }
    for (uint32_t i = 0; !screen.is_utf8 && i < table->cell_count; i += 1) {
        neuron_text_make_ascii(table->cells[i]);
    }
    struct layout layout = lay_out(table, screen.columns, is_cut);
    print_line(table, &layout, NULL, stream);
    for (uint32_t i = 0; i + table->column_count <= table->cell_count; i += table->column_count) {
        print_line(table, &layout, table->cells + i, stream);
    }
    return NEURON_OK;
}

void
neuron_text_table_clear(struct neuron_text_table *table)
{
    for (uint32_t i = 0; i < table->cell_count; i += 1) {
        free(table->cells[i]);
    }
    free(table->cells);
    table->cells = NULL;
    table->cell_count = 0;
    table->room = 0;
}

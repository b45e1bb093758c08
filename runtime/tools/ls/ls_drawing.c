/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_drawing.h"

#include <stdlib.h>
#include <string.h>

#include "ls/holder_signs.h"
#include "ls/ls_row.h"
#include "ls/text_table.h"

enum {
    MOST_CELLS = 32,  /* of a line */
    GOOD_CELLS = 8,   /* for which labels are left out */
    LABELS = 3,       /* of a line: cores, CPUs, cache */
    TITLE_BYTES = 96, /* of a box */
    LINE_BYTES = 512,
    LEAST_COLUMNS = 40,
    DEEPEST = 2,
    BORDER = 2, /* columns of each side of a box */
    BORDERS = 2 * DEEPEST * BORDER
};

/* What boxes are drawn with. */
struct pen {
    const char *side;
    const char *line;
    const char *corners[4]; /* above left, above right, below left, below right */
};

static const struct pen unicode_pen = {
    "\u2502", "\u2500", {"\u250c", "\u2510", "\u2514", "\u2518"}};
static const struct pen ascii_pen = {"|", "-", {"+", "+", "+", "+"}};

/* How the drawing is laid out. */
struct drawing {
    const struct neuron_ls_view *view;
    FILE *stream;
    const struct pen *pen;
    uint32_t *signs;     /* by position in the sample: which sign; neuron_no_process for none */
    uint32_t sign_count; /* of those who hold a core and nobody further in does */
    uint32_t sign_length;
    uint32_t cells;     /* cores of a line at most */
    uint32_t labels;    /* how many are shown */
    int widths[LABELS]; /* of each: cores, CPUs, cache; the last ones are left out first */
    size_t inside;      /* columns inside of all boxes */
    bool has_free;
    bool has_forbidden;
    bool has_shared;
};

/* Says whether others of the same parent hold a core, too. */
static bool
is_shared(const struct neuron_ls_view *view, uint32_t core, uint32_t holder)
{
    const struct neuron_node_process *processes = view->sample->processes;

    for (uint32_t i = 0; i < view->sample->process_count; i += 1) {
        if (i != holder && processes[i].parent == processes[holder].parent &&
            neuron_core_set_contains(processes[i].cores, core)) {
            return true;
        }
    }
    return false;
}

/* Finds which signs the drawing has. */
static void
choose_signs(struct drawing *drawing)
{
    const struct neuron_ls_view *view = drawing->view;
    uint32_t core_count = neuron_topology_core_count(view->topology);

    for (uint32_t i = 0; i < view->sample->process_count; i += 1) {
        drawing->signs[i] = neuron_no_process;
    }
    for (uint32_t i = 0; i < core_count; i += 1) {
        uint32_t holder = neuron_ls_holder_of(view, i);

        if (holder == neuron_no_process) {
            drawing->has_free = drawing->has_free || neuron_ls_is_allowed(view, i);
            drawing->has_forbidden = drawing->has_forbidden || !neuron_ls_is_allowed(view, i);
            continue;
        }
        drawing->has_shared = drawing->has_shared || is_shared(view, i, holder);
        if (drawing->signs[holder] == neuron_no_process) {
            drawing->signs[holder] = drawing->sign_count;
            drawing->sign_count += 1;
        }
    }
    drawing->sign_length = neuron_sign_length(drawing->sign_count);
}

/* Columns of a core with the blank before it. */
static size_t
cell_columns(const struct drawing *drawing)
{
    return 1U + drawing->sign_length + (drawing->has_shared ? 1U : 0U);
}

static int
longer(int width, const char *text)
{
    return (int)strlen(text) > width ? (int)strlen(text) : width;
}

/* Measures the drawing with lines of up to so many cores. */
static enum neuron_status
measure(struct drawing *drawing, uint32_t cells, struct neuron_error *error)
{
    uint32_t core_count = neuron_topology_core_count(drawing->view->topology);
    struct neuron_ls_row row = {0};
    uint32_t most = 0;
    enum neuron_status status = NEURON_OK;

    memset(drawing->widths, 0, sizeof(drawing->widths));
    for (uint32_t i = 0; status == NEURON_OK && i < core_count; i += row.count) {
        status = neuron_ls_row_make(drawing->view, i, cells, &row, error);
        drawing->widths[0] = longer(drawing->widths[0], row.cores);
        drawing->widths[1] = longer(drawing->widths[1], row.l3);
        drawing->widths[2] = longer(drawing->widths[2], row.cpus);
        most = row.count > most ? row.count : most;
    }
    drawing->cells = cells;
    drawing->inside = most * cell_columns(drawing) - 1;
    for (uint32_t i = 0; i < LABELS; i += 1) {
        drawing->widths[i] = i < drawing->labels ? drawing->widths[i] : 0;
        drawing->inside += drawing->widths[i] == 0 ? 0U : (size_t)drawing->widths[i] + 2U;
    }
    return status;
}

static void
title_package(const struct drawing *drawing, uint32_t core, char *title)
{
    (void)snprintf(title, TITLE_BYTES, "package %u",
                   neuron_machine_parts_package_of(drawing->view->parts, core));
}

static void
title_device(const struct drawing *drawing, uint32_t core, char *title)
{
    const struct neuron_topology *topology = drawing->view->topology;
    uint32_t device = neuron_topology_device_of(topology, core);
    uint32_t node = neuron_topology_node_of(topology, device);
    uint64_t size_bytes = neuron_topology_device_memory(topology, device);
    char place[TITLE_BYTES / 4] = "";
    char memory[TITLE_BYTES / 2] = "";

    if (node != NEURON_NO_NODE) {
        (void)snprintf(place, sizeof(place), ", NUMA node %u", node);
    }
    if (size_bytes != UINT64_MAX) {
        (void)snprintf(memory, sizeof(memory), ", %s", neuron_bytes_text(size_bytes).text);
    }
    (void)snprintf(title, TITLE_BYTES, "device %u%s%s", device, place, memory);
}

/* Chooses the longest lines that fit, and leaves out labels before lines become short. */
static enum neuron_status
choose_lines(struct drawing *drawing, size_t room, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (drawing->labels = LABELS;; drawing->labels -= 1) {
        uint32_t least = drawing->labels > 1 ? GOOD_CELLS : 1;

        status = measure(drawing, MOST_CELLS, error);
        while (status == NEURON_OK && drawing->inside > room && drawing->cells > least) {
            status = measure(drawing, drawing->cells / 2, error);
        }
        if (status != NEURON_OK || drawing->inside <= room || drawing->labels == 1) {
            return status;
        }
    }
}

/* Lays the drawing out, with boxes wide enough for their titles. */
static enum neuron_status
lay_out(struct drawing *drawing, struct neuron_error *error)
{
    size_t columns = drawing->view->screen.columns;
    size_t room = (columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns) - BORDERS;
    uint32_t core_count = neuron_topology_core_count(drawing->view->topology);
    char title[TITLE_BYTES] = "";
    enum neuron_status status = choose_lines(drawing, room, error);

    for (uint32_t i = 0; i < core_count; i += 1) {
        title_device(drawing, i, title);
        if (strlen(title) + 2 > drawing->inside) {
            drawing->inside = strlen(title) + 2;
        }
    }
    drawing->inside = drawing->inside > room ? room : drawing->inside;
    return status;
}

static void
print_times(const char *text, size_t count, FILE *stream)
{
    for (size_t i = 0; i < count; i += 1) {
        (void)fputs(text, stream);
    }
}

/* Prints the sides of the boxes around. */
static void
print_sides(const struct drawing *drawing, uint32_t depth, bool is_left)
{
    for (uint32_t i = 0; i < depth; i += 1) {
        (void)fprintf(drawing->stream, is_left ? "%s " : " %s", drawing->pen->side);
    }
}

/* Prints the upper or lower edge of a box at a depth; the upper one has a title. */
static void
print_edge(const struct drawing *drawing, uint32_t depth, const char *title)
{
    const struct pen *pen = drawing->pen;
    size_t length = drawing->inside + (size_t)(DEEPEST - depth) * 2 * BORDER - 2;
    size_t used = 0;

    print_sides(drawing, depth, true);
    (void)fputs(pen->corners[title == NULL ? 2 : 0], drawing->stream);
    if (title != NULL) {
        used = strlen(title) + 2 <= length ? strlen(title) : length - 2;
        (void)fprintf(drawing->stream, " %.*s ", (int)used, title);
        used += 2;
    }
    print_times(pen->line, length - used, drawing->stream);
    (void)fputs(pen->corners[title == NULL ? 3 : 1], drawing->stream);
    print_sides(drawing, depth, false);
    (void)fputc('\n', drawing->stream);
}

/* Writes what stands for a core. */
static void
format_core(const struct drawing *drawing, uint32_t core, char *text)
{
    const struct neuron_ls_view *view = drawing->view;
    uint32_t holder = neuron_ls_holder_of(view, core);

    if (holder == neuron_no_process) {
        text[0] = neuron_ls_is_allowed(view, core) ? '.' : 'x';
        text[1] = '\0';
        return;
    }
    (void)neuron_sign_format(drawing->signs[holder], drawing->sign_length, text);
    if (is_shared(view, core, holder)) {
        text[drawing->sign_length] = '+';
        text[drawing->sign_length + 1] = '\0';
    }
}

static void
print_row(const struct drawing *drawing, const struct neuron_ls_row *row)
{
    static const uint32_t order[LABELS] = {1, 0, 2}; /* the cache stands first */
    const char *const labels[LABELS] = {row->cores, row->l3, row->cpus};
    char line[LINE_BYTES] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < LABELS; i += 1) {
        if (drawing->widths[order[i]] > 0) {
            used += (size_t)snprintf(line + used, sizeof(line) - used, "%-*s  ",
                                     drawing->widths[order[i]], labels[order[i]]);
        }
    }
    for (uint32_t i = 0; i < row->count; i += 1) {
        char cell[NEURON_SIGN_BYTES] = "";

        format_core(drawing, row->first + i, cell);
        used += (size_t)snprintf(line + used, sizeof(line) - used, "%-*s",
                                 (int)cell_columns(drawing), cell);
    }
    print_sides(drawing, DEEPEST, true);
    (void)fprintf(drawing->stream, "%-*.*s", (int)drawing->inside, (int)drawing->inside, line);
    print_sides(drawing, DEEPEST, false);
    (void)fputc('\n', drawing->stream);
}

static enum neuron_status
print_boxes(const struct drawing *drawing, struct neuron_error *error)
{
    uint32_t core_count = neuron_topology_core_count(drawing->view->topology);
    struct neuron_ls_row row = {0};
    char title[TITLE_BYTES] = "";
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < core_count; i += row.count) {
        status = neuron_ls_row_make(drawing->view, i, drawing->cells, &row, error);
        if (status != NEURON_OK) {
            return status;
        }
        if (row.is_device_begin && i > 0) {
            print_edge(drawing, 1, NULL);
        }
        if (row.is_package_begin && i > 0) {
            print_edge(drawing, 0, NULL);
        }
        if (row.is_package_begin) {
            title_package(drawing, i, title);
            print_edge(drawing, 0, title);
        }
        if (row.is_device_begin) {
            title_device(drawing, i, title);
            print_edge(drawing, 1, title);
        }
        print_row(drawing, &row);
    }
    print_edge(drawing, 1, NULL);
    print_edge(drawing, 0, NULL);
    return NEURON_OK;
}

/* Adds to the legend who has a sign. */
static void
add_holder(const struct drawing *drawing, uint32_t position, struct neuron_text_table *table)
{
    const struct neuron_node_process *process = &drawing->view->sample->processes[position];
    char sign[NEURON_SIGN_BYTES] = "";
    char pid[16] = "-";
    char *cores = neuron_ls_format_set(process->cores);

    if (cores == NULL) {
        table->has_failed = true;
        return;
    }
    if (process->pid > 0) {
        (void)snprintf(pid, sizeof(pid), "%d", (int)process->pid);
    }
    neuron_text_table_add(table,
                          neuron_sign_format(drawing->signs[position], drawing->sign_length, sign));
    neuron_text_table_add(table, cores);
    neuron_text_table_add(table, pid);
    neuron_text_table_add(table, process->user[0] == '\0' ? "-" : process->user);
    neuron_text_table_add(table, neuron_ls_command_of(drawing->view, process));
    free(cores);
}

static enum neuron_status
print_legend(const struct drawing *drawing, struct neuron_error *error)
{
    static const struct neuron_text_column columns[] = {{.head = " "},
                                                        {.head = "CORES", .limit = 20},
                                                        {.head = "PID", .is_right = true},
                                                        {.head = "USER", .limit = 10},
                                                        {.head = "COMMAND"}};
    struct neuron_text_table table = {.columns = columns,
                                      .column_count = sizeof(columns) / sizeof(columns[0])};
    const struct neuron_ls_view *view = drawing->view;
    enum neuron_status status = NEURON_OK;

    for (uint32_t sign = 0; sign < drawing->sign_count; sign += 1) {
        uint32_t position = 0;

        while (drawing->signs[position] != sign) {
            position += 1;
        }
        add_holder(drawing, position, &table);
    }
    if (drawing->sign_count > 0) {
        status =
            neuron_text_table_print(&table, view->screen, !view->is_wide, drawing->stream, error);
    }
    neuron_text_table_clear(&table);
    (void)fputs(drawing->has_free ? ".  free\n" : "", drawing->stream);
    (void)fputs(drawing->has_forbidden ? "x  free, but not for this process\n" : "",
                drawing->stream);
    (void)fputs(drawing->has_shared ? "+  shared with others of the same launcher\n" : "",
                drawing->stream);
    return status;
}

enum neuron_status
neuron_ls_print_drawing(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error)
{
    struct drawing drawing = {
        .view = view, .stream = stream, .pen = view->screen.is_utf8 ? &unicode_pen : &ascii_pen};
    enum neuron_status status = NEURON_OK;

    drawing.signs = calloc((size_t)view->sample->process_count + 1, sizeof(*drawing.signs));
    if (drawing.signs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a drawing");
    }
    choose_signs(&drawing);
    status = lay_out(&drawing, error);
    if (status == NEURON_OK) {
        status = print_boxes(&drawing, error);
    }
    if (status == NEURON_OK) {
        status = print_legend(&drawing, error);
    }
    free(drawing.signs);
    return status;
}

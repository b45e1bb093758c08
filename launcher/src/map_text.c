/* SPDX-License-Identifier: Apache-2.0 */
#include "map_text.h"

enum { LINE_COLUMNS = 80, HEAD_COLUMNS = 27, CELLS_TOGETHER = 4, TEXT_BYTES = 320 };

/* How cells are printed. */
struct style {
    FILE *stream;
    bool has_colours;
    int width; /* of what stands in a cell */
    uint32_t cells_per_line;
};

/* What stands in a cell. */
static void
format_cell(const struct neuron_map_cell *cell, char *text, size_t size_bytes)
{
    if (cell->rank_count > 0) {
        (void)snprintf(text, size_bytes, "%u%s", cell->rank, cell->rank_count > 1 ? "+" : "");
    } else {
        (void)snprintf(text, size_bytes, "%s", cell->is_usable ? "." : "x");
    }
}

static struct style
choose_style(const struct neuron_plan_map *map, bool has_colours, FILE *stream)
{
    struct style style = {.stream = stream, .has_colours = has_colours, .width = 1};
    uint32_t cells = 0;

    for (uint32_t i = 0; i < map->cell_count; i += 1) {
        char text[TEXT_BYTES] = "";

        format_cell(&map->cells[i], text, sizeof(text));
        while (text[style.width] != '\0' && text[0] != '\0' && style.width < TEXT_BYTES - 1) {
            style.width += 1;
        }
    }
    cells = (uint32_t)((LINE_COLUMNS - HEAD_COLUMNS - 1) / (style.width + 1));
    style.cells_per_line = cells < CELLS_TOGETHER ? cells : cells - cells % CELLS_TOGETHER;
    return style;
}

/* Says whether a line is drawn between two cells: they have different owners. */
static bool
are_apart(const struct neuron_map_cell *left, const struct neuron_map_cell *right)
{
    return left->rank_count != right->rank_count || left->is_usable != right->is_usable ||
           (left->rank_count > 0 && left->rank != right->rank);
}

static void
print_cell(const struct style *style, const struct neuron_map_cell *cell, bool is_apart)
{
    char text[TEXT_BYTES] = "";

    format_cell(cell, text, sizeof(text));
    (void)fputs(is_apart ? "|" : " ", style->stream);
    if (style->has_colours && cell->rank_count > 0) {
        (void)fprintf(style->stream, "\033[30;48;5;%um%*s\033[0m",
                      neuron_plan_map_colour(cell->rank).terminal, style->width, text);
    } else {
        (void)fprintf(style->stream, "%*s", style->width, text);
    }
}

/* Prints one line of cells; only the first of a cache names it. */
static void
print_line(const struct style *style, const struct neuron_plan_map *map,
           struct neuron_map_group line, bool names_l3)
{
    const struct neuron_map_cell *cells = &map->cells[line.first];
    uint32_t last = cells[line.count - 1].core;
    char l3[32] = "";
    char cores[32] = "";

    if (names_l3) {
        (void)snprintf(l3, sizeof(l3), "L3 %u", cells->l3);
    }
    if (cells->core == last) {
        (void)snprintf(cores, sizeof(cores), "core %u", last);
    } else {
        (void)snprintf(cores, sizeof(cores), "cores %u-%u", cells->core, last);
    }
    (void)fprintf(style->stream, "    %-7s %-15s", l3, cores);
    for (uint32_t i = 0; i < line.count; i += 1) {
        print_cell(style, &cells[i], i == 0 || are_apart(&cells[i - 1], &cells[i]));
    }
    (void)fputs("|\n", style->stream);
}

static void
print_group(const struct style *style, const struct neuron_plan_map *map,
            struct neuron_map_group group)
{
    bool has_l3 = neuron_machine_parts_has_l3(map->plan->parts);

    for (uint32_t i = 0; i < group.count; i += style->cells_per_line) {
        uint32_t left = group.count - i;
        struct neuron_map_group line = {
            .first = group.first + i,
            .count = left < style->cells_per_line ? left : style->cells_per_line};

        print_line(style, map, line, has_l3 && i == 0);
    }
}

/* Prints the package and the NUMA node that a group begins. */
static void
print_heads(const struct style *style, const struct neuron_plan_map *map, uint32_t first)
{
    const struct neuron_map_cell *cell = &map->cells[first];
    bool is_new = first == 0 || cell[-1].package != cell->package;

    if (is_new) {
        (void)fprintf(style->stream, "package %u\n", cell->package);
    }
    if (is_new || cell[-1].device != cell->device) {
        (void)fprintf(style->stream, "  NUMA node %u\n", cell->device);
    }
}

/* Explains the signs that occur. */
static void
print_signs(const struct style *style, const struct neuron_plan_map *map)
{
    bool has_free = false;
    bool has_foreign = false;
    bool has_shared = false;

    for (uint32_t i = 0; i < map->cell_count; i += 1) {
        const struct neuron_map_cell *cell = &map->cells[i];

        has_shared = has_shared || cell->rank_count > 1;
        has_free = has_free || (cell->rank_count == 0 && cell->is_usable);
        has_foreign = has_foreign || (cell->rank_count == 0 && !cell->is_usable);
    }
    if (has_free || has_foreign || has_shared) {
        (void)fprintf(style->stream, "%s%s%s\n", has_free ? "  . without a rank" : "",
                      has_foreign ? "  x not for this job" : "",
                      has_shared ? "  + shared with higher ranks" : "");
    }
    if (map->plan->wishes.uses_threads) {
        (void)fputs("  each core has a cell for every hardware thread\n", style->stream);
    }
}

void
neuron_map_text_print(const struct neuron_plan_map *map, bool has_colours, FILE *stream)
{
    const struct style style = choose_style(map, has_colours, stream);
    char title[TEXT_BYTES] = "";

    neuron_plan_map_title(map, title, sizeof(title));
    (void)fprintf(stream, "%s\n", title);
    for (uint32_t i = 0; i < map->cell_count;) {
        struct neuron_map_group group = neuron_plan_map_group(map, i);

        print_heads(&style, map, i);
        print_group(&style, map, group);
        i += group.count;
    }
    print_signs(&style, map);
}

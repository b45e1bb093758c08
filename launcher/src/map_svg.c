/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All caches are drawn equally large, as wide as eight cells at most. NUMA nodes stand below each
 * other in their package, packages beside each other, two in a row. Lengths are pixels.
 */
#include "map_svg.h"

enum {
    CELL_WIDTH = 44,
    CELL_HEIGHT = 36,
    CELLS_IN_ROW = 8,
    CACHES_IN_ROW = 2,
    PACKAGES_IN_ROW = 2,
    PAD = 10,
    HEAD = 24, /* room for the name of a box */
    MARGIN = 20,
    LEGEND_WIDTH = 236,
    LEGEND_HEIGHT = 24,
    TEXT_BYTES = 320
};

struct size {
    uint32_t width;
    uint32_t height;
};

/* Where the next box goes, and what all boxes have in common. */
struct page {
    const struct neuron_plan_map *map;
    FILE *stream; /* NULL while only sizes are found */
    struct size cache;
    uint32_t columns; /* cells in a row of a cache */
};

static uint32_t
smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static uint32_t
larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

static void
print_text(FILE *stream, const char *text)
{
    for (; *text != '\0'; text += 1) {
        if (*text == '<' || *text == '>' || *text == '&' || *text == '"') {
            (void)fprintf(stream, "&#%d;", *text);
        } else {
            (void)fputc(*text, stream);
        }
    }
}

static void
print_box(const struct page *page, uint32_t x, uint32_t y, struct size size, const char *kind,
          uint32_t number)
{
    if (page->stream == NULL) {
        return;
    }
    (void)fprintf(page->stream,
                  "<rect class=\"%c\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"6\"/>\n"
                  "<text class=\"h\" x=\"%u\" y=\"%u\">%s %u</text>\n",
                  kind[0], x, y, size.width, size.height, x + PAD, y + 17, kind, number);
}

static void
print_cell(const struct page *page, const struct neuron_map_cell *cell, uint32_t x, uint32_t y)
{
    const char *fill = cell->is_usable ? "#ffffff" : "#d9d9d9";

    if (cell->rank_count > 0) {
        fill = neuron_plan_map_colour(cell->rank).page;
    }
    (void)fprintf(page->stream,
                  "<rect class=\"c\" x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"4\" "
                  "fill=\"%s\"/>\n<text class=\"n\" x=\"%u\" y=\"%u\">%u</text>\n",
                  x, y, CELL_WIDTH - 4, CELL_HEIGHT - 4, fill, x + 4, y + 10, cell->core);
    if (cell->rank_count > 0) {
        (void)fprintf(page->stream, "<text class=\"r\" x=\"%u\" y=\"%u\">%u%s</text>\n",
                      x + CELL_WIDTH / 2 - 2, y + 26, cell->rank, cell->rank_count > 1 ? "+" : "");
    }
}

static void
print_cache(const struct page *page, struct neuron_map_group group, uint32_t x, uint32_t y)
{
    const struct neuron_map_cell *cells = &page->map->cells[group.first];

    if (page->stream == NULL) {
        return;
    }
    if (neuron_machine_parts_has_l3(page->map->plan->parts)) {
        print_box(page, x, y, page->cache, "L3", cells->l3);
    }
    for (uint32_t i = 0; i < group.count; i += 1) {
        print_cell(page, &cells[i], x + PAD + i % page->columns * CELL_WIDTH + 2,
                   y + HEAD + i / page->columns * CELL_HEIGHT + 2);
    }
}

/* How many caches lie in the NUMA node that begins at a cell. */
static uint32_t
count_caches(const struct neuron_plan_map *map, uint32_t first)
{
    const struct neuron_map_cell *begin = &map->cells[first];
    uint32_t count = 0;

    for (uint32_t i = first; i < map->cell_count && map->cells[i].device == begin->device &&
                             map->cells[i].package == begin->package;
         count += 1) {
        i += neuron_plan_map_group(map, i).count;
    }
    return count;
}

/* Draws the NUMA node that begins at a cell; says where the next one begins. */
static uint32_t
draw_node(const struct page *page, uint32_t first, uint32_t x, uint32_t y, struct size *size)
{
    uint32_t count = count_caches(page->map, first);
    uint32_t rows = (count + CACHES_IN_ROW - 1) / CACHES_IN_ROW;
    uint32_t next = first;

    size->width = PAD + smaller(count, CACHES_IN_ROW) * (page->cache.width + PAD);
    size->height = HEAD + rows * (page->cache.height + PAD);
    print_box(page, x, y, *size, "NUMA node", page->map->cells[first].device);
    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_map_group group = neuron_plan_map_group(page->map, next);

        print_cache(page, group, x + PAD + i % CACHES_IN_ROW * (page->cache.width + PAD),
                    y + HEAD + i / CACHES_IN_ROW * (page->cache.height + PAD));
        next += group.count;
    }
    return next;
}

/* Draws what lies in the package that begins at a cell; says where the next one begins. */
static uint32_t
draw_nodes(const struct page *page, uint32_t first, uint32_t x, uint32_t y, struct size *size)
{
    const struct neuron_plan_map *map = page->map;
    uint32_t next = first;

    *size = (struct size){.width = 0, .height = HEAD};
    while (next < map->cell_count && map->cells[next].package == map->cells[first].package) {
        struct size node = {0};

        next = draw_node(page, next, x + PAD, y + size->height, &node);
        size->width = larger(size->width, node.width + 2 * PAD);
        size->height += node.height + PAD;
    }
    return next;
}

/* Draws all packages below a line, and says how large they are together. */
static struct size
draw_packages(const struct page *page, uint32_t top)
{
    const struct neuron_plan_map *map = page->map;
    struct size whole = {.width = 0, .height = 0};
    uint32_t count = 0;
    uint32_t x = MARGIN;
    uint32_t row_height = 0;

    for (uint32_t first = 0; first < map->cell_count; count += 1) {
        struct page measuring = *page;
        struct size size = {0};

        if (count > 0 && count % PACKAGES_IN_ROW == 0) {
            whole.height += row_height + PAD;
            row_height = 0;
            x = MARGIN;
        }
        measuring.stream = NULL;
        (void)draw_nodes(&measuring, first, x, top + whole.height, &size);
        print_box(page, x, top + whole.height, size, "Package", map->cells[first].package);
        first = draw_nodes(page, first, x, top + whole.height, &size);
        x += size.width + PAD;
        whole.width = larger(whole.width, x - PAD - MARGIN);
        row_height = larger(row_height, size.height);
    }
    whole.height += row_height;
    return whole;
}

/* The cores of a rank, as a list. */
static void
format_rank(const struct neuron_launch_plan *plan, uint32_t rank, char *text, size_t size_bytes)
{
    struct neuron_core_set *cores = NULL;

    if (neuron_launch_plan_rank_cores(plan, rank, &cores, NULL) == NEURON_OK) {
        char list[32] = "";
        bool is_cut = neuron_core_set_format(cores, list, sizeof(list)) >= sizeof(list);

        (void)snprintf(text, size_bytes, "rank %u: core%s %s%s", rank,
                       neuron_core_set_count(cores) == 1 ? "" : "s", list, is_cut ? "..." : "");
    }
    neuron_core_set_destroy(cores);
}

static void
print_legend(const struct page *page, uint32_t top, uint32_t columns)
{
    uint32_t count = page->map->plan->placement->rank_count;

    for (uint32_t i = 0; i < count; i += 1) {
        uint32_t x = MARGIN + i % columns * LEGEND_WIDTH;
        uint32_t y = top + i / columns * LEGEND_HEIGHT;
        char text[TEXT_BYTES] = "";

        format_rank(page->map->plan, i, text, sizeof(text));
        (void)fprintf(page->stream,
                      "<rect class=\"c\" x=\"%u\" y=\"%u\" width=\"16\" height=\"16\" rx=\"4\" "
                      "fill=\"%s\"/>\n<text class=\"l\" x=\"%u\" y=\"%u\">%s</text>\n",
                      x, y, neuron_plan_map_colour(i).page, x + 24, y + 13, text);
    }
}

static void
print_begin(FILE *stream, struct size size)
{
    (void)fprintf(
        stream,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
        "viewBox=\"0 0 %u %u\">\n<style>\n"
        "text { font-family: 'DejaVu Sans', 'Segoe UI', Arial, sans-serif; fill: #1f2933; }\n"
        ".P { fill: #e4e9f0; stroke: #8a97a8; } .N { fill: #f4f6f9; stroke: #a9b4c2; }\n"
        ".L { fill: #fbfcfd; stroke: #c3ccd6; } .c { stroke: #52606d; stroke-width: 0.8; }\n"
        ".h { font-size: 12px; font-weight: bold; fill: #52606d; }\n"
        ".n { font-size: 8px; fill: #3e4c59; } .l { font-size: 13px; }\n"
        ".r { font-size: 14px; font-weight: bold; text-anchor: middle; }\n"
        ".t { font-size: 18px; font-weight: bold; }\n</style>\n"
        "<rect x=\"0\" y=\"0\" width=\"%u\" height=\"%u\" fill=\"#ffffff\"/>\n",
        size.width, size.height, size.width, size.height, size.width, size.height);
}

static struct page
lay_out(const struct neuron_plan_map *map)
{
    uint32_t most = 1;
    struct page page = {.map = map};

    for (uint32_t i = 0; i < map->cell_count;) {
        struct neuron_map_group group = neuron_plan_map_group(map, i);

        most = larger(most, group.count);
        i += group.count;
    }
    page.columns = smaller(most, CELLS_IN_ROW);
    page.cache.width = larger(page.columns * CELL_WIDTH + 2 * PAD, 90);
    page.cache.height = HEAD + (most + page.columns - 1) / page.columns * CELL_HEIGHT + PAD;
    return page;
}

void
neuron_map_svg_print(const struct neuron_plan_map *map, FILE *stream)
{
    struct page page = lay_out(map);
    char title[TEXT_BYTES] = "";
    uint32_t top = MARGIN + 2 * HEAD;
    uint32_t rank_count = map->plan->placement->rank_count;
    struct size whole = draw_packages(&page, top);

    neuron_plan_map_title(map, title, sizeof(title));
    whole.width = larger(whole.width, 2 * LEGEND_WIDTH);
    uint32_t columns = whole.width / LEGEND_WIDTH;
    uint32_t legend = (rank_count + columns - 1) / columns * LEGEND_HEIGHT;
    page.stream = stream;
    print_begin(stream, (struct size){.width = whole.width + 2 * MARGIN,
                                      .height = top + whole.height + legend + 2 * MARGIN});
    (void)fprintf(stream, "<text class=\"t\" x=\"%d\" y=\"%d\">", MARGIN, MARGIN + 18);
    print_text(stream, title);
    (void)fputs("</text>\n", stream);
    (void)draw_packages(&page, top);
    print_legend(&page, top + whole.height + MARGIN, columns);
    (void)fputs("</svg>\n", stream);
}

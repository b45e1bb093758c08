/* SPDX-License-Identifier: Apache-2.0 */
#include "top/picture.h"

#include <stdlib.h>

#include "top/core_block.h"
#include "top/memory_table.h"
#include "top/model_tree.h"
#include "top/picture_lines.h"
#include "top/process_page.h"
#include "top/process_table.h"

/* From how many rows on a screen has what. */
enum {
    HOST_LINE_HEIGHT = 14,
    TABS_HEIGHT = 7,
    FOOTER_HEIGHT = 8,
    NOTE_HEIGHT = 2,
    GAPS_HEIGHT = 16,
    CORES_PART = 3 /* cores take a third of the window, or come behind the processes */
};

/* How a page is put together. */
struct page_shape {
    uint32_t core_rows; /* that cores may take at the top */
    bool has_gaps;
};

static void
add_gap(struct neuron_canvas *page, const struct page_shape *shape)
{
    if (shape->has_gaps) {
        (void)neuron_canvas_add_row(page);
    }
}

/* Adds the table of processes, in the order that the person chose. */
static void
add_processes(struct neuron_canvas *page, const struct neuron_picture_source *source,
              const struct neuron_top_view *view)
{
    uint32_t count = source->sample->process_count;
    uint32_t *positions = calloc(count + (size_t)1, sizeof(*positions));

    if (positions == NULL) {
        page->has_failed = true;
        return;
    }
    neuron_process_order_find(source->sample, source->rates, view->order, view->is_reversed,
                              positions);
    neuron_process_table_add(page, source->sample, source->rates, view->order, positions);
    free(positions);
}

/* Adds all rows of another canvas. */
static void
add_rows(struct neuron_canvas *page, const struct neuron_canvas *rows)
{
    uint32_t below = page->height;

    for (uint32_t i = 0; i < rows->height; i += 1) {
        (void)neuron_canvas_add_row(page);
    }
    neuron_canvas_copy_rows(page, below, rows, 0, rows->height);
    page->has_failed = page->has_failed || rows->has_failed;
}

/* Adds what is shown of all processes. Cores stand at the top, unless they need more than room.
   Says how many rows cores and processes have. */
static uint32_t
add_all(struct neuron_canvas *page, const struct neuron_picture_source *source,
        const struct neuron_top_view *view, const struct page_shape *shape)
{
    struct neuron_canvas cores = {.width = page->width, .is_unicode = page->is_unicode};

    neuron_core_block_add(&cores, source->sample, source->rates, NULL, shape->core_rows);
    bool is_first = cores.height <= shape->core_rows;
    if (is_first) {
        add_rows(page, &cores);
        add_gap(page, shape);
    }
    add_processes(page, source, view);
    if (!is_first) {
        add_gap(page, shape);
        add_rows(page, &cores);
    }
    neuron_canvas_clear(&cores);
    uint32_t main_rows = page->height;
    if (source->sample->process_count > 0) {
        add_gap(page, shape);
        neuron_memory_table_add(page, source->sample, source->rates, neuron_no_process);
        add_gap(page, shape);
        neuron_model_tree_add(page, source->sample, neuron_no_process);
    }
    return main_rows;
}

/* Puts the rows of a page on the screen that its window shows. */
static void
add_window(struct neuron_canvas *canvas, const struct neuron_canvas *page,
           struct neuron_top_view *view, uint32_t count)
{
    uint32_t hidden = page->height > count ? page->height - count : 0;
    uint32_t below = canvas->height;

    view->page_rows = count;
    view->scroll = view->scroll < hidden ? view->scroll : hidden;
    for (uint32_t i = 0; i < count; i += 1) {
        (void)neuron_canvas_add_row(canvas);
    }
    neuron_canvas_copy_rows(canvas, below, page, view->scroll, count);
}

static enum neuron_status
report(const struct neuron_canvas *canvas, struct neuron_error *error)
{
    if (canvas->has_failed) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the picture");
    }
    return NEURON_OK;
}

/* Adds what the person chose. Says how many rows what matters has. */
static uint32_t
add_page(struct neuron_canvas *page, const struct neuron_picture_source *source,
         const struct neuron_top_view *view, const struct page_shape *shape)
{
    uint32_t process = neuron_top_view_find(view, source->sample);

    if (view->shows_help) {
        neuron_help_add(page);
    } else if (process != neuron_no_process) {
        neuron_process_page_add(page, source->sample, source->rates, process, shape->core_rows);
    } else {
        return add_all(page, source, view, shape);
    }
    return page->height;
}

enum neuron_status
neuron_picture_compose(const struct neuron_picture_source *source, struct neuron_top_view *view,
                       uint32_t height, struct neuron_canvas *canvas, struct neuron_error *error)
{
    struct neuron_canvas page = {.width = canvas->width, .is_unicode = canvas->is_unicode};
    bool has_footer = height >= FOOTER_HEIGHT || (view->note[0] != '\0' && height >= NOTE_HEIGHT);

    neuron_canvas_clear(canvas);
    if (height == 0) {
        return NEURON_OK;
    }
    neuron_header_add(canvas, source);
    if (height >= HOST_LINE_HEIGHT) {
        neuron_host_line_add(canvas, source);
    }
    if (height >= TABS_HEIGHT) {
        neuron_tabs_add(canvas, source->sample, view);
    }
    uint32_t rows = height - canvas->height - (has_footer ? 1 : 0);
    struct page_shape shape = {.core_rows = rows / CORES_PART, .has_gaps = height >= GAPS_HEIGHT};
    shape.core_rows = shape.core_rows > 0 ? shape.core_rows : 1;
    uint32_t main_rows = add_page(&page, source, view, &shape);
    bool has_quit_line = !has_footer && main_rows < rows;
    add_window(canvas, &page, view, has_quit_line ? rows - 1 : rows);
    if (has_footer) {
        neuron_footer_add(canvas, view);
    } else if (has_quit_line) {
        neuron_quit_line_add(canvas);
    }
    canvas->has_failed = canvas->has_failed || page.has_failed;
    neuron_canvas_clear(&page);
    return report(canvas, error);
}

enum neuron_status
neuron_picture_compose_page(const struct neuron_picture_source *source,
                            struct neuron_canvas *canvas, struct neuron_error *error)
{
    struct neuron_top_view view = {.order = NEURON_ORDER_CORES};
    struct page_shape shape = {.core_rows = UINT32_MAX, .has_gaps = true};

    neuron_canvas_clear(canvas);
    neuron_header_add(canvas, source);
    neuron_host_line_add(canvas, source);
    (void)neuron_canvas_add_row(canvas);
    (void)add_page(canvas, source, &view, &shape);
    return report(canvas, error);
}

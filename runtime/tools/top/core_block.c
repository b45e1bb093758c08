/* SPDX-License-Identifier: Apache-2.0 */
#include "top/core_block.h"

#include <stdbool.h>
#include <stdio.h>

#include "top/core_layout.h"
#include "top/figures.h"
#include "top/process_name.h"

enum {
    GAP = NEURON_CORE_GAP,
    PERCENT_WIDTH = NEURON_CORE_PERCENT_WIDTH,
    NAME_WIDTH_MIN = 6,
    NAME_WIDTH_MAX = 16
};

static enum neuron_cell_style
style_of(const struct neuron_core_rate *core)
{
    if (!core->is_known) {
        return NEURON_STYLE_TROUBLE;
    }
    if (core->process == neuron_no_process && core->busy <= 0) {
        return NEURON_STYLE_FAINT;
    }
    return core->busy >= 0.9   ? NEURON_STYLE_HIGH
           : core->busy >= 0.5 ? NEURON_STYLE_MIDDLE
                               : NEURON_STYLE_LOW;
}

/* How busy a core is: a figure, or that it is not known. */
static const char *
format_busy(const struct neuron_core_rate *core, char *text)
{
    return core->is_known ? neuron_figure_percent(core->busy, text) : "?";
}

/* How many of `steps` a core fills: none only where it did nothing, or that is not known. */
static uint32_t
fill_of(const struct neuron_core_rate *core, uint32_t steps)
{
    double busy = core->is_known && core->busy > 0 ? core->busy : 0;
    uint32_t fill = (uint32_t)((busy < 1 ? busy : 1) * steps + 0.5);

    return fill == 0 && busy > 0.001 ? 1 : fill;
}

static void
put_bar(struct neuron_canvas *canvas, const struct neuron_place *place,
        const struct neuron_core_rate *core)
{
    uint32_t eighths = fill_of(core, place->width * 8);

    for (uint32_t i = 0; i < place->width && eighths > 0; i += 1) {
        uint32_t part = eighths < 8 ? eighths : 8;

        eighths -= part;
        /* From U+2588, the whole block, to U+258F, an eighth of it. */
        if (part >= 4 || canvas->is_unicode) {
            neuron_canvas_put_character(canvas, place->row, place->column + i, place->style,
                                        0x2588 + 8 - part, '|');
        }
    }
}

/* How many columns of a core with a bar are for its holder. */
static uint32_t
name_width(const struct neuron_core_layout *layout)
{
    uint32_t width = (layout->cell_width - GAP - layout->digits - GAP) / 3;

    return width < NAME_WIDTH_MIN   ? NAME_WIDTH_MIN
           : width > NAME_WIDTH_MAX ? NAME_WIDTH_MAX
                                    : width;
}

static const char *
name_holder(const struct neuron_node_sample *sample, const struct neuron_core_layout *layout,
            const struct neuron_core_rate *core, char *text)
{
    return core->process >= sample->process_count
               ? "-"
               : neuron_process_label(sample, core->process, name_width(layout), text);
}

static void
put_number(struct neuron_canvas *canvas, const struct neuron_core_layout *layout, uint32_t row,
           uint32_t column, uint32_t number)
{
    char text[NEURON_FIGURE_BYTES] = "";
    struct neuron_place place = {
        .row = row, .column = column, .width = layout->digits, .is_right = true};

    (void)snprintf(text, sizeof(text), "%u", number);
    (void)neuron_canvas_put(canvas, &place, text);
}

static void
put_core_bar(struct neuron_canvas *canvas, const struct neuron_core_layout *layout, uint32_t row,
             uint32_t column, const struct neuron_core_rate *core, const char *holder)
{
    uint32_t width = layout->cell_width - GAP - layout->digits - GAP;
    uint32_t name = name_width(layout);
    char text[NEURON_FIGURE_BYTES] = "";
    struct neuron_place place = {.row = row,
                                 .column = column + layout->digits + GAP,
                                 .width = 1,
                                 .style = NEURON_STYLE_FAINT};
    uint32_t bar = width - name - GAP - 2; /* its brackets */
    (void)neuron_canvas_put(canvas, &place, "[");
    place.column += 1;
    place.width = bar - GAP - PERCENT_WIDTH;
    place.style = style_of(core);
    put_bar(canvas, &place, core);
    place.column += place.width + GAP;
    place.width = PERCENT_WIDTH;
    place.is_right = true;
    (void)neuron_canvas_put(canvas, &place, format_busy(core, text));
    place.column += place.width;
    place.width = 1;
    place.style = NEURON_STYLE_FAINT;
    (void)neuron_canvas_put(canvas, &place, "]");
    place.column += 1 + GAP;
    place.width = name;
    place.is_right = false;
    place.style = core->process == neuron_no_process ? NEURON_STYLE_FAINT : NEURON_STYLE_NAME;
    (void)neuron_canvas_put(canvas, &place, holder);
}

/* A core as one character: a dot for a free one, a question mark where nothing is known, else as
   high as it is busy. */
static void
put_core_cell(struct neuron_canvas *canvas, uint32_t row, uint32_t column,
              const struct neuron_core_rate *core)
{
    uint32_t eighths = fill_of(core, 8);
    uint32_t tenths = fill_of(core, 9);
    bool is_free = core->process == neuron_no_process && eighths == 0;
    uint32_t character = is_free ? 0xB7 : eighths == 0 ? '_' : 0x2580 + eighths;
    static const char steps[] = "_123456789.";
    char plain = steps[is_free ? sizeof(steps) - 2 : tenths];

    if (!core->is_known) {
        character = '?';
        plain = '?';
    }
    neuron_canvas_put_character(canvas, row, column, style_of(core), character, plain);
}

static void
put_core_number(struct neuron_canvas *canvas, const struct neuron_core_layout *layout, uint32_t row,
                uint32_t column, const struct neuron_core_rate *core)
{
    char text[NEURON_FIGURE_BYTES] = "";
    struct neuron_place place = {.row = row,
                                 .column = column + layout->digits + GAP,
                                 .width = PERCENT_WIDTH,
                                 .style = style_of(core),
                                 .is_right = true};
    bool is_free = place.style == NEURON_STYLE_FAINT;

    (void)neuron_canvas_put(canvas, &place, is_free ? "-" : format_busy(core, text));
}

/* The cores that are shown: all, or those of a set. */
struct shown_cores {
    const struct neuron_core_set *set; /* NULL for all */
    const struct neuron_node_rates *rates;
    uint32_t count;
};

/* The number of the core at a position; NEURON_NO_CORE where the machine has none such. */
static uint32_t
core_at(const struct shown_cores *cores, uint32_t position)
{
    uint32_t number = cores->set == NULL ? position : neuron_core_set_at(cores->set, position);

    return number < cores->rates->core_count ? number : NEURON_NO_CORE;
}

/* Adds a row with cores from a position on. */
static void
add_row(struct neuron_canvas *canvas, const struct neuron_core_layout *layout,
        const struct neuron_node_sample *sample, const struct shown_cores *cores, uint32_t first)
{
    uint32_t row = neuron_canvas_add_row(canvas);
    uint32_t indent = layout->kind == NEURON_CORES_CELLS ? layout->digits + GAP : 0;

    for (uint32_t i = 0; i < layout->per_row && first + i < cores->count; i += 1) {
        char holder[NEURON_PROCESS_LABEL_BYTES] = "";
        uint32_t number = core_at(cores, first + i);
        uint32_t column = indent + i * layout->cell_width;

        if (number == NEURON_NO_CORE) {
            continue;
        }
        const struct neuron_core_rate *core = &cores->rates->cores[number];
        if (layout->kind != NEURON_CORES_CELLS || i == 0) {
            put_number(canvas, layout, row, column - indent, number);
        }
        if (layout->kind == NEURON_CORES_BARS) {
            put_core_bar(canvas, layout, row, column, core,
                         name_holder(sample, layout, core, holder));
        } else if (layout->kind == NEURON_CORES_NUMBERS) {
            put_core_number(canvas, layout, row, column, core);
        } else {
            put_core_cell(canvas, row, column, core);
        }
    }
}

void
neuron_core_block_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                      const struct neuron_node_rates *rates, const struct neuron_core_set *cores,
                      uint32_t row_limit)
{
    struct shown_cores shown = {
        .set = cores,
        .rates = rates,
        .count = cores == NULL ? rates->core_count : neuron_core_set_count(cores),
    };

    if (shown.count == 0) {
        return;
    }
    uint32_t last = cores == NULL ? shown.count - 1 : neuron_core_set_at(cores, shown.count - 1);
    struct neuron_core_layout layout =
        neuron_core_layout_choose(shown.count, last, canvas->width, row_limit);
    for (uint32_t first = 0; first < shown.count; first += layout.per_row) {
        add_row(canvas, &layout, sample, &shown, first);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "top/fields.h"

#include <stdbool.h>

enum { GAP = 2 };

/* The field of the smallest priority that has not been looked at; `count` for none. */
static uint32_t
find_next(const struct neuron_field *fields, uint32_t count, const bool *is_seen)
{
    uint32_t best = count;

    for (uint32_t i = 0; i < count; i += 1) {
        if (!is_seen[i] && (best == count || fields[i].priority < fields[best].priority)) {
            best = i;
        }
    }
    return best;
}

void
neuron_fields_add(struct neuron_canvas *canvas, const struct neuron_field *fields, uint32_t count)
{
    bool is_seen[NEURON_FIELDS_LIMIT] = {false};
    bool is_taken[NEURON_FIELDS_LIMIT] = {false};
    struct neuron_place place = {.row = neuron_canvas_add_row(canvas)};
    uint32_t used = 0;

    count = count < NEURON_FIELDS_LIMIT ? count : NEURON_FIELDS_LIMIT;
    for (uint32_t next = find_next(fields, count, is_seen); next < count;
         next = find_next(fields, count, is_seen)) {
        uint32_t width = neuron_canvas_measure(canvas, fields[next].text);
        uint32_t needed = width + (used > 0 ? GAP : 0);

        is_seen[next] = true;
        if (width > 0 && (used == 0 || used + needed <= canvas->width)) {
            is_taken[next] = true;
            used += needed;
        }
    }
    for (uint32_t i = 0; i < count; i += 1) {
        if (is_taken[i]) {
            place.width = canvas->width;
            place.style = fields[i].style;
            place.column += neuron_canvas_put(canvas, &place, fields[i].text) + GAP;
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A row of short texts side by side, of which a narrow screen shows those that matter most. */
#ifndef NEURON_TOOLS_TOP_FIELDS_H
#define NEURON_TOOLS_TOP_FIELDS_H

#include <stdint.h>

#include "top/canvas.h"

enum { NEURON_FIELDS_LIMIT = 16, NEURON_FIELD_BYTES = 96 };

struct neuron_field {
    char text[NEURON_FIELD_BYTES];
    enum neuron_cell_style style;
    uint32_t priority; /* the smaller, the longer it stays */
};

/* Adds a row with fields, two blanks between. Where not even the first by priority fits, it is
   cut. */
void
neuron_fields_add(struct neuron_canvas *canvas, const struct neuron_field *fields, uint32_t count);

#endif

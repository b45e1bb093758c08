/* SPDX-License-Identifier: Apache-2.0 */
/* Where the values of a text row go. */
#ifndef NEURON_SCORE_ROW_TARGET_H
#define NEURON_SCORE_ROW_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

/* An input of the model that is filled row by row. */
struct neuron_row_target {
    uint32_t input;                        /* of the model */
    const struct neuron_tensor_spec *spec; /* dimension 0 of its shape counts rows */
    const char *columns;                   /* as --columns has them; NULL for all, or by name */
    size_t elements;                       /* of a row */
    size_t row_bytes;
};

enum { NEURON_ROW_REASON_BYTES = 120 };

/* Why a row is none. */
struct neuron_row_fault {
    uint32_t target;
    char reason[NEURON_ROW_REASON_BYTES];
};

/* Writes a text of outside into a reason: control characters and what does not fit are left out. */
const char *
neuron_row_quote(const char *text, size_t size_bytes, char *quoted, size_t room_bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of tensors as texts, with the fewest digits that read back as the same number. */
#ifndef NEURON_SCORE_NUMBER_TEXT_H
#define NEURON_SCORE_NUMBER_TEXT_H

#include <stddef.h>

#include "neuron/tensor.h"

enum neuron_number_style {
    NEURON_NUMBER_CSV = 0, /* nan, inf, -inf; bool as 0 and 1 */
    NEURON_NUMBER_JSON = 1 /* null for these three; bool as false and true */
};

enum { NEURON_NUMBER_TEXT_BYTES = 32 }; /* the longest one, with its terminator */

/*
 * Writes an element. float32 as printf's %.6g to %.9g do, whichever is the first to read back as
 * the same number; 16-bit floats as the float32 that they are; float64 by %.15g to %.17g.
 *
 * element  may lie at any address.
 *
 * Returns the length without the terminator.
 */
size_t
neuron_number_format(enum neuron_type type, const void *element, enum neuron_number_style style,
                     char text[NEURON_NUMBER_TEXT_BYTES]);

#endif

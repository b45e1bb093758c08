/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in text as values of a model's types. */
#ifndef NEURON_SCORE_TEXT_NUMBER_H
#define NEURON_SCORE_TEXT_NUMBER_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

#include "neuron/tensor.h"

enum neuron_text_number {
    NEURON_NUMBER_IS_READ = 0,
    NEURON_NUMBER_IS_NONE = 1,        /* no number at all, or not one of the type */
    NEURON_NUMBER_IS_OUT_OF_RANGE = 2 /* of the type */
};

/*
 * Reads a decimal number, with blanks around it, as the nearest value of a type. "nan", "inf" and
 * "infinity" in any case are numbers of the floating-point types; "true" and "false" are of bool,
 * as are 0 and 1; whole numbers may be written with a fraction of zeros.
 *
 * plain  the "C" locale: the decimal point is a point wherever the program runs.
 * value  receives the value; unchanged unless it is read.
 */
enum neuron_text_number
neuron_text_number_read(locale_t plain, enum neuron_type type, const char *text, size_t size_bytes,
                        void *value);

/* Says whether a text is a decimal number, nan or infinite, whatever its size. */
bool
neuron_text_is_number(const char *text, size_t size_bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The element types that npy files and models share. */
#ifndef NEURON_SCORE_NPY_TYPE_H
#define NEURON_SCORE_NPY_TYPE_H

#include "neuron/tensor.h"

/* The type of a code of two characters, as in "f4"; NEURON_NO_TYPE for one that models lack. */
enum neuron_type
neuron_npy_type_find(const char *code);

/* The code of a type; NULL for one that npy files lack. */
const char *
neuron_npy_type_code(enum neuron_type type);

#endif

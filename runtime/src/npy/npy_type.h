/* SPDX-License-Identifier: Apache-2.0 */
/* The element types that npy files and models share. */
#ifndef NEURON_NPY_TYPE_H
#define NEURON_NPY_TYPE_H

#include "neuron/tensor.h"

/* The type of a code of two characters, as in "f4"; NEURON_NO_TYPE for one that models lack, and
   for "V2", of which nobody knows what it means. */
enum neuron_type
neuron_npy_type_find(const char *code);

/* The code of a type, "V2" for bfloat16; NULL for what is no type. */
const char *
neuron_npy_type_code(enum neuron_type type);

#endif

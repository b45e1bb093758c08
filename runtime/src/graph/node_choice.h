/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler decides of a node beside what it computes: by which algorithm, and in what
 * precision. The engine does as it is told where the machine can, and its own way elsewhere;
 * results differ by rounding alone.
 */
#ifndef NEURON_GRAPH_NODE_CHOICE_H
#define NEURON_GRAPH_NODE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

/* The numbers stand in compiled files. */
enum neuron_algorithm {
    NEURON_ALGORITHM_DEFAULT = 0,  /* the engine's choice */
    NEURON_ALGORITHM_DIRECT = 1,   /* convolution: in the layout that its kernel likes */
    NEURON_ALGORITHM_BLOCKED = 2,  /* convolution: on blocks of sixteen channels */
    NEURON_ALGORITHM_WINOGRAD = 3, /* convolution: with fewer products, on the same blocks */
    NEURON_ALGORITHM_END = 4       /* one past the last */
};

/* What the operands of a node are rounded to before they are multiplied. Sums are float32. */
enum neuron_precision {
    NEURON_PRECISION_FLOAT32 = 0,
    NEURON_PRECISION_BFLOAT16 = 1,
    NEURON_PRECISION_FLOAT16 = 2,
    NEURON_PRECISION_INT8 = 3,
    NEURON_PRECISION_END = 4 /* one past the last */
};

/* Names one as it stands in listings: "winograd". */
const char *
neuron_algorithm_name(enum neuron_algorithm algorithm);

/* Names one as it stands in listings, and on the command line: "bf16". */
const char *
neuron_precision_name(enum neuron_precision precision);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of each operator before it is applied. */
#ifndef NEURON_GRAPH_OPERATOR_TABLE_H
#define NEURON_GRAPH_OPERATOR_TABLE_H

#include <stdbool.h>

#include "graph/infer.h"

/* Sets of types, a bit for each. */
enum neuron_type_set {
    NEURON_TYPES_FLOAT32 = 1 << NEURON_FLOAT32,
    NEURON_TYPES_REAL =
        NEURON_TYPES_FLOAT32 | 1 << NEURON_FLOAT64 | 1 << NEURON_BFLOAT16 | 1 << NEURON_FLOAT16,
    NEURON_TYPES_BYTE = 1 << NEURON_INT8 | 1 << NEURON_UINT8,
    NEURON_TYPES_INDEX = 1 << NEURON_INT32 | 1 << NEURON_INT64,
    NEURON_TYPES_PRODUCT = /* those of matrix products */
    NEURON_TYPES_FLOAT32 | 1 << NEURON_FLOAT64 | NEURON_TYPES_INDEX,
    NEURON_TYPES_WHOLE = NEURON_TYPES_BYTE | NEURON_TYPES_INDEX,
    NEURON_TYPES_NUMBER = NEURON_TYPES_REAL | NEURON_TYPES_WHOLE,
    NEURON_TYPES_BOOL = 1 << NEURON_BOOL,
    NEURON_TYPES_ANY = NEURON_TYPES_NUMBER | NEURON_TYPES_BOOL
};

struct neuron_operator_entry {
    const char *name; /* as it stands in errors; NULL for a number that is no operator */
    uint32_t fewest_inputs;
    uint32_t most_inputs;
    unsigned types;         /* of the first input, a set */
    bool mixes_types;       /* the other inputs may have other types, which `infer` checks */
    bool takes_empty;       /* also tensors without elements */
    neuron_infer_fn *infer; /* starts from the type of the first input */
};

/* The entry of an operator; one without a name for a number that is none. */
const struct neuron_operator_entry *
neuron_operator_entry(enum neuron_operator kind);

#endif

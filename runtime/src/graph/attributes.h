/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of operators compared with one another. */
#ifndef NEURON_GRAPH_ATTRIBUTES_H
#define NEURON_GRAPH_ATTRIBUTES_H

#include "graph/operator.h"

/* Says whether all fields are the same, those that do not count for the operator included. */
bool
neuron_attributes_equal(const struct neuron_attributes *left,
                        const struct neuron_attributes *right);

/* Says whether an operator gives the same with its two inputs in the other order. */
bool
neuron_operator_is_commutative(enum neuron_operator kind);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a node as a message of a NEFF file, both ways. */
#ifndef NEURON_NEFF_NEFF_ATTRIBUTES_H
#define NEURON_NEFF_NEFF_ATTRIBUTES_H

#include <stddef.h>
#include <stdint.h>

#include <neff/neff.pb-c.h>

#include "graph/operator.h"
#include "neuron/status.h"

/* The message points into `from`, which lives as long. */
Neuron__Neff__Attributes
neuron_neff_attributes_encode(struct neuron_attributes *from);

/*
 * Refuses what does not fit the arrays; the rest is checked where shapes are inferred.
 *
 * message  NULL for none: all attributes are 0 then.
 * node     which node, for the text of an error.
 *
 * Returns NEURON_DAMAGED_MODEL, or NEURON_UNSUPPORTED_MODEL.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_attributes_decode(const Neuron__Neff__Attributes *message, size_t node,
                              struct neuron_attributes *attributes, struct neuron_error *error);

/* Returns NEURON_UNSUPPORTED_MODEL for an operator that a newer version has written. */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_operator_decode(uint32_t code, size_t node, enum neuron_operator *kind,
                            struct neuron_error *error);

#endif

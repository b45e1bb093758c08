/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weights: constants that have a name, by which others can take their place.
 *
 * What computes with the bytes of a constant while a graph is made or compiled, or decides by them,
 * makes them part of something else: other bytes under that name would not reach it. It therefore
 * takes the name away (neuron_weight_fix()). A constant that is to be replaced in any case is
 * marked so; nothing looks at its bytes, which may not even be there.
 */
#ifndef NEURON_GRAPH_WEIGHT_H
#define NEURON_GRAPH_WEIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * Names a constant. A name that is empty, or too long for a specification, is left out: the
 * constant is none that can be replaced then.
 *
 * name  copied; no other constant of the graph has it.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_weight_name(struct neuron_graph *graph, uint32_t value, const char *name,
                   struct neuron_error *error);

/* Says whether a value is a constant whose bytes are there and stay as they are. */
bool
neuron_weight_is_fixed(const struct neuron_graph *graph, uint32_t value);

/* Takes the name of a fixed constant, whose bytes become part of something else; of others that
   have none, nothing. */
void
neuron_weight_fix(struct neuron_graph *graph, uint32_t value);

/* Says whether a constant has no bytes yet. */
bool
neuron_weight_is_missing(const struct neuron_graph_value *value);

/* Marks all constants that have a name and elements as those that are to be replaced. Returns how
   many there are. */
uint32_t
neuron_weight_mark_all(struct neuron_graph *graph);

/*
 * Checks that no constant lacks its bytes.
 *
 * Returns NEURON_INVALID_ARGUMENT with the name of the first that does, and how many do.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_weight_check_all(const struct neuron_graph *graph, struct neuron_error *error);

#endif

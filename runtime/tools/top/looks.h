/* SPDX-License-Identifier: Apache-2.0 */
/* One look at the machine after the other, and what happened between the last two. */
#ifndef NEURON_TOOLS_TOP_LOOKS_H
#define NEURON_TOOLS_TOP_LOOKS_H

#include "neuron/status.h"
#include "neuron/topology.h"

#include "top/picture.h"

struct neuron_looks;

/*
 * Begins to look.
 *
 * directory  where the lock files live; NULL for the machine's usual place. Borrowed for the call.
 *
 * Returns as neuron_topology_create() and neuron_node_watch_create().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_looks_create(const char *directory, struct neuron_looks **looks, struct neuron_error *error);

/*
 * Takes a look. After a failure the one before still stands.
 *
 * Returns as neuron_node_watch_read() and neuron_node_rates_find().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_looks_take(struct neuron_looks *looks, struct neuron_error *error);

/* What is there to be drawn: the last look, and what happened since the one before; until the
   second one, since each process began. Valid until the next look. */
struct neuron_picture_source
neuron_looks_source(const struct neuron_looks *looks);

const struct neuron_topology *
neuron_looks_topology(const struct neuron_looks *looks);

/* Ends to look. Accepts NULL. */
void
neuron_looks_destroy(struct neuron_looks *looks);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the processes of a sample in the order of their leases: values to values. */
#ifndef NEURON_TOOLS_NODE_NODE_TREE_H
#define NEURON_TOOLS_NODE_NODE_TREE_H

#include "neuron/status.h"

#include "node/node_watch.h"

/* What decides where a process stands; by its position in the sample. */
struct neuron_node_place {
    uint32_t depth;  /* of its lease; NEURON_NODE_NO_LEASE where it has none of its own */
    uint32_t parent; /* position of the ancestor that it was found below; neuron_no_process */
};

enum { NEURON_NODE_NO_LEASE = 255 };

/*
 * Finds who works inside whose lease, sorts the processes so that each stands behind the one around
 * it, and fills in `parent`.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_node_tree_sort(struct neuron_node_sample *sample, const struct neuron_node_place *places,
                      struct neuron_error *error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of a process that may not be looked into. */
#ifndef NEURON_TOOLS_NODE_PROCESS_TAG_H
#define NEURON_TOOLS_NODE_PROCESS_TAG_H

#include "node/node_watch.h"

/* The tag of a process; NULL where it cannot be known. */
const char *
neuron_node_tag_of(const struct neuron_node_process *process);

/* Why nothing is told of what a process does; empty where something is. */
const char *
neuron_node_trouble_of(const struct neuron_node_process *process);

#endif

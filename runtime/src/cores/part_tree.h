/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the machine once more for parts that a topology leaves out. */
#ifndef NEURON_CORES_PART_TREE_H
#define NEURON_CORES_PART_TREE_H

#include <stdint.h>

#include <hwloc.h>

#include "neuron/status.h"

/*
 * Reads the machine with parts of some types: with them in its tree, hwloc would number cores along
 * them, and a core has one number, whoever looks. Cores are found again by their CPUs.
 *
 * machine  receives what the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM when it cannot be read, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_part_tree_load(const hwloc_obj_type_t *types, uint32_t type_count, hwloc_topology_t *machine,
                      struct neuron_error *error);

/* The part of a type that a CPU lies in; NULL for none. */
hwloc_obj_t
neuron_part_tree_find(hwloc_topology_t machine, hwloc_obj_type_t type, uint32_t cpu);

#endif

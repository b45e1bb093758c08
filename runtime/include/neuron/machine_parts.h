/* SPDX-License-Identifier: Apache-2.0 */
/* Which packages and last-level caches the cores of a machine lie in. */
#ifndef NEURON_MACHINE_PARTS_H
#define NEURON_MACHINE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A topology knows cores and devices, which is all that running models needs, and quick to read.
 * This is the rest, for those who place processes or draw the machine. Cores are numbered as in the
 * topology; packages and caches from 0 in the order of their first cores.
 *
 * The parts of a machine never change once created. Any thread may call anything here.
 */
struct neuron_machine_parts;

/*
 * Reads the parts of the machine that a topology was read from.
 *
 * topology  borrowed for the call.
 * parts     receives new parts, which the caller destroys. Unchanged on failure.
 * error     receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when the machine cannot be read, or NEURON_OUT_OF_MEMORY.
 * Blocks for the time that reading takes, one to some milliseconds; longer on a large machine.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_machine_parts_create(const struct neuron_topology *topology,
                            struct neuron_machine_parts **parts, struct neuron_error *error);

/* Says how many packages the machine has. At least 1: one that reports none is one. */
NEURON_API uint32_t
neuron_machine_parts_package_count(const struct neuron_machine_parts *parts);

/*
 * Says which package a core belongs to.
 *
 * core  a core of the topology, below its neuron_topology_core_count().
 */
NEURON_API uint32_t
neuron_machine_parts_package_of(const struct neuron_machine_parts *parts, uint32_t core);

/* Says whether the machine reports last-level caches (L3). Where not, devices stand for them. */
NEURON_API bool
neuron_machine_parts_has_l3(const struct neuron_machine_parts *parts);

/* Says how many last-level caches the machine has. At least 1. */
NEURON_API uint32_t
neuron_machine_parts_l3_count(const struct neuron_machine_parts *parts);

/* Says which last-level cache a core uses. The core is as above. */
NEURON_API uint32_t
neuron_machine_parts_l3_of(const struct neuron_machine_parts *parts, uint32_t core);

/* Destroys the parts. Accepts NULL. */
NEURON_API void
neuron_machine_parts_destroy(struct neuron_machine_parts *parts);

#ifdef __cplusplus
}
#endif

#endif

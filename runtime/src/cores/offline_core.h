/* SPDX-License-Identifier: Apache-2.0 */
/* Cores that the kernel took offline after a topology was read. */
#ifndef NEURON_CORES_OFFLINE_CORE_H
#define NEURON_CORES_OFFLINE_CORE_H

#include <stdint.h>

#include "neuron/core_set.h"
#include "neuron/topology.h"

/*
 * Finds the first of some cores whose CPU the kernel does not list as online.
 *
 * root  the folder in which /sys is found: "" but for tests.
 *
 * Returns NEURON_NO_CORE where all are online, or the kernel does not say.
 */
uint32_t
neuron_offline_core_find(const struct neuron_topology *topology,
                         const struct neuron_core_set *cores, const char *root);

#endif

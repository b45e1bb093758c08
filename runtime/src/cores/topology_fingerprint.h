/* SPDX-License-Identifier: Apache-2.0 */
/* Tells invented machines apart, so that their leases never meet. */
#ifndef NEURON_CORES_TOPOLOGY_FINGERPRINT_H
#define NEURON_CORES_TOPOLOGY_FINGERPRINT_H

#include <stdint.h>

#include "neuron/topology.h"

/* Hashes cores, devices and CPUs: the same in every process that invents the same machine. */
uint64_t
neuron_topology_fingerprint(const struct neuron_topology *topology);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What leases ask of a topology beside its public calls. */
#ifndef NEURON_CORES_TOPOLOGY_BODY_H
#define NEURON_CORES_TOPOLOGY_BODY_H

#include <stdint.h>

#include "neuron/topology.h"

/* Hashes cores, devices and CPUs: the same in every process that invents the same machine. */
uint64_t
neuron_topology_fingerprint(const struct neuron_topology *topology);

/* Refuses cores as neuron_topology_check() does, whatever their number. */
enum neuron_status
neuron_topology_check_allowed(const struct neuron_topology *topology,
                              const struct neuron_core_set *cores, const char *asked_by,
                              struct neuron_error *error);

#endif

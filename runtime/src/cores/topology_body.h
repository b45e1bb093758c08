/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a topology, and what leases ask of it beside its public calls. */
#ifndef NEURON_CORES_TOPOLOGY_BODY_H
#define NEURON_CORES_TOPOLOGY_BODY_H

#include <stdint.h>

#include <hwloc.h>

#include "neuron/topology.h"

/* A core of the machine. */
struct neuron_topology_core {
    uint32_t device;
    uint32_t cpu; /* the operating system's number of its first allowed hardware thread */
};

struct neuron_topology {
    hwloc_topology_t machine;
    hwloc_bitmap_t allowed_cpus;        /* that this process may use */
    struct neuron_topology_core *cores; /* by number */
    uint32_t core_count;
    uint32_t device_count;
    struct neuron_core_set *allowed;
    uint32_t core_limit;
    uint32_t quota;              /* CPUs by the control groups; UINT32_MAX for no limit */
    uint64_t memory_limit_bytes; /* of all devices together, by the control groups */
};

/* What counts as a core: a machine that reports no cores has one hardware thread in each. */
hwloc_obj_type_t
neuron_topology_core_type(hwloc_topology_t machine);

/* Hashes cores, devices and CPUs: the same in every process that invents the same machine. */
uint64_t
neuron_topology_fingerprint(const struct neuron_topology *topology);

/* Refuses cores as neuron_topology_check() does, whatever their number. */
enum neuron_status
neuron_topology_check_allowed(const struct neuron_topology *topology,
                              const struct neuron_core_set *cores, const char *asked_by,
                              struct neuron_error *error);

#endif

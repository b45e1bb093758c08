/* SPDX-License-Identifier: Apache-2.0 */
/* What cores the machine has, and which of them this process may use. */
#ifndef NEURON_TOPOLOGY_H
#define NEURON_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/core_set.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Core numbers are the machine's: physical cores in hwloc's logical order, from 0, those included
 * that this process may not use, so that all processes of a machine mean the same core by a number,
 * whatever their affinity masks. A device is the cores that share one local memory (a NUMA node).
 *
 * An invented machine (HWLOC_SYNTHETIC or HWLOC_XMLFILE is set) has cores to plan with but none to
 * run on: all its cores are allowed, no quota and no memory limit applies, and binding does
 * nothing.
 *
 * A topology never changes once created. Any thread may call anything here.
 */
struct neuron_topology;

enum {
    NEURON_NO_NODE = 65536, /* of a device that is no memory node of the operating system */
    NEURON_NO_CPU = 0x7FFFFFFF
};

/*
 * Reads the machine, and what this process may use of it at this moment: the affinity mask of the
 * calling thread, the cpuset, and the CPU quota and the memory limit of its control groups.
 *
 * topology  receives a new topology, which the caller destroys. Unchanged on failure.
 * error     receives the reason on failure. May be NULL.
 *
 * Returns NEURON_SYSTEM when the machine cannot be read, the invented one cannot be made, or there
 * is no core to use, or NEURON_OUT_OF_MEMORY.
 * Blocks for the time that reading takes, one to some milliseconds.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_topology_create(struct neuron_topology **topology, struct neuron_error *error);

/* Says how many cores the machine has, allowed or not. At least 1. */
NEURON_API uint32_t
neuron_topology_core_count(const struct neuron_topology *topology);

/* Says how many devices the machine has. At least 1. */
NEURON_API uint32_t
neuron_topology_device_count(const struct neuron_topology *topology);

/* The cores that this process may use, by affinity and cpuset. Lives as long as the topology. */
NEURON_API const struct neuron_core_set *
neuron_topology_allowed(const struct neuron_topology *topology);

/*
 * Says how many cores this process may keep busy at once: the count of the allowed ones, or the CPU
 * quota rounded down where that is less; at least 1. The quota limits how many, not which.
 */
NEURON_API uint32_t
neuron_topology_core_limit(const struct neuron_topology *topology);

/*
 * Says which device a core belongs to, from 0.
 *
 * core  a core of the machine, below neuron_topology_core_count().
 */
NEURON_API uint32_t
neuron_topology_device_of(const struct neuron_topology *topology, uint32_t core);

/*
 * Says how many bytes of a device's local memory this process may use: what the device has, or the
 * memory limit of the process's control groups where that is less. Where a device reports no memory
 * of its own, that of the machine counts; UINT64_MAX where that is unknown, too.
 *
 * device  below neuron_topology_device_count().
 */
NEURON_API uint64_t
neuron_topology_device_memory(const struct neuron_topology *topology, uint32_t device);

/*
 * Says which CPU of the operating system a core runs on: its first allowed hardware thread, or its
 * first one when none is allowed.
 *
 * core  a core of the machine, below neuron_topology_core_count().
 */
NEURON_API uint32_t
neuron_topology_cpu_of(const struct neuron_topology *topology, uint32_t core);

/*
 * Says how many hardware threads of a core this process may use; 0 for a core that is not allowed.
 *
 * core  a core of the machine, below neuron_topology_core_count().
 */
NEURON_API uint32_t
neuron_topology_thread_count(const struct neuron_topology *topology, uint32_t core);

/*
 * Says which CPU of the operating system a hardware thread of a core is. Thread 0 of an allowed
 * core is neuron_topology_cpu_of().
 *
 * thread  below neuron_topology_thread_count() of the core.
 */
NEURON_API uint32_t
neuron_topology_thread_cpu(const struct neuron_topology *topology, uint32_t core, uint32_t thread);

/*
 * Says which CPUs of the operating system a core has, whether this process may use them or not.
 *
 * core      a core of the machine, below neuron_topology_core_count().
 * position  from 0, in the order of their numbers.
 *
 * Returns NEURON_NO_CPU past the last one.
 */
NEURON_API uint32_t
neuron_topology_core_cpu(const struct neuron_topology *topology, uint32_t core, uint32_t position);

/*
 * Says how many hardware threads this process may keep busy at once: the count of the allowed ones,
 * or the CPU quota rounded down where that is less; at least 1.
 */
NEURON_API uint32_t
neuron_topology_thread_limit(const struct neuron_topology *topology);

/*
 * Says which memory node of the operating system a device is; NEURON_NO_NODE where the machine
 * reports none.
 *
 * device  below neuron_topology_device_count().
 */
NEURON_API uint32_t
neuron_topology_node_of(const struct neuron_topology *topology, uint32_t device);

/* Says whether the machine is an invented one. */
NEURON_API bool
neuron_topology_is_invented(const struct neuron_topology *topology);

/*
 * Says whether the cores of a set follow each other without skipping a core that this process may
 * use: 0,2 is contiguous where core 1 is not allowed. An empty set is.
 */
NEURON_API bool
neuron_topology_is_contiguous(const struct neuron_topology *topology,
                              const struct neuron_core_set *cores);

/*
 * Refuses cores that the machine lacks or that this process may not use, and more cores than its
 * quota allows.
 *
 * asked_by  who asks, as it shall stand in the error text: "NEURON_RT_VISIBLE_CORES".
 *
 * Returns NEURON_NO_SUCH_CORE, with the first such core and what is allowed in the text.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_topology_check(const struct neuron_topology *topology, const struct neuron_core_set *cores,
                      const char *asked_by, struct neuron_error *error);

/*
 * Binds the calling thread to the CPUs of some cores (one hardware thread of each), and with it
 * every thread and process that it starts from now on. On an invented machine nothing happens.
 *
 * cores  cores of the machine, at least one.
 *
 * Returns NEURON_SYSTEM when the kernel refuses; the text says so where a core went offline after
 * the topology was read. The binding is then as before.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_topology_bind_thread(const struct neuron_topology *topology,
                            const struct neuron_core_set *cores, struct neuron_error *error);

/* Destroys a topology. Accepts NULL. */
NEURON_API void
neuron_topology_destroy(struct neuron_topology *topology);

#ifdef __cplusplus
}
#endif

#endif

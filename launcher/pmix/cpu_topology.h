/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's CPUs, as the PMIx library wants to see them. */
#ifndef NEURON_LAUNCHER_PMIX_CPU_TOPOLOGY_H
#define NEURON_LAUNCHER_PMIX_CPU_TOPOLOGY_H

/*
 * Loads what hwloc knows of CPUs, caches and memory, without looking for devices: that takes ten
 * times as long. Returns a hwloc_topology_t, kept for ever, or NULL.
 */
void *
neuron_cpu_topology_load(void);

/* Makes a hwloc_bitmap_t of a list ("0-3,8"); NULL where it is none. Destroyed by the caller. */
void *
neuron_cpu_topology_parse_cpus(const char *text);

/* Destroys a set of CPUs. Accepts NULL. */
void
neuron_cpu_topology_destroy_cpus(void *cpus);

#endif

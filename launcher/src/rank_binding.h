/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPUs a rank of a plan may run on, and which memory it is near to. */
#ifndef NEURON_LAUNCHER_RANK_BINDING_H
#define NEURON_LAUNCHER_RANK_BINDING_H

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

#include "launch_plan.h"

/* Size of a set that holds every CPU of the plan; 0 where ranks are not bound. */
size_t
neuron_rank_binding_bytes(const struct neuron_launch_plan *plan);

/*
 * Fills a set of that size with the CPUs that a rank may run on: those of its range, or with
 * --bind-to those of the L3s, NUMA nodes or packages that its range lies in, as far as the job may
 * use them.
 */
void
neuron_rank_binding_fill(const struct neuron_launch_plan *plan, uint32_t rank, cpu_set_t *cpus,
                         size_t cpus_bytes);

/*
 * The memory node of the operating system that a rank lies in; NEURON_NO_NODE where it lies in
 * several, or where the machine has only one.
 */
uint32_t
neuron_rank_binding_node(const struct neuron_launch_plan *plan, uint32_t rank);

#endif

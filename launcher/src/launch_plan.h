/* SPDX-License-Identifier: Apache-2.0 */
/* The cores of a launch on this machine: planned, then claimed. */
#ifndef NEURON_LAUNCHER_LAUNCH_PLAN_H
#define NEURON_LAUNCHER_LAUNCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/core_lease.h"
#include "neuron/core_set.h"
#include "neuron/machine_parts.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "neuron/topology.h"

#include "command_line.h"
#include "launch_row.h"
#include "placement.h"

struct neuron_launch_plan {
    struct neuron_topology *topology;
    struct neuron_machine_parts *parts; /* NULL where nothing asks for them */
    struct neuron_placement_wishes wishes;
    struct neuron_core_set *usable;          /* to choose from */
    bool is_named;                           /* NEURON_RT_VISIBLE_CORES names the cores */
    struct neuron_placement_request request; /* its arrays are those of `row` */
    struct neuron_launch_row row;            /* that positions count in */
    struct neuron_placement *placement;
    bool shares_cores; /* some ranks have a core in common, if only threads of it */
    struct neuron_core_lease_options lease_options;
    struct neuron_core_lease *
        *leases; /* one for all ranks, or one for each; none before the claim */
    uint32_t lease_count;
};

/*
 * Reads the machine and plans the launch. Claims nothing.
 *
 * options  what the environment asks for. Borrowed until destroy.
 * plan     receives a new plan, which the caller destroys. Unchanged on failure.
 *
 * Returns what the topology, the list of cores or the placement is refused for.
 */
enum neuron_status
neuron_launch_plan_create(const struct neuron_command_line *line,
                          const struct neuron_runtime_options *options,
                          struct neuron_launch_plan **plan, struct neuron_error *error);

/* What the row of the plan is filled from. */
struct neuron_launch_row_source
neuron_launch_plan_source(const struct neuron_launch_plan *plan);

/* Plans inside a set of cores, which becomes the row of the plan. Errors as create. */
enum neuron_status
neuron_launch_plan_place(struct neuron_launch_plan *plan, const struct neuron_core_set *within,
                         uint32_t core_limit, struct neuron_error *error);

/* Reads packages and caches, where this was not done yet. */
enum neuron_status
neuron_launch_plan_read_parts(struct neuron_launch_plan *plan, struct neuron_error *error);

/*
 * Claims cores for the plan (launch_claim.c), and plans anew with what it got where others are in
 * the way. Cores that the user named are claimed as planned, or not at all.
 *
 * Returns as neuron_core_lease_claim().
 */
enum neuron_status
neuron_launch_plan_claim(struct neuron_launch_plan *plan, struct neuron_error *error);

/* Makes the set of a rank's cores, numbers of the machine, which the caller destroys. */
enum neuron_status
neuron_launch_plan_rank_cores(const struct neuron_launch_plan *plan, uint32_t rank,
                              struct neuron_core_set **cores, struct neuron_error *error);

/* Writes the reservation for the ranks' NEURONRUN_LEASE. After the claim. */
void
neuron_launch_plan_format_lease(const struct neuron_launch_plan *plan, char *text,
                                size_t size_bytes);

/* Releases the cores and destroys the plan. Accepts NULL. */
void
neuron_launch_plan_destroy(struct neuron_launch_plan *plan);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "launch_plan.h"

#include <stdio.h>
#include <stdlib.h>

enum neuron_status
neuron_launch_plan_place(struct neuron_launch_plan *plan, const struct neuron_core_set *within,
                         uint32_t core_limit, struct neuron_error *error)
{
    struct neuron_placement *placement = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < neuron_topology_core_count(plan->topology); i += 1) {
        if (neuron_core_set_contains(within, i)) {
            plan->cores[count] = i;
            plan->devices[count] = neuron_topology_device_of(plan->topology, i);
            count += 1;
        }
    }
    plan->request.devices = plan->devices;
    plan->request.core_count = count;
    plan->request.core_limit = core_limit;
    enum neuron_status status = neuron_placement_create(&plan->request, &placement, error);
    if (status == NEURON_OK) {
        neuron_placement_destroy(plan->placement);
        plan->placement = placement;
    }
    return status;
}

/* The cores that the environment leaves to this launch, and how many of them. */
static enum neuron_status
read_usable(struct neuron_launch_plan *plan, const struct neuron_runtime_options *options,
            uint32_t *core_limit, struct neuron_error *error)
{
    const struct neuron_core_set *allowed = neuron_topology_allowed(plan->topology);
    enum neuron_status status = NEURON_OK;

    *core_limit = neuron_topology_core_limit(plan->topology);
    plan->is_named = options->visible_cores != NULL;
    if (!plan->is_named) {
        if (options->core_count > *core_limit) {
            return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                               "NEURON_RT_NUM_CORES asks for %u cores, but %u can be used; ask for "
                               "fewer, or for 0 to have all",
                               options->core_count, *core_limit);
        }
        *core_limit = options->core_count == 0 ? *core_limit : options->core_count;
        return neuron_core_set_copy(allowed, &plan->usable, error);
    }
    status = neuron_core_set_parse(options->visible_cores, &plan->usable, error);
    if (status == NEURON_INVALID_SYNTAX && error != NULL) {
        status =
            NEURON_FAIL(error, status, "NEURON_RT_VISIBLE_CORES: %s; this machine has cores 0-%u",
                        error->text, neuron_topology_core_count(plan->topology) - 1);
    }
    if (status == NEURON_OK) {
        status =
            neuron_topology_check(plan->topology, plan->usable, "NEURON_RT_VISIBLE_CORES", error);
    }
    if (status == NEURON_OK && !neuron_topology_is_contiguous(plan->topology, plan->usable)) {
        status =
            NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                        "NEURON_RT_VISIBLE_CORES=%.60s leaves out a core: list cores without a "
                        "gap",
                        options->visible_cores);
    }
    return status;
}

static enum neuron_status
read_machine(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    enum neuron_status status = neuron_topology_create(&plan->topology, error);

    if (status != NEURON_OK) {
        return status;
    }
    uint32_t count = neuron_topology_core_count(plan->topology);
    plan->cores = calloc(count, sizeof(*plan->cores));
    plan->devices = calloc(count, sizeof(*plan->devices));
    if (plan->cores == NULL || plan->devices == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for planning %u cores",
                           count);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_launch_plan_create(const struct neuron_command_line *line,
                          const struct neuron_runtime_options *options,
                          struct neuron_launch_plan **plan, struct neuron_error *error)
{
    struct neuron_launch_plan *created = calloc(1, sizeof(*created));
    uint32_t core_limit = 0;

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a plan");
    }
    created->request = (struct neuron_placement_request){
        .rank_count = line->rank_count,
        .ranks_per_device = line->placement.ranks_per_device,
        .cores_per_rank = line->placement.cores_per_rank,
        .is_uneven = line->placement.is_uneven,
        .oversubscribes = line->placement.oversubscribes,
    };
    created->lease_options = options->lease;
    /* Where an enclosing launch shares its cores, they stay shared: nobody can reserve them. */
    if (options->lease.kind != NEURON_CORE_LEASE_SHARED) {
        created->lease_options.kind = NEURON_CORE_LEASE_RESERVATION;
    }
    enum neuron_status status = read_machine(created, error);
    if (status == NEURON_OK) {
        status = read_usable(created, options, &core_limit, error);
    }
    if (status == NEURON_OK) {
        status = neuron_launch_plan_place(created, created->usable, core_limit, error);
    }
    if (status != NEURON_OK) {
        neuron_launch_plan_destroy(created);
        return status;
    }
    *plan = created;
    return NEURON_OK;
}

static enum neuron_status
add_range(const struct neuron_launch_plan *plan, const struct neuron_placement_range *range,
          struct neuron_core_set *cores, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < range->count; i += 1) {
        status = neuron_core_set_add(cores, plan->cores[range->first + i], error);
    }
    return status;
}

enum neuron_status
neuron_launch_plan_rank_cores(const struct neuron_launch_plan *plan, uint32_t rank,
                              struct neuron_core_set **cores, struct neuron_error *error)
{
    struct neuron_core_set *created = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &created, error);

    if (status == NEURON_OK) {
        status = add_range(plan, &plan->placement->ranges[rank], created, error);
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(created);
        return status;
    }
    *cores = created;
    return NEURON_OK;
}

size_t
neuron_launch_plan_cpus_bytes(const struct neuron_launch_plan *plan)
{
    uint32_t last = 0;

    if (neuron_topology_is_invented(plan->topology)) {
        return 0;
    }
    for (uint32_t i = 0; i < plan->request.core_count; i += 1) {
        uint32_t cpu = neuron_topology_cpu_of(plan->topology, plan->cores[i]);

        last = cpu > last ? cpu : last;
    }
    return CPU_ALLOC_SIZE(last + 1);
}

void
neuron_launch_plan_fill_cpus(const struct neuron_launch_plan *plan, uint32_t rank, cpu_set_t *cpus,
                             size_t cpus_bytes)
{
    const struct neuron_placement_range *range = &plan->placement->ranges[rank];

    CPU_ZERO_S(cpus_bytes, cpus);
    for (uint32_t i = 0; i < range->count; i += 1) {
        uint32_t core = plan->cores[range->first + i];

        CPU_SET_S(neuron_topology_cpu_of(plan->topology, core), cpus_bytes, cpus);
    }
}

void
neuron_launch_plan_format_lease(const struct neuron_launch_plan *plan, char *text,
                                size_t size_bytes)
{
    bool is_passed_on = plan->lease_options.kind == NEURON_CORE_LEASE_SHARED;
    struct neuron_core_lease_parent parent =
        is_passed_on ? plan->lease_options.parent : neuron_core_lease_as_parent(plan->leases[0]);

    (void)snprintf(text, size_bytes, "%d:%u%s", (int)parent.pid, parent.depth,
                   is_passed_on || plan->placement->is_shared ? ":shared" : "");
}

void
neuron_launch_plan_destroy(struct neuron_launch_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (uint32_t i = 0; i < plan->lease_count; i += 1) {
        neuron_core_lease_release(plan->leases[i]);
    }
    free(plan->leases);
    neuron_placement_destroy(plan->placement);
    free(plan->cores);
    free(plan->devices);
    neuron_core_set_destroy(plan->usable);
    neuron_topology_destroy(plan->topology);
    free(plan);
}

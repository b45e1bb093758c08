/* SPDX-License-Identifier: Apache-2.0 */
#include "launch_plan.h"

#include <stdio.h>
#include <stdlib.h>

static enum neuron_status
add_range(const struct neuron_launch_plan *plan, const struct neuron_placement_range *range,
          struct neuron_core_set *cores, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < range->count; i += 1) {
        status = neuron_core_set_add(cores, plan->row.cores[range->first + i], error);
    }
    return status;
}

struct neuron_launch_row_source
neuron_launch_plan_source(const struct neuron_launch_plan *plan)
{
    return (struct neuron_launch_row_source){
        .topology = plan->topology, .parts = plan->parts, .wishes = &plan->wishes};
}

/* Says whether two ranks have a core in common. Without threads, ranges tell. */
static enum neuron_status
find_shared_cores(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    const struct neuron_placement *placement = plan->placement;
    enum neuron_status status = NEURON_OK;
    struct neuron_core_set *met = NULL;

    plan->shares_cores = placement->is_shared;
    if (!plan->wishes.uses_threads || placement->is_shared) {
        return NEURON_OK;
    }
    status = neuron_core_set_create(0, 0, &met, error);
    for (uint32_t i = 0; status == NEURON_OK && i < placement->rank_count; i += 1) {
        const struct neuron_placement_range *range = &placement->ranges[i];

        for (uint32_t j = 0; j < range->count && !plan->shares_cores; j += 1) {
            plan->shares_cores = neuron_core_set_contains(met, plan->row.cores[range->first + j]);
        }
        status = add_range(plan, range, met, error);
    }
    neuron_core_set_destroy(met);
    return status;
}

/*
 * A program that may run on more CPUs than its own cores takes a list of cores with a gap for a
 * mistake (neuron_topology_is_contiguous).
 */
static enum neuron_status
check_gaps(const struct neuron_launch_plan *plan, struct neuron_error *error)
{
    enum neuron_launch_object bind_to = plan->wishes.bind_to;
    enum neuron_status status = NEURON_OK;

    if (bind_to == NEURON_LAUNCH_BY_DEFAULT || bind_to == NEURON_LAUNCH_BY_CORE) {
        return NEURON_OK;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < plan->placement->rank_count; i += 1) {
        struct neuron_core_set *cores = NULL;
        char text[64] = "";

        status = neuron_launch_plan_rank_cores(plan, i, &cores, error);
        if (status == NEURON_OK && !neuron_topology_is_contiguous(plan->topology, cores)) {
            (void)neuron_core_set_format(cores, text, sizeof(text));
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "rank %u would have cores %s, and may run between them: leave out "
                                 "--bind-to, or choose cores without a gap",
                                 i, text);
        }
        neuron_core_set_destroy(cores);
    }
    return status;
}

enum neuron_status
neuron_launch_plan_place(struct neuron_launch_plan *plan, const struct neuron_core_set *within,
                         uint32_t core_limit, struct neuron_error *error)
{
    struct neuron_placement *placement = NULL;
    const struct neuron_launch_row_source source = neuron_launch_plan_source(plan);

    neuron_launch_row_fill(&plan->row, &source, within);
    plan->request.devices = plan->row.devices;
    plan->request.parts = neuron_launch_row_has_parts(&plan->wishes) ? plan->row.parts : NULL;
    plan->request.part_name = neuron_launch_object_name(plan->wishes.map_by);
    plan->request.turns = neuron_launch_row_has_turns(&plan->wishes) ? plan->row.turns : NULL;
    plan->request.core_count = plan->row.count;
    plan->request.core_limit = core_limit;
    enum neuron_status status = neuron_placement_create(&plan->request, &placement, error);
    if (status != NEURON_OK) {
        return status;
    }
    neuron_placement_destroy(plan->placement);
    plan->placement = placement;
    status = find_shared_cores(plan, error);
    return status == NEURON_OK ? check_gaps(plan, error) : status;
}

/* The cores that NEURON_RT_VISIBLE_CORES names. */
static enum neuron_status
read_named(struct neuron_launch_plan *plan, const char *text, struct neuron_error *error)
{
    enum neuron_status status = neuron_core_set_parse(text, &plan->usable, error);

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
                        text);
    }
    return status;
}

/* The cores that --cpu-set names, instead of all that may be used. */
static enum neuron_status
read_cpu_set(struct neuron_launch_plan *plan, const char *text, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    char usable[64] = "";
    uint32_t position = 0;
    enum neuron_status status = neuron_core_set_parse(text, &cores, error);

    (void)neuron_core_set_format(plan->usable, usable, sizeof(usable));
    if (status == NEURON_INVALID_SYNTAX && error != NULL) {
        const struct neuron_error reason = *error;

        return NEURON_FAIL(error, status, "--cpu-set: %s; this job may use cores %s", reason.text,
                           usable);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (!neuron_core_set_includes(plan->usable, cores)) {
        while (neuron_core_set_contains(plan->usable, neuron_core_set_at(cores, position))) {
            position += 1;
        }
        status =
            NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                        "--cpu-set %.40s: this job may not use core %u, but cores %s (affinity "
                        "mask, control group or NEURON_RT_VISIBLE_CORES)",
                        text, neuron_core_set_at(cores, position), usable);
        neuron_core_set_destroy(cores);
        return status;
    }
    neuron_core_set_destroy(plan->usable);
    plan->usable = cores;
    return NEURON_OK;
}

/* How many entries of the row may be used at once. */
static enum neuron_status
read_limit(const struct neuron_launch_plan *plan, const struct neuron_runtime_options *options,
           uint32_t *core_limit, struct neuron_error *error)
{
    uint32_t limit = plan->wishes.uses_threads ? neuron_topology_thread_limit(plan->topology)
                                               : neuron_topology_core_limit(plan->topology);

    if (!plan->is_named && options->core_count > limit) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "NEURON_RT_NUM_CORES asks for %u cores, but %u can be used; ask for "
                           "fewer, or for 0 to have all",
                           options->core_count, limit);
    }
    *core_limit = plan->is_named || options->core_count == 0 ? limit : options->core_count;
    return NEURON_OK;
}

/* The cores that the environment and the user leave to this launch, and how many of them. */
static enum neuron_status
read_usable(struct neuron_launch_plan *plan, const struct neuron_runtime_options *options,
            uint32_t *core_limit, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    plan->is_named = options->visible_cores != NULL;
    status = read_limit(plan, options, core_limit, error);
    if (status == NEURON_OK) {
        status = plan->is_named ? read_named(plan, options->visible_cores, error)
                                : neuron_core_set_copy(neuron_topology_allowed(plan->topology),
                                                       &plan->usable, error);
    }
    if (status == NEURON_OK && plan->wishes.cpu_set != NULL) {
        status = read_cpu_set(plan, plan->wishes.cpu_set, error);
    }
    return status;
}

enum neuron_status
neuron_launch_plan_read_parts(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    return plan->parts != NULL ? NEURON_OK
                               : neuron_machine_parts_create(plan->topology, &plan->parts, error);
}

static enum neuron_status
read_machine(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    enum neuron_status status = neuron_topology_create(&plan->topology, error);

    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_launch_row_create(plan->topology, &plan->row, error);
    if (status == NEURON_OK && neuron_launch_row_needs_parts(&plan->wishes)) {
        status = neuron_launch_plan_read_parts(plan, error);
    }
    return status;
}

/* Ranks that are packed core by core have one core each, as elsewhere, unless said otherwise. */
static uint32_t
cores_per_rank(const struct neuron_placement_wishes *wishes)
{
    bool packs = wishes->map_by == NEURON_LAUNCH_BY_CORE || wishes->map_by == NEURON_LAUNCH_BY_NODE;

    return wishes->cores_per_rank == 0 && packs ? 1 : wishes->cores_per_rank;
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
    created->wishes = line->placement;
    created->request = (struct neuron_placement_request){
        .rank_count = line->rank_count,
        .ranks_per_device = line->placement.ranks_per_device,
        .cores_per_rank = cores_per_rank(&line->placement),
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

void
neuron_launch_plan_format_lease(const struct neuron_launch_plan *plan, char *text,
                                size_t size_bytes)
{
    bool is_passed_on = plan->lease_options.kind == NEURON_CORE_LEASE_SHARED;
    struct neuron_core_lease_parent parent =
        is_passed_on ? plan->lease_options.parent : neuron_core_lease_as_parent(plan->leases[0]);

    (void)snprintf(text, size_bytes, "%d:%u%s", (int)parent.pid, parent.depth,
                   is_passed_on || plan->shares_cores ? ":shared" : "");
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
    neuron_launch_row_destroy(&plan->row);
    neuron_machine_parts_destroy(plan->parts);
    neuron_core_set_destroy(plan->usable);
    neuron_topology_destroy(plan->topology);
    free(plan);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claiming what was planned. The plan does not know who holds cores, so where somebody does, other
 * cores are tried: a free run for the whole job inside one device; the cores of the plan; a free
 * run anywhere; and last a free run for each rank, wherever there is one. Where the user wants
 * ranks on each device, they stay on theirs. Where the user said how ranks are laid out, the free
 * cores are cut anew as a whole; so they are where the user left open how many cores a rank has.
 */
#include "launch_plan.h"

#include <stdlib.h>
#include <string.h>

enum { RACE_LIMIT = 100 /* times that others may be quicker */ };

/* Makes room for so many leases. */
static enum neuron_status
make_room(struct neuron_launch_plan *plan, uint32_t count, struct neuron_error *error)
{
    free(plan->leases);
    plan->leases = calloc(count, sizeof(struct neuron_core_lease *));
    if (plan->leases == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u leases", count);
    }
    return NEURON_OK;
}

/* Claims exactly the cores of the plan. */
static enum neuron_status
claim_as_planned(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &cores, error);

    for (uint32_t i = 0; status == NEURON_OK && i < plan->placement->rank_count; i += 1) {
        const struct neuron_placement_range *range = &plan->placement->ranges[i];

        for (uint32_t j = 0; status == NEURON_OK && j < range->count; j += 1) {
            status = neuron_core_set_add(cores, plan->row.cores[range->first + j], error);
        }
    }
    if (status == NEURON_OK) {
        status = neuron_core_lease_claim(plan->topology, cores, &plan->lease_options,
                                         &plan->leases[0], error);
    }
    plan->lease_count = status == NEURON_OK ? 1 : 0;
    neuron_core_set_destroy(cores);
    return status;
}

/* Claims any run of as many cores as the plan has, and plans anew inside it. */
static enum neuron_status
claim_run_within(struct neuron_launch_plan *plan, const struct neuron_core_set *within,
                 struct neuron_error *error)
{
    uint32_t count = plan->placement->core_count;
    enum neuron_status status = neuron_core_lease_claim_run(
        plan->topology, within, count, &plan->lease_options, &plan->leases[0], error);

    if (status == NEURON_OK) {
        plan->lease_count = 1;
        status =
            neuron_launch_plan_place(plan, neuron_core_lease_cores(plan->leases[0]), count, error);
    }
    return status;
}

/* The usable cores of a device, a set which the caller destroys. */
static enum neuron_status
find_device(const struct neuron_launch_plan *plan, uint32_t device, struct neuron_core_set **cores,
            struct neuron_error *error)
{
    enum neuron_status status = neuron_core_set_create(0, 0, cores, error);

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_topology_core_count(plan->topology);
         i += 1) {
        if (neuron_core_set_contains(plan->usable, i) &&
            neuron_topology_device_of(plan->topology, i) == device) {
            status = neuron_core_set_add(*cores, i, error);
        }
    }
    return status;
}

/* Claims a run for the whole job inside one device; NEURON_CORES_TAKEN where none has one. */
static enum neuron_status
claim_in_devices(struct neuron_launch_plan *plan, bool *fits, struct neuron_error *error)
{
    uint32_t device_count = neuron_topology_device_count(plan->topology);
    enum neuron_status status = NEURON_CORES_TAKEN;

    for (uint32_t i = 0; status == NEURON_CORES_TAKEN && i < device_count; i += 1) {
        struct neuron_core_set *within = NULL;

        status = find_device(plan, i, &within, error);
        if (status == NEURON_OK && neuron_core_set_count(within) < plan->placement->core_count) {
            status = NEURON_CORES_TAKEN;
        } else if (status == NEURON_OK) {
            *fits = true;
            status = claim_run_within(plan, within, error);
        }
        neuron_core_set_destroy(within);
    }
    return status;
}

/* Claims a run for one rank inside a device. */
static enum neuron_status
claim_rank_in_device(struct neuron_launch_plan *plan, uint32_t device, uint32_t count,
                     struct neuron_error *error)
{
    struct neuron_core_set *within = NULL;
    enum neuron_status status = find_device(plan, device, &within, error);

    if (status == NEURON_OK) {
        status =
            neuron_core_set_count(within) < count
                ? NEURON_CORES_TAKEN
                : neuron_core_lease_claim_run(plan->topology, within, count, &plan->lease_options,
                                              &plan->leases[plan->lease_count], error);
    }
    neuron_core_set_destroy(within);
    return status;
}

/* Claims a run for one rank: inside its device, where it has one; else inside any, or anywhere. */
static enum neuron_status
claim_rank(struct neuron_launch_plan *plan, const struct neuron_placement_range *range,
           struct neuron_error *error)
{
    uint32_t device_count = neuron_topology_device_count(plan->topology);
    struct neuron_core_lease **lease = &plan->leases[plan->lease_count];
    enum neuron_status status = NEURON_CORES_TAKEN;
    uint32_t count = range->count;

    if (plan->request.ranks_per_device != 0) {
        status = claim_rank_in_device(plan, plan->row.devices[range->first], count, error);
        plan->lease_count += status == NEURON_OK ? 1 : 0;
        return status;
    }
    for (uint32_t i = 0; status == NEURON_CORES_TAKEN && i < device_count; i += 1) {
        status = claim_rank_in_device(plan, i, count, error);
    }
    if (status == NEURON_CORES_TAKEN) {
        status = neuron_core_lease_claim_run(plan->topology, plan->usable, count,
                                             &plan->lease_options, lease, error);
    }
    plan->lease_count += status == NEURON_OK ? 1 : 0;
    return status;
}

static int
compare_first_cores(const void *left, const void *right)
{
    const struct neuron_core_lease *const *a = left;
    const struct neuron_core_lease *const *b = right;
    uint32_t first_a = neuron_core_set_at(neuron_core_lease_cores(*a), 0);
    uint32_t first_b = neuron_core_set_at(neuron_core_lease_cores(*b), 0);

    return (first_a > first_b) - (first_a < first_b);
}

/* Gives each rank the cores of a lease, lower ranks lower cores. */
static void
place_on_leases(struct neuron_launch_plan *plan)
{
    struct neuron_placement *placement = plan->placement;
    const struct neuron_launch_row_source source = neuron_launch_plan_source(plan);

    qsort(plan->leases, plan->lease_count, sizeof(struct neuron_core_lease *), compare_first_cores);
    plan->row.count = 0;
    for (uint32_t i = 0; i < plan->lease_count; i += 1) {
        const struct neuron_core_set *cores = neuron_core_lease_cores(plan->leases[i]);
        uint32_t count = neuron_core_set_count(cores);

        placement->ranges[i] =
            (struct neuron_placement_range){.first = plan->row.count, .count = count};
        for (uint32_t j = 0; j < count; j += 1) {
            neuron_launch_row_add(&plan->row, &source, neuron_core_set_at(cores, j));
        }
    }
    placement->rank_count = plan->lease_count;
    placement->core_count = plan->row.count;
    plan->request.core_count = plan->row.count;
}

static void
release_all(struct neuron_launch_plan *plan)
{
    while (plan->lease_count > 0) {
        plan->lease_count -= 1;
        neuron_core_lease_release(plan->leases[plan->lease_count]);
    }
}

/*
 * Claims a run for each rank. Where their number was left open, as many as get one are started.
 *
 * claimed_count  receives how many got one, also on failure, when these are given back.
 */
static enum neuron_status
claim_each_rank(struct neuron_launch_plan *plan, uint32_t *claimed_count,
                struct neuron_error *error)
{
    const struct neuron_placement *placement = plan->placement;
    enum neuron_status status = make_room(plan, placement->rank_count, error);

    for (uint32_t i = 0; status == NEURON_OK && i < placement->rank_count; i += 1) {
        status = claim_rank(plan, &placement->ranges[i], error);
    }
    *claimed_count = plan->lease_count;
    if (status == NEURON_CORES_TAKEN && *claimed_count > 0 && plan->request.rank_count == 0 &&
        plan->request.ranks_per_device == 0) {
        status = NEURON_OK;
    }
    if (status == NEURON_OK) {
        place_on_leases(plan);
    } else {
        release_all(plan);
    }
    return status;
}

/* The last resort; the text of `error` is kept unless this one tells more. */
static enum neuron_status
claim_for_each(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    uint32_t claimed_count = 0;
    enum neuron_status status = claim_each_rank(plan, &claimed_count, &reason);

    /* Once ranks have cores, the text would tell of them; the one so far tells of others. */
    if (status != NEURON_OK && (status != NEURON_CORES_TAKEN || claimed_count == 0)) {
        neuron_error_set(error, status, "%s", reason.text);
    }
    return status;
}

/* Says whether the user said more of where ranks shall be than how many there are. */
static bool
has_wishes(const struct neuron_placement_wishes *wishes)
{
    return wishes->map_by != NEURON_LAUNCH_BY_DEFAULT ||
           wishes->rank_by != NEURON_LAUNCH_BY_DEFAULT || wishes->cpu_set != NULL ||
           wishes->uses_threads;
}

/* Says whether a number of ranks may have as many cores each as there are. */
static bool
leaves_size_open(const struct neuron_placement_request *request)
{
    return request->rank_count > 0 && request->cores_per_rank == 0 && !request->is_uneven;
}

/* Plans anew inside these cores; where no even cut uses all of them, with one that leaves some. */
static enum neuron_status
place_evenly(struct neuron_launch_plan *plan, const struct neuron_core_set *free_cores,
             struct neuron_error *error)
{
    uint32_t limit = plan->request.core_limit;
    uint32_t count = neuron_core_set_count(free_cores);
    uint32_t usable = count < limit ? count : limit;
    enum neuron_status status = neuron_launch_plan_place(plan, free_cores, limit, error);

    if (status == NEURON_INVALID_ARGUMENT && leaves_size_open(&plan->request) &&
        usable >= plan->request.rank_count) {
        plan->request.cores_per_rank = usable / plan->request.rank_count;
        status = neuron_launch_plan_place(plan, free_cores, limit, error);
        plan->request.cores_per_rank = 0;
    }
    return status;
}

/* Plans anew inside what is free at this moment. */
static enum neuron_status
place_in_free(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    struct neuron_core_set *free_cores = NULL;
    enum neuron_status status = neuron_core_lease_list_free(
        plan->topology, plan->usable, &plan->lease_options, &free_cores, error);

    if (status == NEURON_OK && neuron_core_set_count(free_cores) == 0) {
        status = NEURON_CORES_TAKEN;
    }
    if (status == NEURON_OK) {
        status = place_evenly(plan, free_cores, error);
    }
    neuron_core_set_destroy(free_cores);
    return status;
}

/*
 * Claims the cores of the plan; where others hold some, what is free is cut anew by the same
 * wishes, again and again while others are quicker. The text of the refusal tells who holds what.
 */
static enum neuron_status
claim_by_wishes(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    enum neuron_status status = claim_as_planned(plan, error);

    for (int i = 0; status == NEURON_CORES_TAKEN && i < RACE_LIMIT; i += 1) {
        enum neuron_status placed = place_in_free(plan, &reason);

        if (placed != NEURON_OK) {
            bool is_refused = placed == NEURON_INVALID_ARGUMENT || placed == NEURON_CORES_TAKEN;

            return is_refused ? status : NEURON_FAIL(error, placed, "%s", reason.text);
        }
        status = claim_as_planned(plan, error);
    }
    return status;
}

enum neuron_status
neuron_launch_plan_claim(struct neuron_launch_plan *plan, struct neuron_error *error)
{
    bool fits_one_device = false;
    bool keeps_devices = plan->request.ranks_per_device != 0;
    enum neuron_status status = make_room(plan, 1, error);

    if (status != NEURON_OK || plan->is_named) {
        return status == NEURON_OK ? claim_as_planned(plan, error) : status;
    }
    if (has_wishes(&plan->wishes)) {
        return claim_by_wishes(plan, error);
    }
    status = keeps_devices ? NEURON_CORES_TAKEN : claim_in_devices(plan, &fits_one_device, error);
    if (status == NEURON_CORES_TAKEN && !fits_one_device) {
        status = claim_as_planned(plan, error);
    }
    if (status == NEURON_CORES_TAKEN && !keeps_devices &&
        neuron_topology_device_count(plan->topology) > 1) {
        status = claim_run_within(plan, plan->usable, error);
    }
    if (status == NEURON_CORES_TAKEN && !plan->placement->is_shared) {
        status = claim_for_each(plan, error);
    }
    if (status == NEURON_CORES_TAKEN && !keeps_devices && leaves_size_open(&plan->request)) {
        status = claim_by_wishes(plan, error);
    }
    return status;
}

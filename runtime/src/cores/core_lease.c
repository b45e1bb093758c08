/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lease holds each of its cores by a lock on that core's file (lease_locks.c). Claims and
 * releases are decided one at a time on the whole machine, which makes several cores one decision.
 */
#include "neuron/core_lease.h"

#include <stdlib.h>
#include <unistd.h>

#include "cores/lease_files.h"
#include "cores/lease_locks.h"
#include "cores/lease_refusal.h"
#include "cores/topology_body.h"

struct neuron_core_lease {
    struct neuron_lease_files files;
    struct neuron_core_set *cores;
    struct neuron_held_core *held;
    uint32_t held_count;
    struct neuron_lease_locks locks;
    pid_t owner; /* a forked child has the memory, not the locks */
};

/* What is wanted: a run of `count` cores among these, or, when `count` is 0, all of these. */
struct search {
    const struct neuron_core_set *cores;
    uint32_t count;
};

/* Takes one core, and adds it to the lease. */
static enum neuron_lock_outcome
take_core(struct neuron_core_lease *lease, uint32_t core, struct neuron_lease_obstacle *obstacle,
          struct neuron_error *error)
{
    struct neuron_held_core *held = &lease->held[lease->held_count];
    enum neuron_lock_outcome outcome = NEURON_LOCK_HELD_BY_OTHER;
    pid_t holder = getpid();

    if (!neuron_lease_files_is_own(&lease->files, core)) {
        outcome = neuron_lease_locks_take(&lease->locks, &lease->files, core, held, &holder, error);
    }
    if (outcome == NEURON_LOCK_TAKEN) {
        /* What is borrowed stays noted as its lender's. */
        if (lease->locks.kind != NEURON_CORE_LEASE_BORROWED) {
            neuron_lease_files_note_owner(&lease->files, core, lease->locks.depth);
        }
        lease->held_count += 1;
    } else if (outcome == NEURON_LOCK_HELD_BY_OTHER &&
               neuron_lease_obstacle_note(obstacle, core, holder, error) != NEURON_OK) {
        return NEURON_LOCK_FAILED;
    }
    return outcome;
}

/* Gives back all cores taken so far. The caller keeps other claims out. */
static void
give_back(struct neuron_core_lease *lease)
{
    for (uint32_t i = 0; i < lease->held_count; i += 1) {
        neuron_lease_files_forget_owner(&lease->files, lease->held[i].core, lease->locks.depth);
        (void)close(lease->held[i].file);
    }
    lease->held_count = 0;
}

/* Takes exactly the cores of the set, or none. */
static enum neuron_status
take_all(struct neuron_core_lease *lease, const struct neuron_core_set *cores,
         struct neuron_lease_obstacle *obstacle, struct neuron_error *error)
{
    uint32_t count = neuron_core_set_count(cores);

    for (uint32_t i = 0; i < count; i += 1) {
        if (take_core(lease, neuron_core_set_at(cores, i), obstacle, error) == NEURON_LOCK_FAILED) {
            give_back(lease);
            return error->status;
        }
    }
    if (neuron_core_set_count(obstacle->taken) == 0) {
        return NEURON_OK;
    }
    give_back(lease);
    return neuron_lease_refuse_cores(obstacle, cores, error);
}

/* The cores that the lease holds now, as a run. */
static struct neuron_free_run
held_run(const struct neuron_core_lease *lease)
{
    if (lease->held_count == 0) {
        return (struct neuron_free_run){0};
    }
    return (struct neuron_free_run){.count = lease->held_count,
                                    .first = lease->held[0].core,
                                    .last = lease->held[lease->held_count - 1].core};
}

/* Takes the first run of free cores as long as wanted, among those that are allowed and wanted. */
static enum neuron_status
take_run(struct neuron_core_lease *lease, const struct neuron_core_set *allowed,
         const struct search *search, struct neuron_lease_obstacle *obstacle,
         struct neuron_error *error)
{
    uint32_t allowed_count = neuron_core_set_count(allowed);
    struct neuron_free_run longest = {0};

    for (uint32_t i = 0; i < allowed_count && lease->held_count < search->count; i += 1) {
        uint32_t core = neuron_core_set_at(allowed, i);
        enum neuron_lock_outcome outcome = neuron_core_set_contains(search->cores, core)
                                               ? take_core(lease, core, obstacle, error)
                                               : NEURON_LOCK_HELD_BY_OTHER;

        longest = lease->held_count > longest.count ? held_run(lease) : longest;
        if (outcome != NEURON_LOCK_TAKEN) {
            give_back(lease);
        }
        if (outcome == NEURON_LOCK_FAILED) {
            return error->status;
        }
    }
    if (lease->held_count == search->count) {
        return NEURON_OK;
    }
    give_back(lease);
    return neuron_lease_refuse_run(obstacle, search->count, &longest, error);
}

/* The lease's set of cores, from what it holds. */
static enum neuron_status
name_cores(struct neuron_core_lease *lease, struct neuron_error *error)
{
    enum neuron_status status = neuron_core_set_create(0, 0, &lease->cores, error);

    for (uint32_t i = 0; status == NEURON_OK && i < lease->held_count; i += 1) {
        status = neuron_core_set_add(lease->cores, lease->held[i].core, error);
    }
    return status;
}

/* How deep a lease is: what is borrowed, as deep as with its lender. */
static uint32_t
depth_of(const struct neuron_core_lease_options *options)
{
    if (options->kind == NEURON_CORE_LEASE_BORROWED) {
        return options->parent.depth;
    }
    return options->parent.pid == 0 ? 0 : options->parent.depth + 1;
}

/* Refuses what no claim can be: too deep, or shared with nobody. */
static enum neuron_status
check_options(const struct neuron_core_lease_options *options, struct neuron_error *error)
{
    const struct neuron_core_lease_parent *parent = &options->parent;

    if (parent->pid == 0) {
        if (options->kind == NEURON_CORE_LEASE_SHARED) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "cores are shared only inside a reservation that allows it");
        }
        if (options->kind == NEURON_CORE_LEASE_BORROWED) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "cores are borrowed only of a process that holds them");
        }
        return NEURON_OK;
    }
    if (parent->depth >= NEURON_LEASE_DEPTH_LIMIT) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "pid %d has no reservation at depth %u, deeper than any can be; check "
                           "NEURONRUN_LEASE",
                           (int)parent->pid, parent->depth);
    }
    if (depth_of(options) >= NEURON_LEASE_DEPTH_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "launches are nested more than %d deep",
                           NEURON_LEASE_DEPTH_LIMIT);
    }
    return NEURON_OK;
}

static enum neuron_status
create_lease(const struct neuron_topology *topology,
             const struct neuron_core_lease_options *options, struct neuron_core_lease **lease,
             struct neuron_error *error)
{
    struct neuron_core_lease *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a core lease");
    }
    created->locks.kind = options->kind;
    created->locks.parent = options->parent;
    created->locks.depth = depth_of(options);
    created->owner = getpid();
    created->held = calloc(neuron_topology_core_count(topology), sizeof(*created->held));
    enum neuron_status status = check_options(options, error);
    if (created->held == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a core lease");
    }
    if (status == NEURON_OK) {
        status = neuron_lease_files_open(&created->files, topology, options->directory, error);
    }
    if (status != NEURON_OK) {
        free(created->held);
        free(created);
        return status;
    }
    *lease = created;
    return NEURON_OK;
}

static enum neuron_status
claim(const struct neuron_topology *topology, const struct search *search,
      const struct neuron_core_lease_options *options, struct neuron_core_lease **lease,
      struct neuron_error *error)
{
    const struct neuron_core_lease_options defaults = {0};
    struct neuron_error unused = {0};
    struct neuron_lease_obstacle obstacle = {0};
    struct neuron_core_lease *created = NULL;

    error = error == NULL ? &unused : error;
    options = options == NULL ? &defaults : options;
    enum neuron_status status = create_lease(topology, options, &created, error);
    if (status != NEURON_OK) {
        return status;
    }
    status = neuron_core_set_create(0, 0, &obstacle.taken, error);
    if (status == NEURON_OK) {
        status = neuron_lease_files_enter(&created->files, error);
    }
    if (status == NEURON_OK) {
        status = search->count == 0 ? take_all(created, search->cores, &obstacle, error)
                                    : take_run(created, neuron_topology_allowed(topology), search,
                                               &obstacle, error);
        neuron_lease_files_leave(&created->files);
    }
    if (status == NEURON_OK) {
        status = name_cores(created, error);
    }
    neuron_core_set_destroy(obstacle.taken);
    if (status != NEURON_OK) {
        neuron_core_lease_release(created);
        return status;
    }
    *lease = created;
    return NEURON_OK;
}

enum neuron_status
neuron_core_lease_claim(const struct neuron_topology *topology, const struct neuron_core_set *cores,
                        const struct neuron_core_lease_options *options,
                        struct neuron_core_lease **lease, struct neuron_error *error)
{
    const struct search all = {.cores = cores};
    enum neuron_status status = neuron_topology_check(topology, cores, "a claim", error);

    if (status != NEURON_OK) {
        return status;
    }
    if (neuron_core_set_count(cores) == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a claim names no core");
    }
    return claim(topology, &all, options, lease, error);
}

enum neuron_status
neuron_core_lease_claim_run(const struct neuron_topology *topology,
                            const struct neuron_core_set *within, uint32_t count,
                            const struct neuron_core_lease_options *options,
                            struct neuron_core_lease **lease, struct neuron_error *error)
{
    struct search run = {.cores = within == NULL ? neuron_topology_allowed(topology) : within,
                         .count = count};
    uint32_t limit = neuron_topology_core_limit(topology);
    uint32_t usable = neuron_core_set_count(run.cores);
    enum neuron_status status =
        neuron_topology_check_allowed(topology, run.cores, "a claim", error);

    if (status != NEURON_OK) {
        return status;
    }
    if (count == 0 && usable <= limit && !neuron_topology_is_contiguous(topology, run.cores)) {
        return neuron_core_lease_claim(topology, run.cores, options, lease, error);
    }
    usable = usable < limit ? usable : limit;
    run.count = count == 0 ? usable : count;
    if (run.count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a claim names no core");
    }
    if (run.count > usable) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "asked for %u cores, but this process may use %u at once", count,
                           usable);
    }
    return claim(topology, &run, options, lease, error);
}

/* Takes what can be taken, and gives it back once it is listed. The caller keeps others out. */
static enum neuron_status
list_free(struct neuron_core_lease *lease, const struct neuron_core_set *within,
          struct neuron_lease_obstacle *obstacle, struct neuron_error *error)
{
    uint32_t count = neuron_core_set_count(within);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        uint32_t core = neuron_core_set_at(within, i);

        if (take_core(lease, core, obstacle, error) == NEURON_LOCK_FAILED) {
            status = error->status;
        }
    }
    if (status == NEURON_OK) {
        status = name_cores(lease, error);
    }
    give_back(lease);
    return status;
}

enum neuron_status
neuron_core_lease_list_free(const struct neuron_topology *topology,
                            const struct neuron_core_set *within,
                            const struct neuron_core_lease_options *options,
                            struct neuron_core_set **cores, struct neuron_error *error)
{
    const struct neuron_core_lease_options defaults = {0};
    struct neuron_error unused = {0};
    struct neuron_lease_obstacle obstacle = {0};
    struct neuron_core_lease *lease = NULL;

    error = error == NULL ? &unused : error;
    enum neuron_status status = neuron_topology_check_allowed(topology, within, "a list", error);
    if (status == NEURON_OK) {
        status = create_lease(topology, options == NULL ? &defaults : options, &lease, error);
    }
    if (status == NEURON_OK) {
        status = neuron_core_set_create(0, 0, &obstacle.taken, error);
    }
    if (status == NEURON_OK) {
        status = neuron_lease_files_enter(&lease->files, error);
    }
    if (status == NEURON_OK) {
        status = list_free(lease, within, &obstacle, error);
        neuron_lease_files_leave(&lease->files);
    }
    if (status == NEURON_OK) {
        *cores = lease->cores;
        lease->cores = NULL;
    }
    neuron_core_set_destroy(obstacle.taken);
    neuron_core_lease_release(lease);
    return status;
}

const struct neuron_core_set *
neuron_core_lease_cores(const struct neuron_core_lease *lease)
{
    return lease->cores;
}

struct neuron_core_lease_parent
neuron_core_lease_as_parent(const struct neuron_core_lease *lease)
{
    return (struct neuron_core_lease_parent){.pid = lease->owner, .depth = lease->locks.depth};
}

void
neuron_core_lease_lend(const struct neuron_core_lease *lease,
                       struct neuron_core_lease_options *options)
{
    *options = (struct neuron_core_lease_options){.parent = neuron_core_lease_as_parent(lease),
                                                  .directory = lease->files.path};
    if (lease->locks.kind == NEURON_CORE_LEASE_USE) {
        options->kind = NEURON_CORE_LEASE_BORROWED;
    } else if (lease->locks.kind != NEURON_CORE_LEASE_RESERVATION) {
        options->kind = lease->locks.kind;
        options->parent = lease->locks.parent;
    }
}

void
neuron_core_lease_release(struct neuron_core_lease *lease)
{
    if (lease == NULL) {
        return;
    }
    if (lease->owner == getpid() && lease->held_count > 0 &&
        neuron_lease_files_enter(&lease->files, NULL) == NEURON_OK) {
        give_back(lease);
        neuron_lease_files_leave(&lease->files);
    }
    for (uint32_t i = 0; i < lease->held_count; i += 1) {
        (void)close(lease->held[i].file);
    }
    neuron_lease_files_close(&lease->files);
    neuron_core_set_destroy(lease->cores);
    free(lease->held);
    free(lease);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core is a file, and byte d of it stands for depth d of nesting:
 *
 *   use at depth d          write lock from byte d to infinity: nobody claims below or beside it
 *   shared use at depth d   the same with a read lock
 *   reservation at depth d  write lock of byte d alone; what it was given for starts at byte d + 1
 *
 * A claim inside a reservation first asks the kernel who locks the byte above. A reservation takes
 * the whole tail first and then gives back all but its byte, so that it sees workers that an
 * earlier, dead launcher left behind.
 *
 * The locks are the process's (F_SETLK), not the open file's: a forked child does not inherit them,
 * they end with the process even while such a child lives on, and F_GETLK names the holder. Their
 * price is that closing any descriptor of a file drops the process's locks on it. So each core has
 * a file of its own, and a file that this process holds already is never opened again: the notes in
 * the file of owners tell. Claims and releases are decided one at a time on the whole machine,
 * which makes several cores one decision.
 */
#include "neuron/core_lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cores/lease_files.h"
#include "cores/topology_body.h"
#include "neuron/process_identity.h"

/* A core that is held, by the descriptor that the lock hangs on. */
struct held_core {
    uint32_t core;
    int file;
};

struct neuron_core_lease {
    struct neuron_lease_files files;
    struct neuron_core_set *cores;
    struct held_core *held;
    uint32_t held_count;
    uint32_t depth;
    enum neuron_core_lease_kind kind;
    struct neuron_core_lease_parent parent;
    pid_t owner; /* a forked child has the memory, not the locks */
};

/* What stood in the way of a claim. */
struct obstacle {
    struct neuron_core_set *taken; /* all cores that were found taken */
    pid_t holder;                  /* of the first of them; 0 when it cannot be seen */
    bool is_own;                   /* this process itself holds the first of them */
};

/* What is wanted: a run of `count` cores among these, or, when `count` is 0, all of these. */
struct search {
    const struct neuron_core_set *cores;
    uint32_t count;
};

/* How trying to take one core ended. */
enum outcome { TAKEN_BY_US, HELD_BY_OTHER, FAILED };

static struct flock
lock_of(short type, uint32_t first_byte, off_t length)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)first_byte, .l_len = length};
}

/* Notes a core that is taken, and who holds it when it is the first. */
static enum outcome
note_obstacle(struct obstacle *obstacle, uint32_t core, pid_t holder, struct neuron_error *error)
{
    if (neuron_core_set_count(obstacle->taken) == 0) {
        obstacle->holder = holder;
        obstacle->is_own = holder == getpid();
    }
    return neuron_core_set_add(obstacle->taken, core, error) == NEURON_OK ? HELD_BY_OTHER : FAILED;
}

/* Asks the kernel whether the parent holds its byte of the core. */
static enum neuron_status
check_parent(const struct neuron_core_lease *lease, const struct held_core *held,
             struct neuron_error *error)
{
    struct flock lock = lock_of(F_WRLCK, lease->parent.depth, 1);

    if (lease->parent.pid == 0) {
        return NEURON_OK;
    }
    if (fcntl(held->file, F_GETLK, &lock) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot ask who holds core %u: %s", held->core,
                           strerrordesc_np(errno));
    }
    if (lock.l_type == F_UNLCK || lock.l_pid != lease->parent.pid) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "core %u is not reserved by pid %d, whose reservation NEURONRUN_LEASE "
                           "names; start this program under a launcher that runs, or unset it",
                           held->core, (int)lease->parent.pid);
    }
    return NEURON_OK;
}

/* Takes the lock of an open core file, as the lease's kind has it. */
static enum outcome
lock_core(const struct neuron_core_lease *lease, const struct held_core *held,
          struct obstacle *obstacle, struct neuron_error *error)
{
    short type = lease->kind == NEURON_CORE_LEASE_SHARED ? F_RDLCK : F_WRLCK;
    struct flock lock = lock_of(type, lease->depth, 0);
    struct flock tail = lock_of(F_UNLCK, lease->depth + 1, 0);

    if (fcntl(held->file, F_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES) {
            neuron_error_set(error, NEURON_SYSTEM, "cannot lock core %u in %s: %s", held->core,
                             lease->files.path, strerrordesc_np(errno));
            return FAILED;
        }
        if (fcntl(held->file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
            lock.l_pid = 0;
        }
        return note_obstacle(obstacle, held->core, lock.l_pid, error);
    }
    if (lease->kind == NEURON_CORE_LEASE_RESERVATION && fcntl(held->file, F_SETLK, &tail) != 0) {
        neuron_error_set(error, NEURON_SYSTEM, "cannot reserve core %u in %s: %s", held->core,
                         lease->files.path, strerrordesc_np(errno));
        return FAILED;
    }
    return TAKEN_BY_US;
}

/* Takes one core, and adds it to the lease. */
static enum outcome
take_core(struct neuron_core_lease *lease, uint32_t core, struct obstacle *obstacle,
          struct neuron_error *error)
{
    if (neuron_lease_files_is_own(&lease->files, core)) {
        return note_obstacle(obstacle, core, getpid(), error);
    }
    struct held_core held = {.core = core,
                             .file = neuron_lease_files_open_core(&lease->files, core, error)};
    if (held.file < 0) {
        return FAILED;
    }
    enum outcome outcome = check_parent(lease, &held, error) == NEURON_OK
                               ? lock_core(lease, &held, obstacle, error)
                               : FAILED;
    if (outcome != TAKEN_BY_US) {
        (void)close(held.file);
        return outcome;
    }
    neuron_lease_files_note_owner(&lease->files, core, lease->depth);
    lease->held[lease->held_count] = held;
    lease->held_count += 1;
    return TAKEN_BY_US;
}

/* Gives back all cores taken so far. The caller keeps other claims out. */
static void
give_back(struct neuron_core_lease *lease)
{
    for (uint32_t i = 0; i < lease->held_count; i += 1) {
        neuron_lease_files_forget_owner(&lease->files, lease->held[i].core, lease->depth);
        (void)close(lease->held[i].file);
    }
    lease->held_count = 0;
}

/* Refuses a claim: what was asked, and who holds the cores that stood in its way. */
static enum neuron_status
refuse_taken(const struct obstacle *obstacle, const char *asked, struct neuron_error *error)
{
    uint32_t count = neuron_core_set_count(obstacle->taken);
    char taken[48] = "";
    char holder[160] = "";

    if (count == 0) {
        return NEURON_FAIL(error, NEURON_CORES_TAKEN, "%s, though all of them are free", asked);
    }
    (void)neuron_core_set_format(obstacle->taken, taken, sizeof(taken));
    return NEURON_FAIL(error, NEURON_CORES_TAKEN, "%s: %s %s held by %s%s", asked,
                       count == 1 ? "core" : "cores", taken,
                       neuron_process_describe(obstacle->holder, holder, sizeof(holder)),
                       obstacle->is_own ? ", which is this process" : "");
}

/* Takes exactly the cores of the set, or none. */
static enum neuron_status
take_all(struct neuron_core_lease *lease, const struct neuron_core_set *cores,
         struct obstacle *obstacle, struct neuron_error *error)
{
    uint32_t count = neuron_core_set_count(cores);
    char text[48] = "";
    char asked[96] = "";

    for (uint32_t i = 0; i < count; i += 1) {
        if (take_core(lease, neuron_core_set_at(cores, i), obstacle, error) == FAILED) {
            give_back(lease);
            return error->status;
        }
    }
    if (neuron_core_set_count(obstacle->taken) == 0) {
        return NEURON_OK;
    }
    give_back(lease);
    (void)neuron_core_set_format(cores, text, sizeof(text));
    (void)snprintf(asked, sizeof(asked), "cannot have cores %s of this machine", text);
    return refuse_taken(obstacle, asked, error);
}

/* A run of free cores: its first and last core. */
struct free_run {
    uint32_t count;
    uint32_t first;
    uint32_t last;
};

/* The cores that the lease holds now, as a run. */
static struct free_run
held_run(const struct neuron_core_lease *lease)
{
    if (lease->held_count == 0) {
        return (struct free_run){0};
    }
    return (struct free_run){.count = lease->held_count,
                             .first = lease->held[0].core,
                             .last = lease->held[lease->held_count - 1].core};
}

static enum neuron_status
refuse_run(const struct obstacle *obstacle, uint32_t count, const struct free_run *longest,
           struct neuron_error *error)
{
    char asked[96] = "";

    if (longest->count == 0) {
        (void)snprintf(asked, sizeof(asked), "no core is free");
    } else if (longest->count == 1) {
        (void)snprintf(asked, sizeof(asked),
                       "no %u free cores in a row, the longest run is core %u", count,
                       longest->first);
    } else {
        (void)snprintf(asked, sizeof(asked),
                       "no %u free cores in a row, the longest run is cores %u-%u", count,
                       longest->first, longest->last);
    }
    return refuse_taken(obstacle, asked, error);
}

/* Takes the first run of `count` free cores among those allowed that are in `within`. */
static enum neuron_status
take_run(struct neuron_core_lease *lease, const struct neuron_core_set *allowed,
         const struct search *search, struct obstacle *obstacle, struct neuron_error *error)
{
    uint32_t allowed_count = neuron_core_set_count(allowed);
    struct free_run longest = {0};

    for (uint32_t i = 0; i < allowed_count && lease->held_count < search->count; i += 1) {
        uint32_t core = neuron_core_set_at(allowed, i);
        enum outcome outcome = neuron_core_set_contains(search->cores, core)
                                   ? take_core(lease, core, obstacle, error)
                                   : HELD_BY_OTHER;

        longest = lease->held_count > longest.count ? held_run(lease) : longest;
        if (outcome != TAKEN_BY_US) {
            give_back(lease);
        }
        if (outcome == FAILED) {
            return error->status;
        }
    }
    if (lease->held_count == search->count) {
        return NEURON_OK;
    }
    give_back(lease);
    return refuse_run(obstacle, search->count, &longest, error);
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

static enum neuron_status
create_lease(const struct neuron_topology *topology,
             const struct neuron_core_lease_options *options, struct neuron_core_lease **lease,
             struct neuron_error *error)
{
    struct neuron_core_lease *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a core lease");
    }
    created->kind = options->kind;
    created->parent = options->parent;
    created->depth = options->parent.pid == 0 ? 0 : options->parent.depth + 1;
    created->owner = getpid();
    created->held = calloc(neuron_topology_core_count(topology), sizeof(*created->held));
    enum neuron_status status = NEURON_OK;
    if (created->held == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a core lease");
    } else if (created->depth >= NEURON_LEASE_DEPTH_LIMIT) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "launches are nested %u deep; at most %d can be", created->depth,
                             NEURON_LEASE_DEPTH_LIMIT);
    } else if (options->kind == NEURON_CORE_LEASE_SHARED && options->parent.pid == 0) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "cores are shared only inside a reservation that allows it");
    } else {
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
    struct obstacle obstacle = {0};
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

const struct neuron_core_set *
neuron_core_lease_cores(const struct neuron_core_lease *lease)
{
    return lease->cores;
}

struct neuron_core_lease_parent
neuron_core_lease_as_parent(const struct neuron_core_lease *lease)
{
    return (struct neuron_core_lease_parent){.pid = lease->owner, .depth = lease->depth};
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

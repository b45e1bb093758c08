/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases say who is to be looked at. Processes without a lease of their own, which borrow that of
 * another or share it unseen, are found below those that have one; they count where they have a
 * runtime.
 */
#include "node/node_watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "growing_array.h"
#include "neuron/clock.h"

#include "node/node_tree.h"
#include "node/process_children.h"
#include "node/watched_process.h"

struct neuron_node_watch {
    const char *directory;
    uint64_t machine; /* whose holders are looked at */
    struct neuron_watched_processes watched;
};

/* A sample in the making. */
struct look {
    struct neuron_node_watch *watch;
    struct neuron_node_sample *sample;
    struct neuron_node_place *places; /* of the sample's processes */
    uint32_t room;
    uint32_t place_room;
};

enum neuron_status
neuron_node_watch_create(const struct neuron_topology *topology, const char *directory,
                         struct neuron_node_watch **watch, struct neuron_error *error)
{
    struct neuron_node_watch *created = NULL;
    struct stat state = {0};

    /* The machine's own folder is made by the first who needs it; one that was named is there. */
    if (directory != NULL && (stat(directory, &state) != 0 || !S_ISDIR(state.st_mode))) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "there is no folder of core leases %.120s; set "
                           "NEURON_RT_LEASE_DIRECTORY as it is for those who hold cores",
                           directory);
    }
    created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a watch");
    }
    created->directory = directory;
    created->machine = neuron_core_holders_machine(topology);
    created->watched.machine = created->machine;
    *watch = created;
    return NEURON_OK;
}

/* The position of a process in the sample; neuron_no_process for none. */
static uint32_t
find_entry(const struct neuron_node_sample *sample, pid_t pid)
{
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (sample->processes[i].pid == pid) {
            return i;
        }
    }
    return neuron_no_process;
}

/* Adds an entry with nothing in it but cores. */
static enum neuron_status
grow_sample(struct look *look, struct neuron_error *error)
{
    struct neuron_node_sample *sample = look->sample;
    struct neuron_node_process *processes =
        neuron_grow(sample->processes, sample->process_count, &look->room, sizeof(*processes));
    struct neuron_node_place *places = NULL;

    if (processes != NULL) {
        sample->processes = processes;
        places =
            neuron_grow(look->places, sample->process_count, &look->place_room, sizeof(*places));
    }
    if (places == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the processes on cores");
    }
    look->places = places;
    processes[sample->process_count] = (struct neuron_node_process){.parent = neuron_no_process};
    return neuron_core_set_create(0, 0, &processes[sample->process_count].cores, error);
}

static void
free_entry(struct neuron_node_process *entry)
{
    for (uint32_t i = 0; i < entry->runtime_count; i += 1) {
        neuron_counter_sample_clear(&entry->runtimes[i]);
    }
    free(entry->runtimes);
    neuron_core_set_destroy(entry->cores);
}

/*
 * Adds a process to the sample.
 *
 * position  receives where it is; neuron_no_process where it has ended meanwhile.
 */
static enum neuron_status
add_entry(struct look *look, pid_t pid, const struct neuron_node_place *place, uint32_t *position,
          struct neuron_error *error)
{
    struct neuron_watched_process *watched = NULL;
    enum neuron_status status = NEURON_OK;

    *position = neuron_no_process;
    if (pid != 0) {
        status = neuron_watched_processes_find(&look->watch->watched, pid, &watched, error);
        if (status != NEURON_OK || watched == NULL) {
            return status;
        }
        watched->is_wanted = true;
    }
    status = grow_sample(look, error);
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_node_process *entry = &look->sample->processes[look->sample->process_count];
    status = pid == 0 ? NEURON_OK : neuron_watched_process_read(watched, entry, error);
    if (status != NEURON_OK) {
        free_entry(entry);
        return status == NEURON_PEER_LOST ? NEURON_OK : status;
    }
    *position = look->sample->process_count;
    look->places[*position] = *place;
    look->sample->process_count += 1;
    return NEURON_OK;
}

/* Adds what a process holds; those that cannot be seen each by itself. */
static enum neuron_status
add_holder(struct look *look, const struct neuron_core_holder *holder, struct neuron_error *error)
{
    const struct neuron_node_place place = {.depth = holder->depth, .parent = neuron_no_process};
    uint32_t position =
        holder->pid == 0 ? neuron_no_process : find_entry(look->sample, holder->pid);
    enum neuron_status status = NEURON_OK;

    if (position == neuron_no_process) {
        status = add_entry(look, holder->pid, &place, &position, error);
        if (status != NEURON_OK || position == neuron_no_process) {
            return status;
        }
        look->sample->processes[position].kind = holder->kind;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_core_set_count(holder->cores); i += 1) {
        uint32_t core = neuron_core_set_at(holder->cores, i);

        if (!neuron_core_set_contains(look->sample->processes[position].cores, core)) {
            status = neuron_core_set_add(look->sample->processes[position].cores, core, error);
        }
    }
    return status;
}

static enum neuron_status
add_holders(struct look *look, struct neuron_error *error)
{
    struct neuron_core_holders list = {0};
    enum neuron_status status = neuron_core_holders_read_all(look->watch->directory, &list, error);

    for (uint32_t i = 0; status == NEURON_OK && i < list.count; i += 1) {
        if (list.holders[i].machine == look->watch->machine) {
            status = add_holder(look, &list.holders[i], error);
        }
    }
    neuron_core_holders_clear(&list);
    return status;
}

/* Says whether a core is held by processes that share it. */
static bool
is_shared(const struct neuron_node_sample *sample, uint32_t core)
{
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (sample->processes[i].kind == NEURON_CORE_LEASE_SHARED &&
            neuron_core_set_contains(sample->processes[i].cores, core)) {
            return true;
        }
    }
    return false;
}

/* Adds the cores that a runtime shares with one whose lease was listed. */
static enum neuron_status
add_shared_cores(const struct neuron_node_sample *sample,
                 const struct neuron_counter_sample *runtime, struct neuron_core_set *cores,
                 struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t nc = 0; status == NEURON_OK && nc < runtime->core_count; nc += 1) {
        uint32_t core = runtime->cores[nc].core;

        if (is_shared(sample, core) && !neuron_core_set_contains(cores, core)) {
            status = neuron_core_set_add(cores, core, error);
        }
    }
    return status;
}

/* Finds what a process without a lease that was listed works on: cores that it shares, or, where
   there are none, those of another. */
static enum neuron_status
find_shared_cores(const struct neuron_node_sample *sample, struct neuron_node_process *entry,
                  struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < entry->runtime_count; i += 1) {
        status = add_shared_cores(sample, &entry->runtimes[i], entry->cores, error);
    }
    entry->kind = neuron_core_set_count(entry->cores) > 0 ? NEURON_CORE_LEASE_SHARED
                                                          : NEURON_CORE_LEASE_BORROWED;
    return status;
}

/* Adds a process below one in the sample, if it has a runtime of its own. */
static enum neuron_status
add_descendant(struct look *look, pid_t pid, uint32_t ancestor, struct neuron_error *error)
{
    const struct neuron_node_place place = {.depth = NEURON_NODE_NO_LEASE, .parent = ancestor};
    struct neuron_watched_process *watched = NULL;
    uint32_t position = 0;
    enum neuron_status status =
        neuron_watched_processes_find(&look->watch->watched, pid, &watched, error);

    if (status != NEURON_OK || watched == NULL) {
        return status;
    }
    watched->is_wanted = true; /* so that its texts are kept, whether it is shown or not */
    if (!neuron_watched_process_has_runtime(watched)) {
        return NEURON_OK;
    }
    status = add_entry(look, pid, &place, &position, error);
    if (status == NEURON_OK && position != neuron_no_process) {
        status = find_shared_cores(look->sample, &look->sample->processes[position], error);
    }
    return status;
}

/* Looks below one process of the sample, as far as there are others that were found by a lease. */
static enum neuron_status
add_descendants(struct look *look, uint32_t ancestor, struct neuron_error *error)
{
    struct neuron_process_children below = {0};
    enum neuron_status status =
        neuron_process_children_add(look->sample->processes[ancestor].pid, &below, error);

    for (uint32_t i = 0; status == NEURON_OK && i < below.count; i += 1) {
        pid_t pid = below.pids[i];

        if (find_entry(look->sample, pid) != neuron_no_process) {
            continue; /* what is below it is found from there */
        }
        status = add_descendant(look, pid, ancestor, error);
        if (status == NEURON_OK) {
            status = neuron_process_children_add(pid, &below, error);
        }
    }
    neuron_process_children_clear(&below);
    return status;
}

/* Says whether a runtime is on cores of a set alone. */
static bool
is_within(const struct neuron_counter_sample *runtime, const struct neuron_core_set *cores)
{
    for (uint32_t nc = 0; nc < runtime->core_count; nc += 1) {
        if (!neuron_core_set_contains(cores, runtime->cores[nc].core)) {
            return false;
        }
    }
    return true;
}

/* Takes runtimes out that name cores which neither the process holds nor the one around it: what a
   process writes of itself is believed as far as the kernel says the same. */
static void
check_runtimes(struct neuron_node_process *entry, const struct neuron_core_set *cores)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < entry->runtime_count; i += 1) {
        struct neuron_counter_sample runtime = entry->runtimes[i];

        if (is_within(&runtime, cores)) {
            entry->runtimes[kept] = runtime;
            kept += 1;
            continue;
        }
        neuron_counter_sample_clear(&runtime);
        (void)snprintf(entry->trouble, sizeof(entry->trouble),
                       "pid %d has counters of cores that it does not hold; they are left out",
                       (int)entry->pid);
    }
    entry->runtime_count = kept;
}

static void
check_entries(const struct look *look)
{
    for (uint32_t i = 0; look->places != NULL && i < look->sample->process_count; i += 1) {
        struct neuron_node_process *entry = &look->sample->processes[i];
        uint32_t around = look->places[i].parent;
        bool has_cores = neuron_core_set_count(entry->cores) > 0;

        check_runtimes(entry, has_cores || around == neuron_no_process
                                  ? entry->cores
                                  : look->sample->processes[around].cores);
    }
}

static enum neuron_status
fill_sample(struct look *look, struct neuron_error *error)
{
    enum neuron_status status = add_holders(look, error);
    uint32_t holder_count = look->sample->process_count;

    for (uint32_t i = 0; status == NEURON_OK && i < holder_count; i += 1) {
        if (look->sample->processes[i].pid != 0) {
            status = add_descendants(look, i, error);
        }
    }
    if (status == NEURON_OK) {
        check_entries(look);
        status = neuron_host_stats_read(&look->sample->host, error);
    }
    if (status == NEURON_OK) {
        status = neuron_node_tree_sort(look->sample, look->places, error);
    }
    return status;
}

enum neuron_status
neuron_node_watch_read(struct neuron_node_watch *watch, struct neuron_node_sample *sample,
                       struct neuron_error *error)
{
    struct timespec wall_time = {0};

    neuron_node_sample_clear(sample);
    (void)clock_gettime(CLOCK_REALTIME, &wall_time);
    sample->time_ns = neuron_clock_ns();
    sample->wall_time_ns =
        (uint64_t)wall_time.tv_sec * NEURON_NS_PER_S + (uint64_t)wall_time.tv_nsec;
    struct look look = {.watch = watch, .sample = sample};
    enum neuron_status status = fill_sample(&look, error);
    free(look.places);
    neuron_watched_processes_sweep(&watch->watched);
    if (status != NEURON_OK) {
        neuron_node_sample_clear(sample);
    }
    return status;
}

void
neuron_node_sample_clear(struct neuron_node_sample *sample)
{
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        free_entry(&sample->processes[i]);
    }
    free(sample->processes);
    neuron_host_stats_clear(&sample->host);
    *sample = (struct neuron_node_sample){0};
}

void
neuron_node_watch_destroy(struct neuron_node_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    neuron_watched_processes_clear(&watch->watched);
    free(watch);
}
